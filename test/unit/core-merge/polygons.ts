/** Polygons at random for the merge tests, and what they cover told by looking at points. */
import * as fc from 'fast-check';

export type Ring = number[];
export type Polygons = Ring[][];

/** Corners of a box turned by `angle` (radians) about its centre. */
export function rotatedBox(cx: number, cy: number, width: number, height: number, angle: number): Ring {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].flatMap(([u = 0, v = 0]) => {
    const [x, y] = [(u * width) / 2, (v * height) / 2];
    return [cx + x * c - y * s, cy + x * s + y * c];
  });
}

/** Whether a point is inside, by the even-odd rule over all rings: how often a ray to the right meets a side. */
export function covers(polygons: Polygons, x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of polygons.flat()) {
    for (let i = 0; i < ring.length; i += 2) {
      const next = (i + 2) % ring.length;
      const [x1, y1, x2, y2] = [ring[i]!, ring[i + 1]!, ring[next]!, ring[next + 1]!];
      if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

/** A star round a point: simple, not convex, at times with a hole of half its size. */
export const star: fc.Arbitrary<Polygons> = fc
  .record({
    cx: fc.float({ min: 0, max: 40, noNaN: true }),
    cy: fc.float({ min: 0, max: 40, noNaN: true }),
    radii: fc.array(fc.float({ min: 4, max: 20, noNaN: true }), { minLength: 3, maxLength: 12 }),
    hole: fc.boolean(),
  })
  .map(({ cx, cy, radii, hole }) => {
    const at = (scale: number): Ring =>
      radii.flatMap((radius, k) => {
        const angle = (2 * Math.PI * k) / radii.length;
        return [
          Math.fround(cx + radius * scale * Math.cos(angle)),
          Math.fround(cy + radius * scale * Math.sin(angle)),
        ];
      });
    return [hole ? [at(1), at(0.5)] : [at(1)]];
  });

/** What masks give: unions of unit squares on the pixel grid, here one rectangle with a rectangular hole or notch. */
export const blocks: fc.Arbitrary<Polygons> = fc
  .record({
    x: fc.integer({ min: 0, max: 12 }),
    y: fc.integer({ min: 0, max: 12 }),
    width: fc.integer({ min: 3, max: 12 }),
    height: fc.integer({ min: 3, max: 12 }),
    form: fc.constantFrom('plain', 'hole', 'notch', 'two'),
  })
  .map(({ x, y, width, height, form }) => {
    const rectangle = (l: number, t: number, w: number, h: number): Ring => [
      l,
      t,
      l + w,
      t,
      l + w,
      t + h,
      l,
      t + h,
    ];
    const whole = rectangle(x, y, width, height);
    if (form === 'hole') return [[whole, rectangle(x + 1, y + 1, width - 2, height - 2)]];
    // Two that touch in a corner.
    if (form === 'two') return [[whole], [rectangle(x + width, y + height, 2, 2)]];
    if (form === 'plain') return [[whole]];
    return [[[x, y, x + width, y, x + width, y + height, x + 1, y + height, x + 1, y + 1, x, y + 1]]];
  });

export const anyPolygons = fc.oneof(star, blocks);
