/**
 * GeoJSON as RFC 7946 has it, for geo-referenced images: longitude and latitude in WGS84, right-handed rings, polygons cut at the
 * antimeridian, no `crs` member. The image's own coordinate system is named beside the features.
 */
import type { AnnotationView } from '../contract/annotation.ts';
import { GigatileError } from '../contract/errors.ts';
import type { FindingView } from '../contract/finding.ts';
import { tileStateCode } from '../contract/run.ts';
import { outerRing } from '../core/annotation-shapes.ts';
import type { Ring } from '../core/antimeridian.ts';
import { areaMeasure, withinImage, type AreaMeasure } from '../core/areas.ts';
import { earthPolygons } from '../core/earth-polygons.ts';
import { pixelToLonLat } from '../core/geo.ts';
import { coreRect } from '../core/grid.ts';
import { physicalArea, polygonsOf, type FlatPolygon } from './outlines.ts';
import { provenance, type ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { tilesInState } from './summary.ts';

/** A polygon in pixels as polygons on the Earth. */
export type Place = (rings: FlatPolygon) => Ring[][];

/** @throws {GigatileError} image-unsupported where the image has no geo-reference, or one in an unknown coordinate system */
export async function* geojsonRfc7946(data: ReportData): AsyncGenerator<string> {
  const { geo } = data.image;
  if (geo === null) {
    throw new GigatileError(
      'image-unsupported',
      'The image has no geo-reference, so its findings have no place on Earth',
      {
        where: data.image.name,
      },
    );
  }
  const { width, height } = data.image;
  const place = earthPolygons({ width, height, geo });
  const about = {
    ...provenance(data),
    imageCrs: crsWords(geo),
    // In RFC 7946 a feature is a finding: what was not analysed stands here, so that nobody counts it.
    notAnalysed: tilesInState(data, tileStateCode.failed).map((tile) =>
      geometry(polygonsOf({ box: withinImage(coreRect(data.plan, tile), data.image) }), place),
    ),
  };
  yield `{"type":"FeatureCollection","gigatile":${JSON.stringify(about)},"features":[`;
  const measure = areaMeasure(data.image);
  let separator = '\n';
  for await (const page of shownPages(data)) {
    yield (
      separator + page.map((finding) => JSON.stringify(feature(data, finding, place, measure))).join(',\n')
    );
    separator = ',\n';
  }
  const at = pixelToLonLat(geo);
  for (const annotation of data.annotations) {
    yield separator + JSON.stringify(annotationPlaced(annotation, place, at));
    separator = ',\n';
  }
  yield '\n]}\n';
}

function crsWords({ epsg, crsName }: NonNullable<ReportData['image']['geo']>): string {
  const code = epsg === null ? 'described by the image itself' : `EPSG:${epsg}`;
  return crsName === null ? code : `${code} (${crsName})`;
}

function feature(data: ReportData, finding: FindingView, place: Place, measure: AreaMeasure | null): object {
  const { values, valueNames } = data.tiles;
  const named = valueNames.map((name, v) => [name, values?.[finding.tile * valueNames.length + v] ?? null]);
  return {
    type: 'Feature',
    id: finding.id,
    geometry: geometry(polygonsOf(finding), place),
    properties: {
      kind: finding.kind,
      class: finding.className,
      score: finding.score,
      verdict: finding.verdict,
      reviewer: finding.reviewer,
      decidedAt: finding.decidedAt,
      ...(finding.modelClassName !== undefined && { modelClass: finding.modelClassName }),
      ...(finding.note !== undefined && { note: finding.note }),
      x: finding.box.x,
      y: finding.box.y,
      width: finding.box.width,
      height: finding.box.height,
      ...(measure !== null && finding.shape && { areaKm2: round(physicalArea(finding, measure)) }),
      ...(finding.kind === 'tile' && values !== null ? Object.fromEntries(named) : {}),
    },
  };
}

/** What a reviewer drew: `kind` tells it from findings, and its id lets it be known again. */
function annotationPlaced(
  annotation: AnnotationView,
  place: Place,
  at: (x: number, y: number) => readonly [number, number],
): object {
  const { id, kind, className, color, name, author, changedAt } = annotation;
  return {
    type: 'Feature',
    id,
    geometry: annotationGeometry(annotation, place, at),
    properties: {
      kind: 'annotation',
      drawn: kind,
      class: className,
      color: [...color],
      name,
      author,
      changedAt,
    },
  };
}

function annotationGeometry(
  annotation: AnnotationView,
  place: Place,
  at: (x: number, y: number) => readonly [number, number],
): object | null {
  const ring = outerRing(annotation);
  if (ring !== null) {
    const rings = [ring, ...(annotation.holes ?? [])];
    return geometry([rings.map((each) => each.flat())], place);
  }
  const points = annotation.points.map(([x, y]) => at(x, y).map((value) => roundDegrees(value)));
  if (!points.flat().every((value) => Number.isFinite(value))) return null;
  return points.length === 1
    ? { type: 'Point', coordinates: points[0] }
    : { type: 'LineString', coordinates: points };
}

/** A centimetre, as of polygons. */
const roundDegrees = (value: number) => Math.round(value * 1e7) / 1e7;

/** Square metres. */
const round = (km2: number) => Math.round(km2 * 1e6) / 1e6;

/** null where the coordinate system does not reach: a feature without a place, as the RFC has it (section 3.2). */
export function geometry(polygons: readonly FlatPolygon[], place: Place): object | null {
  const placed = polygons.flatMap(place);
  const [only, ...others] = placed;
  if (only === undefined) return null;
  if (others.length === 0) return { type: 'Polygon', coordinates: only };
  return { type: 'MultiPolygon', coordinates: placed };
}
