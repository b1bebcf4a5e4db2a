/**
 * Rings along the edges of pixels, made simple and short.
 *
 * A ring is a list of corners of pixels, clockwise on the screen around what it encloses from inside (an outer border) and
 * counter-clockwise where it is the border of a hole. A corner where three or more borders meet is a node: it stays where it is, so
 * that what lies between two nodes is the same line for the regions on both of its sides, whatever is done to it.
 */

/** Of a corner: a node; a node that two borders of one region may pass. */
export const cornerIs = { node: 1, crossing: 2 } as const;

/** Corners of a ring, whole numbers; used again for the next one, as most rings are small and there are many. */
export class Ring {
  x = new Int32Array(64);
  y = new Int32Array(64);
  flags = new Uint8Array(64);
  length = 0;
  crossings = 0;

  clear(): void {
    this.length = 0;
    this.crossings = 0;
  }

  add(x: number, y: number, flags: number): void {
    if (this.length === this.x.length) {
      this.x = grown(this.x, new Int32Array(2 * this.length));
      this.y = grown(this.y, new Int32Array(2 * this.length));
      this.flags = grown(this.flags, new Uint8Array(2 * this.length));
    }
    this.x[this.length] = x;
    this.y[this.length] = y;
    this.flags[this.length++] = flags;
    if ((flags & cornerIs.crossing) !== 0) this.crossings++;
  }
}

function grown<T extends Int32Array | Uint8Array | Float64Array>(numbers: T, larger: T): T {
  larger.set(numbers);
  return larger;
}

/** Twice the area; positive where the ring runs clockwise on the screen. A whole number. */
export function twiceRingArea({ x, y, length }: Pick<Ring, 'x' | 'y' | 'length'>): number {
  let sum = 0;
  for (let i = 0, j = length - 1; i < length; j = i, i++) sum += x[j]! * y[i]! - x[i]! * y[j]!;
  return sum;
}

/** Cuts a ring that passes a crossing twice into rings that touch there: a border that touches itself is no valid polygon. */
export function splitAtCrossings(ring: Ring): Ring[] {
  if (ring.crossings < 2) return [ring];
  const rings: Ring[] = [];
  /** Corners of the ring that is open, by their number; where in it each crossing was passed. */
  const open: number[] = [];
  const seen = new Map<string, number>();
  const key = (i: number): string => `${ring.x[i]},${ring.y[i]}`;
  const isCrossing = (i: number): boolean => (ring.flags[i]! & cornerIs.crossing) !== 0;
  const made = (corners: readonly number[]): Ring => {
    const part = new Ring();
    for (const i of corners) part.add(ring.x[i]!, ring.y[i]!, ring.flags[i]!);
    return part;
  };
  for (let i = 0; i < ring.length; i++) {
    if (isCrossing(i)) {
      const before = seen.get(key(i));
      if (before !== undefined) {
        // From the first passing to here is a ring of its own; with this passing the open one goes on.
        const loop = open.splice(before);
        for (const k of loop) if (isCrossing(k)) seen.delete(key(k));
        rings.push(made(loop));
      }
      seen.set(key(i), open.length);
    }
    open.push(i);
  }
  rings.push(made(open));
  return rings;
}

/** Fewest steps of a staircase that are worth a straight line. */
const fewestSteps = 3;

/**
 * Staircases of steps of one pixel become the lines that they stand for: lines through the middle of each step, which leave the
 * pixels' edges by half a pixel at most. As much is cut off on one side of such a line as is added on the other, so the area stays
 * what it is. What is left out lies in half a pixel along an edge that no other border meets: rings stay simple and touch no
 * others.
 */
export class RingSmoother {
  /** x0, y0, x1, y1 … of the last ring, multiples of a half. */
  points = new Float64Array(1024);
  length = 0;
  /** Corners of an arc, in the direction in which it is gone through. */
  #arc = new Int32Array(1024);
  #arcLength = 0;

  /** @returns the points, which the next ring overwrites */
  smooth(ring: Ring): Float64Array {
    const { length: n, x, y, flags } = ring;
    if (this.points.length < 2 * n) this.points = new Float64Array(4 * n);
    if (this.#arc.length < 2 * n + 2) this.#arc = new Int32Array(4 * n + 2);
    let from = 0;
    while (from < n && (flags[from]! & cornerIs.node) === 0) from++;
    if (from === n) from = topLeft(ring);
    this.length = 0;
    this.#arcLength = 0;
    for (let i = 0, at = from; i <= n; i++, at = at + 1 === n ? 0 : at + 1) {
      this.#arc[this.#arcLength++] = x[at]!;
      this.#arc[this.#arcLength++] = y[at]!;
      if (i !== n && (i === 0 || (flags[at]! & cornerIs.node) === 0)) continue;
      this.#smoothArc();
      this.#arc[0] = x[at]!;
      this.#arc[1] = y[at]!;
      this.#arcLength = 2;
    }
    this.#dropStraight();
    return this.points.subarray(0, this.length);
  }

  /** The same line from both ends: it is always gone through from the same one. Its last point is the first of the next. */
  #smoothArc(): void {
    const arc = this.#arc;
    const last = this.#arcLength - 2;
    const order =
      arc[1]! - arc[last + 1]! ||
      arc[0]! - arc[last]! ||
      arc[3]! - arc[last - 1]! ||
      arc[2]! - arc[last - 2]!;
    const start = this.length;
    if (order > 0) reverse(arc, 0, this.#arcLength);
    this.#smoothForward();
    if (order > 0) reverse(this.points, start, this.length);
    this.length -= 2;
  }

  #smoothForward(): void {
    const arc = this.#arc;
    const { points } = this;
    const n = this.#arcLength / 2;
    let to = this.length;
    for (let i = 0; i < n;) {
      const steps = stepsFrom(arc, n, i);
      points[to++] = arc[2 * i]!;
      points[to++] = arc[2 * i + 1]!;
      if (steps < fewestSteps) {
        i++;
        continue;
      }
      for (let k = i; k < i + 2 * steps; k += 2) {
        points[to++] = (arc[2 * k]! + arc[2 * k + 2]!) / 2;
        points[to++] = (arc[2 * k + 1]! + arc[2 * k + 3]!) / 2;
      }
      // The end of the last step: from there on it is looked at next.
      i += 2 * steps - 1;
    }
    this.length = to;
  }

  /** Leaves out the points that lie on the line between their neighbours. */
  #dropStraight(): void {
    const { points, length } = this;
    let px = points[length - 2]!;
    let py = points[length - 1]!;
    const [firstX, firstY] = [points[0]!, points[1]!];
    let to = 0;
    for (let at = 0; at < length; at += 2) {
      const x = points[at]!;
      const y = points[at + 1]!;
      const isLast = at + 2 === length;
      const nx = isLast ? firstX : points[at + 2]!;
      const ny = isLast ? firstY : points[at + 3]!;
      if ((x - px) * (ny - y) === (nx - x) * (y - py)) continue;
      points[to++] = x;
      points[to++] = y;
      px = x;
      py = y;
    }
    this.length = to;
  }
}

function topLeft({ x, y, length }: Ring): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    if (y[i]! < y[best]! || (y[i] === y[best] && x[i]! < x[best]!)) best = i;
  }
  return best;
}

/** Points from..to, the last one first. */
function reverse(points: Int32Array | Float64Array, from: number, to: number): void {
  for (let a = from, b = to - 2; a < b; a += 2, b -= 2) {
    const x = points[a]!;
    const y = points[a + 1]!;
    points[a] = points[b]!;
    points[a + 1] = points[b + 1]!;
    points[b] = x;
    points[b + 1] = y;
  }
}

/** How many steps of one pixel, every second edge from corner `i` of `n` on, go the same way up or down and along. */
function stepsFrom(arc: Int32Array, n: number, i: number): number {
  if (i === 0 || i + 2 >= n) return 0;
  const stepX = arc[2 * i + 2]! - arc[2 * i]!;
  const stepY = arc[2 * i + 3]! - arc[2 * i + 1]!;
  if (Math.abs(stepX) + Math.abs(stepY) !== 1) return 0;
  const dx = arc[2 * i]! - arc[2 * i - 2]!;
  const dy = arc[2 * i + 1]! - arc[2 * i - 1]!;
  let steps = 0;
  // Each step needs an edge behind it that goes on as the one before it did.
  for (let k = i; k + 2 < n; k += 2) {
    const at = 2 * k;
    if (arc[at + 2]! - arc[at]! !== stepX || arc[at + 3]! - arc[at + 1]! !== stepY) break;
    if ((arc[at + 4]! - arc[at + 2]!) * dx + (arc[at + 5]! - arc[at + 3]!) * dy <= 0) break;
    steps++;
  }
  return steps;
}
