/** Lists of boxes for the merge tests: from rows, and at random in ways that make ties, duplicates and piles. */
import * as fc from 'fast-check';

/** x, y, width, height, class, score, tile. */
export type Row = [number, number, number, number, number, number, number];

export function pack(rows: readonly (readonly number[])[]): { packed: Float32Array; tiles: Int32Array } {
  return {
    packed: Float32Array.from(rows.flatMap((row) => row.slice(0, 6))),
    tiles: Int32Array.from(rows, (row) => row[6] ?? 0),
  };
}

const score = fc.oneof(fc.constantFrom(0.25, 0.5, 0.75), fc.float({ min: 0, max: 1, noNaN: true }));

/** Whole numbers from a small range: many equal scores, duplicates, and metrics that are exactly the threshold. */
const integerRow = fc.tuple(
  fc.integer({ min: 0, max: 24 }),
  fc.integer({ min: 0, max: 24 }),
  fc.constantFrom(0, 4, 8, 10),
  fc.constantFrom(5, 8, 10),
  fc.integer({ min: 0, max: 1 }),
  score,
  fc.integer({ min: 0, max: 3 }),
);
const coordinate = fc.oneof(
  fc.float({ min: 0, max: 60, noNaN: true }),
  // Far out, where float32 has steps of 1/64 pixel.
  fc.float({ min: 131072, max: 131104, noNaN: true }),
);
/** Sizes from a hundredth of a pixel to a thousand pixels. */
const anyRow = fc.tuple(
  coordinate,
  coordinate,
  fc.oneof(
    fc.float({ min: 4, max: 16, noNaN: true }),
    fc.float({ min: Math.fround(0.01), max: 1000, noNaN: true }),
  ),
  fc.oneof(
    fc.float({ min: 4, max: 16, noNaN: true }),
    fc.float({ min: Math.fround(0.01), max: 1000, noNaN: true }),
  ),
  fc.integer({ min: 0, max: 1 }),
  score,
  fc.integer({ min: 0, max: 3 }),
);

export const rows: fc.Arbitrary<Row[]> = fc.oneof(
  fc.array(integerRow, { maxLength: 60 }),
  fc.array(anyRow, { maxLength: 60 }),
);
