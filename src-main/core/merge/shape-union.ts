/** Shapes joined into one: polygons with holes, valid whatever the outlines are like. */
import type { Shape } from '../../contract/finding.ts';
import { edgesOf, scan, xAt, type Polygons } from './scan.ts';

/** Corners are rounded to multiples of this, in pixels, so that those that two shapes share are one. */
export const unionStep = 1 / 256;

/** Border pieces, the inside on their right hand as they go (y down); `edge` tells those of one straight line. */
interface Segment {
  x: number;
  y: number;
  toX: number;
  toY: number;
  edge: number;
  used: boolean;
}

/**
 * The union. Slabs give trapezoids (./scan.ts); their sides, and at each height what lies on one side of it only, are the border.
 * It is closed by construction, so going along it always leads back.
 */
export function unionPolygons(shapes: readonly Polygons[]): Shape['polygons'] {
  const edges = edgesOf(shapes, unionStep);
  const round = (x: number): number => Math.round(x / unionStep) * unionStep;
  const segments: Segment[] = [];
  const add = (x: number, y: number, toX: number, toY: number, edge: number): void => {
    segments.push({ x, y, toX, toY, edge, used: false });
  };
  /** Ends of what is inside at the bottom of the slab above. */
  let above: number[] = [];
  let height = Number.NaN;

  scan(edges, (top, bottom, order) => {
    const tops: number[] = [];
    const bottoms: number[] = [];
    const sides: number[] = [];
    const inside = new Uint8Array(shapes.length);
    let shapesHere = 0;
    let [lastTop, lastBottom] = [-Infinity, -Infinity];
    for (const e of order) {
      const before = shapesHere;
      const owner = edges.owner[e]!;
      inside[owner] = 1 - inside[owner]!;
      shapesHere += inside[owner] === 1 ? 1 : -1;
      if (before > 0 && shapesHere > 0) continue;
      // Rounding may let neighbours change places by a hair: they meet instead.
      lastTop = Math.max(lastTop, round(xAt(edges, e, top)));
      lastBottom = Math.max(lastBottom, round(xAt(edges, e, bottom)));
      if (shapesHere > 0 && tops.at(-1) === lastTop && bottoms.at(-1) === lastBottom) {
        // Begins where the last one ended: one piece.
        tops.pop();
        bottoms.pop();
        sides.pop();
      } else {
        tops.push(lastTop);
        bottoms.push(lastBottom);
        sides.push(e);
      }
      const isEmpty = shapesHere === 0 && tops.at(-1) === tops.at(-2) && bottoms.at(-1) === bottoms.at(-2);
      if (isEmpty) {
        tops.length -= 2;
        bottoms.length -= 2;
        sides.length -= 2;
      }
    }
    addLevel(add, top, above, tops);
    for (let k = 0; k < sides.length; k += 2) {
      add(bottoms[k]!, bottom, tops[k]!, top, sides[k]!);
      add(tops[k + 1]!, top, bottoms[k + 1]!, bottom, sides[k + 1]!);
    }
    above = bottoms;
    height = bottom;
  });
  addLevel(add, height, above, []);
  return nest(ringsOf(segments), edges.x0, edges.y0);
}

/** At one height: where there is something below only, or above only. */
function addLevel(
  add: (x: number, y: number, toX: number, toY: number, edge: number) => void,
  y: number,
  above: readonly number[],
  below: readonly number[],
): void {
  const ends = [...new Set([...above, ...below])].sort((p, q) => p - q);
  let [a, b] = [0, 0];
  for (let k = 0; k + 1 < ends.length; k++) {
    while (a < above.length && above[a]! <= ends[k]!) a++;
    while (b < below.length && below[b]! <= ends[k]!) b++;
    const isAbove = a % 2 === 1;
    const isBelow = b % 2 === 1;
    if (isBelow && !isAbove) add(ends[k]!, y, ends[k + 1]!, y, -1);
    if (isAbove && !isBelow) add(ends[k + 1]!, y, ends[k]!, y, -1);
  }
}

/** Rings along the border, without points on straight lines. */
function ringsOf(segments: readonly Segment[]): number[][] {
  const leaving = new Map<string, Segment[]>();
  for (const segment of segments) {
    const key = `${segment.x} ${segment.y}`;
    const list = leaving.get(key);
    if (list) list.push(segment);
    else leaving.set(key, [segment]);
  }
  const rings: number[][] = [];
  for (const start of segments) {
    if (start.used) continue;
    const path: Segment[] = [];
    let at: Segment | undefined = start;
    do {
      at.used = true;
      path.push(at);
      at = rightmost(at, leaving.get(`${at.toX} ${at.toY}`) ?? [], start);
    } while (at && at !== start);
    // Slabs cut straight lines; their pieces may be too short to tell a direction by.
    const corners = path.filter((segment, k) => {
      const before = path.at(k - 1)!;
      return before.edge !== segment.edge || (segment.edge < 0 && before.y !== segment.toY);
    });
    const ring = withoutStraight(corners.flatMap(({ x, y }) => [x, y]));
    if (ring.length >= 6) rings.push(ring);
  }
  return rings;
}

/** Without the points on a straight line between their neighbours. */
function withoutStraight(ring: readonly number[]): number[] {
  const kept = [...ring];
  for (let i = 0; i < kept.length && kept.length >= 6;) {
    const at = (k: number): [number, number] => {
      const j = (k + kept.length) % kept.length;
      return [kept[j]!, kept[j + 1]!];
    };
    const [[x0, y0], [x1, y1], [x2, y2]] = [at(i - 2), at(i), at(i + 2)];
    if ((x1 - x0) * (y2 - y1) !== (y1 - y0) * (x2 - x1)) {
      i += 2;
      continue;
    }
    kept.splice(i, 2);
    i = Math.max(0, i - 2);
  }
  return kept;
}

/** Where several pieces of border meet in a point, the way that keeps to the inside: pieces that only touch become two rings. */
function rightmost(from: Segment, leaving: readonly Segment[], start: Segment): Segment | undefined {
  let best: Segment | undefined;
  let most = -Infinity;
  const dx = from.toX - from.x;
  const dy = from.toY - from.y;
  for (const to of leaving) {
    if (to.used && to !== start) continue;
    const ex = to.toX - to.x;
    const ey = to.toY - to.y;
    const turn = Math.atan2(dx * ey - dy * ex, dx * ex + dy * ey);
    const right = turn === Math.PI ? -Math.PI : turn;
    if (right > most) {
      most = right;
      best = to;
    }
  }
  return best;
}

function signedArea(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  }
  return sum / 2;
}

function contains(ring: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
    if (yi > y !== yj > y && x < xi + ((xj - xi) * (y - yi)) / (yj - yi)) inside = !inside;
  }
  return inside;
}

/** Holes (which go the other way round) into the smallest ring around them; back to places in the image. */
function nest(rings: readonly number[][], x0: number, y0: number): Shape['polygons'] {
  const placed = (ring: readonly number[]): number[] => ring.map((v, i) => v + (i % 2 === 0 ? x0 : y0));
  const outer = rings
    .map((ring) => ({ ring, area: signedArea(ring), holes: [] as number[][] }))
    .filter(({ area }) => area > 0)
    .sort((p, q) => p.area - q.area);
  for (const ring of rings) {
    if (signedArea(ring) >= 0) continue;
    // A point of the hole's border that is no corner of another ring, a little inside the hole.
    const [x, y] = besideFirstSide(ring);
    const around = outer.find((each) => contains(each.ring, x, y));
    around?.holes.push(placed(ring));
  }
  return outer.toReversed().map(({ ring, holes }) => [placed(ring), ...holes]);
}

/** In the middle of the first side, off by a thousandth of a step to its left, where a hole is. */
function besideFirstSide(ring: readonly number[]): [number, number] {
  const [x1, y1, x2, y2] = ring as unknown as [number, number, number, number];
  const scale = unionStep / 1000 / Math.hypot(x2 - x1, y2 - y1);
  return [(x1 + x2) / 2 + (y2 - y1) * scale, (y1 + y2) / 2 - (x2 - x1) * scale];
}

/** Polygons as their union; key points of the first shape that has any. */
export function unionShapes(shapes: readonly Shape[]): Shape {
  return {
    polygons: unionPolygons(shapes.map(({ polygons }) => polygons)),
    keypoints: shapes.find(({ keypoints }) => keypoints.length > 0)?.keypoints ?? [],
  };
}
