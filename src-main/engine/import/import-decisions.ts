/**
 * GeoJSON that came back from QuPath or a GIS: objects that are findings of a run, known by their ids, bring decisions and other classes;
 * outlines that were changed there, and what was drawn there, become annotations.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { mostAnnotations, type Annotation } from '../../contract/annotation.ts';
import type { Verdict } from '../../contract/finding.ts';
import { isSameOutline, roundedBy } from '../../core/annotation-feature.ts';
import { findingId, tileObjectId } from '../../core/finding-id.ts';
import { readAnnotations } from '../../core/geojson-annotations.ts';
import type { DecidedFinding } from '../../store/finding-store.ts';
import type { CaseSession } from '../case-session.ts';
import { putAnnotations } from '../annotations.ts';
import { runIdOf } from '../run-id.ts';

const featureSchema = z.looseObject({
  type: z.literal('Feature'),
  id: z.unknown().optional(),
  geometry: z.looseObject({ type: z.string(), coordinates: z.unknown() }).nullish(),
  properties: z
    .looseObject({
      objectType: z.string().optional(),
      classification: z
        .looseObject({ name: z.string().nullish(), names: z.array(z.string()).optional() })
        .nullish(),
      metadata: z.record(z.string(), z.unknown()).optional(),
      isLocked: z.boolean().optional(),
      /** As RFC 7946 exports have them. */
      kind: z.string().optional().catch(undefined),
      class: z.unknown().optional(),
      verdict: z.unknown().optional(),
    })
    .nullish(),
});
type Feature = z.infer<typeof featureSchema>;

export interface ImportedDecisions {
  /** Findings of the run that the file has. */
  matched: number;
  accepted: number;
  rejected: number;
  relabelled: number;
  /** Decisions that were taken back. */
  cleared: number;
  /** Findings at or above the threshold that the file does not have; they are rejected where that was asked for. */
  missing: number;
  annotations: number;
  /** Objects that are neither findings of the run nor annotations. */
  leftOut: number;
  /** Classes that the model does not have, and that nothing was made of. */
  unknownClasses: string[];
}

/** The features of a file; null where it is no GeoJSON. */
export function featuresOf(file: unknown): unknown[] | null {
  if (Array.isArray(file)) return file.length > 0 && file.every(isFeature) ? file : null;
  const collection = z.looseObject({ type: z.literal('FeatureCollection'), features: z.array(z.unknown()) });
  const { data } = collection.safeParse(file);
  return data?.features ?? (isFeature(file) ? [file] : null);
}

function isFeature(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Feature';
}

/** The newest run that has findings of the file; null where none has. */
export function runOf({ file }: CaseSession, features: readonly unknown[]): number | null {
  const ids = features.flatMap((feature) => {
    const { data } = featureSchema.safeParse(feature);
    return typeof data?.id === 'string' ? [data.id] : [];
  });
  const runs = file.runs.list().toReversed();
  return runs.find(({ no }) => ids.some((id) => file.findings.byId(no, id) !== null))?.no ?? null;
}

/**
 * @param no the run that the file is about
 * @param whole the parsed file, which says what its coordinates are
 * @param rejectMissing findings that were deleted there are rejected here
 * @throws {GigatileError} usage where an annotation cannot be read
 */
export function importDecisions(
  session: CaseSession,
  no: number,
  whole: unknown,
  features: readonly unknown[],
  { reviewer, rejectMissing }: { reviewer: string; rejectMissing: boolean },
): ImportedDecisions {
  const { file } = session;
  const run = file.runs.get(no);
  const at = new Date().toISOString();
  const found: ImportedDecisions = {
    matched: 0,
    accepted: 0,
    rejected: 0,
    relabelled: 0,
    cleared: 0,
    missing: 0,
    annotations: 0,
    leftOut: 0,
    unknownClasses: [],
  };
  const unknown = new Set<string>();
  const seen = new Set<string>();
  const drawn: Feature[] = [];
  const known = new Set(file.annotations.list().map(({ id }) => id));
  const decide = (finding: DecidedFinding, verdict: Verdict | null, classIndex: number | null): void => {
    file.decisions.add(no, {
      finding: finding.id,
      verdict,
      classIndex,
      note: finding.note,
      reviewer,
      modelSha256: run.modelSha256,
      at,
    });
    if (verdict === null) found.cleared++;
    else if (classIndex !== null) found.relabelled++;
    else found[verdict]++;
  };
  file.transaction(() => {
    for (const entry of features) {
      const { data: feature } = featureSchema.safeParse(entry);
      if (feature === undefined) {
        found.leftOut++;
        continue;
      }
      const finding = typeof feature.id === 'string' ? file.findings.byId(no, feature.id) : null;
      if (finding === null) {
        if (isCut(feature, known)) continue;
        if (isDrawn(feature)) drawn.push(feature);
        else if (!isGap(feature) && !isMeasuredTile(feature, no)) found.leftOut++;
        continue;
      }
      found.matched++;
      seen.add(finding.id);
      const change = changeOf(
        feature,
        finding,
        run.manifest.classes.map(({ name }) => name),
        unknown,
      );
      if (change !== null) decide(finding, change.verdict, change.classIndex);
      if (isReshaped(feature, finding)) drawn.push(correction(feature, finding.id));
    }
    const missing = [...file.findings.all(no)].filter(
      ({ id, score }) => score >= run.threshold && !seen.has(id),
    );
    found.missing = missing.length;
    if (rejectMissing) {
      for (const finding of missing) if (finding.verdict !== 'rejected') decide(finding, 'rejected', null);
    }
    if (drawn.length > 0) {
      const context = typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? whole : {};
      const text = JSON.stringify({ ...context, type: 'FeatureCollection', features: drawn });
      const { annotations, leftOut } = readAnnotations(text, session.image.info, randomUUID);
      found.leftOut += leftOut;
      const changed = changedOnes(
        annotations,
        file.annotations.list(),
        roundedBy(session.image.info.geo?.metersPerPixel ?? null),
      );
      const taken = changed.slice(0, mostAnnotations);
      if (taken.length > 0) putAnnotations(file, taken, reviewer);
      found.annotations = taken.length;
      found.leftOut += changed.length - taken.length;
    }
    found.unknownClasses = [...unknown];
    const { unknownClasses: _names, ...counts } = found;
    file.events.append(no, 'decisions-imported', { reviewer, ...counts });
  });
  return found;
}

/** Those that the case has not, or has otherwise: who drew what comes back as it went out stays its author. */
function changedOnes(
  read: readonly Annotation[],
  known: readonly Annotation[],
  tolerance: number,
): Annotation[] {
  const byId = new Map(known.map((annotation) => [annotation.id, annotation]));
  return read.flatMap((annotation) => {
    const before = byId.get(annotation.id);
    if (before === undefined || !isSameOutline(annotation, before, tolerance)) return [annotation];
    const { className, color, name } = annotation;
    const isSame =
      className === before.className && name === before.name && String(color) === String(before.color);
    // Its kind and its exact places are those of the case: files know fewer kinds.
    const { id, kind, points, holes } = before;
    return isSame ? [] : [{ id, kind, points, ...(holes && { holes }), className, color, name }];
  });
}

/** What our own exports put there for tiles that failed. */
function isGap({ properties }: Feature): boolean {
  return properties?.isLocked === true && properties.classification?.name === 'Not analysed';
}

/** What our own exports put there for tiles that are no findings; with a class that somebody gave one, nothing can be done here. */
function isMeasuredTile({ id, properties }: Feature, no: number): boolean {
  const tile = properties?.metadata?.['tile'];
  if (typeof tile !== 'string' || properties?.classification != null) return false;
  return id === tileObjectId(runIdOf(no), Number(tile));
}

/** Went out in two parts, at the antimeridian: what came back would be two. */
function isCut({ id, geometry, properties }: Feature, known: ReadonlySet<string>): boolean {
  return (
    properties?.objectType === undefined &&
    geometry?.type === 'MultiPolygon' &&
    typeof id === 'string' &&
    known.has(id)
  );
}

function isDrawn(feature: Feature): boolean {
  const { objectType: type, kind } = feature.properties ?? {};
  return (
    (type === undefined ? [undefined, 'annotation'].includes(kind) : type === 'annotation') && !isGap(feature)
  );
}

/** QuPath's own class for what is not to be counted, and the derived class that our exports use. */
const rejected = /^(?:(.*): ?Rejected|Ignore\*|Rejected)$/i;

function nameOf({ properties }: Feature): string | null {
  const { classification } = properties ?? {};
  if (classification?.name != null) return classification.name;
  if (classification?.names !== undefined) return classification.names.join(': ');
  return typeof properties?.class === 'string' ? properties.class : null;
}

/** null: the file says what is in force already. */
function changeOf(
  feature: Feature,
  finding: DecidedFinding,
  classes: readonly string[],
  unknown: Set<string>,
): { verdict: Verdict | null; classIndex: number | null } | null {
  const name = nameOf(feature);
  const match = name === null ? null : rejected.exec(name);
  const stated = feature.properties?.verdict ?? feature.properties?.metadata?.['verdict'];
  if (match !== null || (stated === 'rejected' && feature.properties?.classification == null)) {
    return finding.verdict === 'rejected' ? null : { verdict: 'rejected', classIndex: null };
  }
  const classIndex = name === null ? finding.classIndex : classes.indexOf(name);
  if (classIndex < 0 && name !== null) unknown.add(name);
  if (classIndex >= 0 && classIndex !== finding.classIndex) {
    return { verdict: 'accepted', classIndex: classIndex === finding.modelClass ? null : classIndex };
  }
  if (stated === 'accepted')
    return finding.verdict === 'accepted' ? null : { verdict: 'accepted', classIndex: null };
  // It was rejected when it left, and has its class again.
  return finding.verdict === 'rejected' ? { verdict: null, classIndex: null } : null;
}

/** Exports are rounded to hundredths. */
const tolerance = 0.02;

/** Whether the outline differs from that of the finding; of files in pixels only. */
function isReshaped({ geometry, properties }: Feature, finding: DecidedFinding): boolean {
  if (properties?.objectType === undefined || geometry == null) return false;
  const points = pointsOf(geometry.coordinates);
  if (points.length === 0) return false;
  const rings = finding.shape?.polygons.flat() ?? [];
  const isBox = rings.length === 0;
  const { x, y, width, height } = finding;
  const ours = isBox ? [[x, y, x + width, y, x + width, y + height, x, y + height]] : rings;
  const bounds = (values: readonly number[]): number[] => [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((most, value) => Math.max(most, value), -Infinity),
  ];
  const theirs = [...bounds(points.map(([px]) => px)), ...bounds(points.map(([, py]) => py))];
  const flat = ours.flat();
  const mine = [...bounds(flat.filter((_, i) => i % 2 === 0)), ...bounds(flat.filter((_, i) => i % 2 === 1))];
  if (mine.some((value, i) => Math.abs(value - theirs[i]!) > tolerance)) return true;
  // The same bounds with another number of corners: closed rings repeat their first point.
  return points.length !== flat.length / 2 + ours.length;
}

function pointsOf(coordinates: unknown): [number, number][] {
  if (!Array.isArray(coordinates)) return [];
  const [x, y] = coordinates as unknown[];
  if (typeof x === 'number' && typeof y === 'number') return [[x, y]];
  return coordinates.flatMap(pointsOf);
}

const nowhere = { kind: 'detection', x: 0, y: 0, width: 0, height: 0, classIndex: 0, score: 0 } as const;

function correction(feature: Feature, id: string): Feature {
  const { isLocked: _locked, ...properties } = feature.properties ?? {};
  return {
    ...feature,
    // The same each time, so that the same file twice makes no second one; not the finding's, which goes out beside it.
    id: findingId(`correction of ${id}`, nowhere),
    properties: { ...properties, objectType: 'annotation', name: `Corrected outline of ${id}` },
  };
}
