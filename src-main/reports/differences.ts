/** What two runs have in common and what not, for other programs: a table, or GeoJSON. */
import type { ComparisonGroup } from '../contract/compare.ts';
import type { FindingView } from '../contract/finding.ts';
import { groupColours, groupNames } from '../core/compare/group-colours.ts';
import { geometry, type Place } from './geojson-rfc7946.ts';
import { polygonsOf } from './outlines.ts';
import { csvText, decimalText, tableLine } from './table-text.ts';

export interface Difference {
  group: ComparisonGroup;
  a: FindingView | null;
  b: FindingView | null;
  iou: number | null;
}

/** Lines that are handed on together. */
const linesAChunk = 2000;
const style = { separator: ',', end: '\r\n', text: csvText };

/** One line an object: what A says of it and what B says; level-0 pixels. */
export function* differencesCsv(differences: Iterable<Difference>): Generator<string> {
  const sides = ['a', 'b'] as const;
  const names = ['id', 'class', 'score', 'x_px', 'y_px', 'width_px', 'height_px', 'verdict'];
  const head = ['group', 'iou', ...sides.flatMap((side) => names.map((name) => `${side}_${name}`))];
  yield* inChunks(
    differences,
    ({ group, a, b, iou }) =>
      tableLine([group, iou === null ? '' : decimalText(iou, 4), ...fields(a), ...fields(b)], style),
    tableLine(head, style),
  );
}

function fields(finding: FindingView | null): string[] {
  if (finding === null) return Array.from({ length: 8 }, () => '');
  const { id, className, score, box, verdict } = finding;
  const place = [box.x, box.y, box.width, box.height].map((value) => decimalText(value, 2));
  return [csvText(id), csvText(className), decimalText(score, 6), ...place, verdict ?? ''];
}

/**
 * As QuPath reads it: the classification is the group, derived by the class, so that both can be filtered by.
 * @param place where the image has a place on Earth: then as RFC 7946 has it; else in level-0 pixels
 */
export function* differencesGeojson(
  differences: Iterable<Difference>,
  about: Record<string, unknown>,
  place: Place | null,
): Generator<string> {
  yield `{"type":"FeatureCollection","gigatile":${JSON.stringify(about)},"features":[\n`;
  let separator = '';
  yield* inChunks(differences, (difference) => {
    const line = separator + JSON.stringify(feature(difference, place));
    separator = ',\n';
    return line;
  });
  yield '\n]}\n';
}

function feature({ group, a, b, iou }: Difference, place: Place | null): object {
  const shown = a ?? b;
  if (shown === null) throw new RangeError('a difference without findings');
  return {
    type: 'Feature',
    id: shown.id,
    geometry: place === null ? inPixels(shown) : geometry(polygonsOf(shown), place),
    properties: {
      objectType: 'detection',
      classification: {
        name: `${groupNames[group]}: ${shown.className}`,
        color: [...groupColours[group]],
      },
      measurements: {
        ...(a !== null && { 'Score A': a.score }),
        ...(b !== null && { 'Score B': b.score }),
        ...(iou !== null && { IoU: Math.round(iou * 1e4) / 1e4 }),
      },
      ...(group === 'other-class' && b !== null && { metadata: { 'class in B': b.className } }),
    },
  };
}

function inPixels(finding: FindingView): object {
  const rings = polygonsOf(finding).map((polygon) => polygon.map(closedRing));
  return rings.length === 1
    ? { type: 'Polygon', coordinates: rings[0] }
    : { type: 'MultiPolygon', coordinates: rings };
}

function closedRing(ring: readonly number[]): [number, number][] {
  const round = (value: number) => Math.round(value * 100) / 100;
  const points: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) points.push([round(ring[i] ?? 0), round(ring[i + 1] ?? 0)]);
  const [first] = points;
  return first === undefined ? points : [...points, [...first]];
}

function* inChunks(
  differences: Iterable<Difference>,
  line: (difference: Difference) => string,
  head = '',
): Generator<string> {
  let text = head;
  let lines = 0;
  for (const difference of differences) {
    text += line(difference);
    if (++lines % linesAChunk !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}
