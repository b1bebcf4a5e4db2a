/**
 * GeoJSON as QuPath reads it: level-0 pixels, origin top left; `objectType`, `classification` always with a colour (without one
 * QuPath refuses the object), `measurements` as a map. Tiles that were analysed and are no findings have their measurements and no
 * class, so that they show in a measurement map and are counted as nothing. Failed tiles come along as locked annotations, so that a
 * hole in the result is a hole that shows; what reviewers drew does too, under its own ids, so that it is known again when the file
 * comes back.
 */
import type { FindingView } from '../contract/finding.ts';
import { tileStateCode, type Rect } from '../contract/run.ts';
import { annotationFeature } from '../core/annotation-feature.ts';
import { areaMeasure, withinImage } from '../core/areas.ts';
import { classColour, rejectedColour, stateColours, type Rgb } from '../core/colour.ts';
import { findingId, tileObjectId } from '../core/finding-id.ts';
import { coreRect, tileCount } from '../core/grid.ts';
import { partFinder } from '../core/set-layout.ts';
import { findingArea, physicalArea, polygonsOf } from './outlines.ts';
import { provenance, type ReportData } from './report-data.ts';
import { pagesOf, shownPages } from './shown-pages.ts';
import { tilesInState } from './summary.ts';

type PictureAt = (box: Rect) => string | null;

export async function* geojsonQupath(data: ReportData): AsyncGenerator<string> {
  yield `{"type":"FeatureCollection","gigatile":${JSON.stringify(provenance(data))},"features":[`;
  const partOf = data.image.parts === null ? null : partFinder(data.image.parts);
  const pictureAt: PictureAt = ({ x, y, width, height }) =>
    partOf?.(x + width / 2, y + height / 2)?.name ?? null;
  const isFinding = new Uint8Array(tileCount(data.plan));
  let separator = '\n';
  for await (const page of shownPages(data)) {
    for (const { kind, tile } of page) if (kind === 'tile') isFinding[tile] = 1;
    const features = page.map((finding) =>
      JSON.stringify(findingFeature(data, finding, pictureAt(finding.box))),
    );
    yield separator + features.join(',\n');
    separator = ',\n';
  }
  for (const page of pagesOf(measuredTiles(data, isFinding))) {
    yield separator + page.map((tile) => JSON.stringify(measuredFeature(data, tile, pictureAt))).join(',\n');
    separator = ',\n';
  }
  for (const tile of tilesInState(data, tileStateCode.failed)) {
    yield separator + JSON.stringify(gapFeature(data, tile));
    separator = ',\n';
  }
  for (const annotation of data.annotations) {
    const { author, changedAt } = annotation;
    yield separator + JSON.stringify(annotationFeature(annotation, { author, 'changed at': changedAt }));
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** @param picture of a set, the one that the finding lies in */
function findingFeature(data: ReportData, finding: FindingView, picture: string | null): object {
  const isRejected = finding.verdict === 'rejected';
  const colour = isRejected ? rejectedColour : classColour(data.model.manifest, finding.classIndex);
  const { verdict, reviewer, decidedAt } = finding;
  const metadata = {
    ...(picture !== null && { picture }),
    ...(verdict !== null && { verdict, reviewer: reviewer ?? '', 'decided at': decidedAt ?? '' }),
    ...(finding.modelClassName !== undefined && { 'model class': finding.modelClassName }),
    ...(finding.note !== undefined && { note: finding.note }),
  };
  return {
    type: 'Feature',
    id: finding.id,
    geometry: geometry(finding),
    properties: {
      // QuPath knows no regions; detections are what it holds many of.
      objectType: finding.kind === 'region' ? 'detection' : finding.kind,
      // QuPath's derived class: hidden or counted apart with one click.
      classification: classification(
        isRejected ? `${finding.className}: Rejected` : finding.className,
        colour,
      ),
      measurements: measurements({
        Score: finding.score,
        ...areas(data, finding),
        ...(finding.kind === 'tile' && tileValues(data, finding.tile)),
      }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    },
  };
}

/** Of findings with an outline. */
function areas({ image, run }: ReportData, finding: FindingView): Record<string, number> {
  if (finding.shape === undefined || finding.shape.polygons.length === 0) return {};
  const measure = areaMeasure(image, run.parameters.mpp);
  return {
    'Area px^2': findingArea(finding),
    ...(measure?.unit === 'mm²' && { 'Area µm^2': physicalArea(finding, measure) * 1e6 }),
  };
}

/** Class fractions or values of the tile. */
function tileValues({ tiles }: ReportData, tile: number): Record<string, number> {
  const { values, valueNames } = tiles;
  if (values === null) return {};
  return Object.fromEntries(
    valueNames.map((name, v) => [name, values[tile * valueNames.length + v] ?? Number.NaN]),
  );
}

/** Tiles that are no findings, of models that say something of each: detectors find things in tiles. */
function* measuredTiles({ tiles, model }: ReportData, isFinding: Uint8Array): Generator<number> {
  if (tiles.values === null || model.manifest.task === 'detect') return;
  for (const [tile, state] of tiles.states.entries()) {
    if (state === tileStateCode.done && isFinding[tile] === 0) yield tile;
  }
}

function measuredFeature(data: ReportData, tile: number, pictureAt: PictureAt): object {
  const core = withinImage(coreRect(data.plan, tile), data.image);
  const picture = pictureAt(core);
  return {
    type: 'Feature',
    id: tileObjectId(data.run.id, tile),
    geometry: polygon(core),
    properties: {
      objectType: 'tile',
      measurements: measurements(tileValues(data, tile)),
      metadata: { ...(picture !== null && { picture }), tile: String(tile) },
    },
  };
}

function gapFeature(data: ReportData, tile: number): object {
  const { plan, run } = data;
  const core = withinImage(coreRect(plan, tile), data.image);
  const reason = data.failures.find((group) => group.tiles.includes(tile))?.message;
  const identity = { kind: 'tile' as const, ...core, classIndex: 0, score: 0 };
  return {
    type: 'Feature',
    id: findingId(`${run.id} gap`, identity),
    geometry: polygon(core),
    properties: {
      objectType: 'annotation',
      name: `Not analysed: tile ${tile}${reason === undefined ? '' : `, ${reason}`}`,
      classification: classification('Not analysed', [
        stateColours.failed[0],
        stateColours.failed[1],
        stateColours.failed[2],
      ]),
      isLocked: true,
    },
  };
}

function classification(name: string, colour: Rgb): object {
  return { name, color: [...colour] };
}

/** JSON has no NaN: QuPath takes such numbers as strings. */
function measurements(named: Record<string, number>): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
  );
}

/** Hundredths of a pixel. */
const round = (value: number) => Math.round(value * 100) / 100;

function geometry(finding: FindingView): object {
  const polygons = polygonsOf(finding).map((rings) => rings.map(closedRing));
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons };
}

function closedRing(ring: readonly number[]): [number, number][] {
  const points: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) points.push([round(ring[i] ?? 0), round(ring[i + 1] ?? 0)]);
  const [first] = points;
  if (first !== undefined) points.push([...first]);
  return points;
}

function polygon(rect: Rect): object {
  const x1 = round(rect.x);
  const y1 = round(rect.y);
  const x2 = round(rect.x + rect.width);
  const y2 = round(rect.y + rect.height);
  return {
    type: 'Polygon',
    coordinates: [
      [
        [x1, y1],
        [x2, y1],
        [x2, y2],
        [x1, y2],
        [x1, y1],
      ],
    ],
  };
}
