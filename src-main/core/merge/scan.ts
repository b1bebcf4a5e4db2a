/**
 * Polygons in horizontal slabs: between two neighbouring heights at which edges begin, end or cross, all edges run side by side, so
 * what lies between them is trapezoids. Areas and unions follow from that without any case for edges that touch, coincide or
 * share corners, which outlines of masks do all the time.
 *
 * What is inside goes by the even-odd rule for each shape, rings of holes included.
 */

/** Polygons of a shape: rings of x0, y0, x1, y1 … */
export type Polygons = readonly (readonly (readonly number[])[])[];

/** Edges downwards (y1 < y2) in columns, sorted by y1; `owner` is the shape's number. */
export interface Edges {
  count: number;
  x1: Float64Array;
  y1: Float64Array;
  x2: Float64Array;
  y2: Float64Array;
  owner: Int32Array;
}

/**
 * @param step coordinates are rounded to multiples of it; 0: not at all
 * @returns the edges relative to an origin; horizontal ones left out, as what they bound is known from the others
 */
export function edgesOf(shapes: readonly Polygons[], step: number): Edges & { x0: number; y0: number } {
  const round = step === 0 ? (v: number) => v : (v: number) => Math.round(v / step) * step;
  let [x0, y0] = [Infinity, Infinity];
  for (const ring of shapes.flat(2)) {
    for (let i = 0; i < ring.length; i += 2) {
      x0 = Math.min(x0, ring[i]!);
      y0 = Math.min(y0, ring[i + 1]!);
    }
  }
  [x0, y0] = [Math.floor(x0), Math.floor(y0)];
  const rows: number[][] = [];
  shapes.forEach((polygons, owner) => {
    for (const ring of polygons.flat()) {
      let px = round(ring.at(-2)! - x0);
      let py = round(ring.at(-1)! - y0);
      for (let i = 0; i < ring.length; i += 2) {
        const x = round(ring[i]! - x0);
        const y = round(ring[i + 1]! - y0);
        if (y > py) rows.push([px, py, x, y, owner]);
        else if (y < py) rows.push([x, y, px, py, owner]);
        px = x;
        py = y;
      }
    }
  });
  // By the numbers alone, so that the order of the shapes changes nothing.
  rows.sort((p, q) => p[1]! - q[1]! || p[0]! - q[0]! || p[3]! - q[3]! || p[2]! - q[2]!);
  const column = (k: number) => Float64Array.from(rows, (row) => row[k]!);
  return {
    x0,
    y0,
    count: rows.length,
    x1: column(0),
    y1: column(1),
    x2: column(2),
    y2: column(3),
    owner: Int32Array.from(rows, (row) => row[4]!),
  };
}

/** Where an edge is at a height; exactly at its ends. */
export function xAt({ x1, y1, x2, y2 }: Edges, e: number, y: number): number {
  if (y <= y1[e]!) return x1[e]!;
  if (y >= y2[e]!) return x2[e]!;
  return x1[e]! + ((x2[e]! - x1[e]!) * (y - y1[e]!)) / (y2[e]! - y1[e]!);
}

/** All heights at which edges begin, end or cross, ascending, each once. */
function heights(edges: Edges): Float64Array {
  const { count, x1, y1, x2, y2 } = edges;
  const ys: number[] = [];
  let open: number[] = [];
  for (let e = 0; e < count; e++) {
    ys.push(y1[e]!, y2[e]!);
    const left = Math.min(x1[e]!, x2[e]!);
    const right = Math.max(x1[e]!, x2[e]!);
    let ended = 0;
    for (const o of open) {
      if (y2[o]! <= y1[e]!) {
        ended++;
        continue;
      }
      if (Math.min(x1[o]!, x2[o]!) > right || Math.max(x1[o]!, x2[o]!) < left) continue;
      const top = y1[e]!;
      const bottom = Math.min(y2[e]!, y2[o]!);
      const before = x1[e]! - xAt(edges, o, top);
      const after = xAt(edges, e, bottom) - xAt(edges, o, bottom);
      if (before * after >= 0) continue;
      ys.push(top + ((bottom - top) * before) / (before - after));
    }
    if (ended * 2 > open.length) open = open.filter((o) => y2[o]! > y1[e]!);
    open.push(e);
  }
  return Float64Array.from(new Set(Float64Array.from(ys).sort()));
}

/** Calls for each slab from the top: its heights and the numbers of the edges through it, from left to right. */
export function scan(
  edges: Edges,
  visit: (top: number, bottom: number, order: readonly number[]) => void,
): void {
  const ys = heights(edges);
  const middle = new Float64Array(edges.count);
  let next = 0;
  let open: number[] = [];
  for (let k = 0; k + 1 < ys.length; k++) {
    const top = ys[k]!;
    const bottom = ys[k + 1]!;
    open = open.filter((e) => edges.y2[e]! > top);
    while (next < edges.count && edges.y1[next]! <= top) open.push(next++);
    const y = (top + bottom) / 2;
    for (const e of open) middle[e] = xAt(edges, e, y);
    open.sort((p, q) => middle[p]! - middle[q]! || p - q);
    visit(top, bottom, open);
  }
}

/** Areas of two shapes and of what they share. */
export function areasOf(a: Polygons, b: Polygons): { a: number; b: number; both: number } {
  const edges = edgesOf([a, b], 0);
  const areas = { a: 0, b: 0, both: 0 };
  scan(edges, (top, bottom, order) => {
    const y = (top + bottom) / 2;
    const inside: [boolean, boolean] = [false, false];
    let from = 0;
    for (const e of order) {
      const x = xAt(edges, e, y);
      // Linear from top to bottom: the length in the middle is the mean.
      const area = (x - from) * (bottom - top);
      if (inside[0]) areas.a += area;
      if (inside[1]) areas.b += area;
      if (inside[0] && inside[1]) areas.both += area;
      const owner = edges.owner[e] === 0 ? 0 : 1;
      inside[owner] = !inside[owner];
      from = x;
    }
  });
  return areas;
}
