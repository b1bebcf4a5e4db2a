/**
 * Rings along the edges of pixels, made simple and short.
 *
 * A ring is a list of corners of pixels, clockwise on the screen around what it encloses from inside (an outer border) and
 * counter-clockwise where it is the border of a hole. A corner where three or more borders meet is a node: it stays where it is, so
 * that what lies between two nodes is the same line for the regions on both of its sides, whatever is done to it.
 */

/** Of a corner: a node; a node that two borders of one region may pass. */
export const cornerIs = { node: 1, crossing: 2 } as const;

export interface Ring {
  x: number[];
  y: number[];
  flags: number[];
}

/**
 * Twice the area of a ring; positive where it runs clockwise on the screen. Whole numbers for whole pixels.
 */
export function twiceRingArea({ x, y }: Pick<Ring, 'x' | 'y'>): number {
  let sum = 0;
  for (let i = 0, j = x.length - 1; i < x.length; j = i, i++) sum += x[j]! * y[i]! - x[i]! * y[j]!;
  return sum;
}

/** Cuts a ring that passes a crossing twice into rings that touch there: a border that touches itself is no valid polygon. */
export function splitAtCrossings(ring: Ring): Ring[] {
  const { x, y, flags } = ring;
  if (flags.reduce((sum, flag) => sum + (flag & cornerIs.crossing), 0) < 2 * cornerIs.crossing) return [ring];
  const rings: Ring[] = [];
  const open: Ring = { x: [], y: [], flags: [] };
  const seen = new Map<string, number>();
  for (let i = 0; i < x.length; i++) {
    const isCrossing = (flags[i]! & cornerIs.crossing) !== 0;
    const key = isCrossing ? `${x[i]},${y[i]}` : '';
    const before = isCrossing ? seen.get(key) : undefined;
    if (before === undefined) {
      if (isCrossing) seen.set(key, open.x.length);
    } else {
      // From the first passing to here is a ring of its own; the first passing stays for what goes on.
      const loop: Ring = {
        x: open.x.splice(before),
        y: open.y.splice(before),
        flags: open.flags.splice(before),
      };
      for (let k = 0; k < loop.x.length; k++) {
        if ((loop.flags[k]! & cornerIs.crossing) !== 0) seen.delete(`${loop.x[k]},${loop.y[k]}`);
      }
      rings.push(loop);
      seen.set(key, open.x.length);
    }
    open.x.push(x[i]!);
    open.y.push(y[i]!);
    open.flags.push(flags[i]!);
  }
  rings.push(open);
  return rings;
}

/** Fewest steps of a staircase that are worth a straight line. */
const fewestSteps = 3;

/**
 * Staircases of steps of one pixel become the lines that they stand for: lines through the middle of each step, which leave the
 * pixels' edges by half a pixel at most. As much is cut off on one side of such a line as is added on the other, so the area stays
 * what it is. What is left out lies in half a pixel along an edge that no other border meets: rings stay simple and touch no
 * others.
 *
 * @returns x0, y0, x1, y1 …, multiples of a half
 */
export function smoothRing(ring: Ring): number[] {
  const n = ring.x.length;
  const start = ring.flags.findIndex((flag) => (flag & cornerIs.node) !== 0);
  const from = start < 0 ? topLeft(ring) : start;
  const points: number[] = [];
  let arc: number[] = [];
  for (let i = 0; i <= n; i++) {
    const at = (from + i) % n;
    arc.push(ring.x[at]!, ring.y[at]!);
    const isEnd = i === n || (i > 0 && (ring.flags[at]! & cornerIs.node) !== 0);
    if (!isEnd) continue;
    const smooth = smoothArc(arc);
    // Its last point is the first of the next one.
    for (let k = 0; k < smooth.length - 2; k++) points.push(smooth[k]!);
    arc = [ring.x[at]!, ring.y[at]!];
  }
  return withoutStraight(points);
}

function topLeft({ x, y }: Ring): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) {
    if (y[i]! < y[best]! || (y[i] === y[best] && x[i]! < x[best]!)) best = i;
  }
  return best;
}

/** The same line from both ends: it is always gone through from the same one. */
function smoothArc(arc: readonly number[]): number[] {
  const last = arc.length - 2;
  const order =
    arc[1]! - arc[last + 1]! || arc[0]! - arc[last]! || arc[3]! - arc[last - 1]! || arc[2]! - arc[last - 2]!;
  if (order <= 0) return smoothForward(arc);
  return reversed(smoothForward(reversed(arc)));
}

function reversed(points: readonly number[]): number[] {
  const back: number[] = [];
  for (let i = points.length - 2; i >= 0; i -= 2) back.push(points[i]!, points[i + 1]!);
  return back;
}

function smoothForward(arc: readonly number[]): number[] {
  const n = arc.length / 2;
  const points: number[] = [];
  for (let i = 0; i < n;) {
    const steps = stepsFrom(arc, i);
    points.push(arc[2 * i]!, arc[2 * i + 1]!);
    if (steps < fewestSteps) {
      i++;
      continue;
    }
    for (let k = i; k < i + 2 * steps; k += 2) {
      points.push((arc[2 * k]! + arc[2 * k + 2]!) / 2, (arc[2 * k + 1]! + arc[2 * k + 3]!) / 2);
    }
    // The end of the last step, unless it is looked at next.
    i += 2 * steps - 1;
  }
  return points;
}

/** How many steps of one pixel, every second edge from corner `i` on, go the same way up or down and along. */
function stepsFrom(arc: readonly number[], i: number): number {
  const n = arc.length / 2;
  let steps = 0;
  if (i === 0) return 0;
  const edgeX = (k: number): number => arc[2 * k + 2]! - arc[2 * k]!;
  const edgeY = (k: number): number => arc[2 * k + 3]! - arc[2 * k + 1]!;
  const dx = edgeX(i - 1);
  const dy = edgeY(i - 1);
  const stepX = i < n - 1 ? edgeX(i) : 0;
  const stepY = i < n - 1 ? edgeY(i) : 0;
  if (Math.abs(stepX) + Math.abs(stepY) !== 1) return 0;
  // Each step needs an edge behind it that goes on as the one before it did.
  for (let k = i; k + 2 < n; k += 2) {
    if (edgeX(k) !== stepX || edgeY(k) !== stepY) break;
    if (edgeX(k + 1) * dx + edgeY(k + 1) * dy <= 0) break;
    steps++;
  }
  return steps;
}

/** Without the points that lie on the line between their neighbours. */
function withoutStraight(points: readonly number[]): number[] {
  const n = points.length / 2;
  const kept: number[] = [];
  for (let i = 0; i < n; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    const [px, py] =
      kept.length > 0 ? [kept.at(-2)!, kept.at(-1)!] : [points[2 * n - 2]!, points[2 * n - 1]!];
    const next = (2 * i + 2) % (2 * n);
    const [nx, ny] = [points[next]!, points[next + 1]!];
    if ((x - px) * (ny - y) !== (nx - x) * (y - py)) kept.push(x, y);
  }
  return kept;
}
