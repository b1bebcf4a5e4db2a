import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planGrid } from '../../../../src-main/core/grid.ts';
import {
  encodeClasses,
  encodeMeans,
  noLabel,
  packMask,
  stripPixels,
  unpackMask,
} from '../../../../src-main/core/segment-mask.ts';
import { MaskRows } from '../../../../src-main/core/segment-rows.ts';
import { inStrip, maskPlace, type MaskPlace } from '../../../../src-main/core/segment-seams.ts';
import { deflate, inflate } from './segment-field.ts';

const grids = fc
  .record({
    width: fc.integer({ min: 1, max: 300 }),
    height: fc.integer({ min: 1, max: 300 }),
    tileWidth: fc.integer({ min: 3, max: 160 }),
    tileHeight: fc.integer({ min: 3, max: 160 }),
    share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    halo: fc.integer({ min: 0, max: 6 }),
    at: fc.nat(),
  })
  .map(({ width, height, share, halo, at, ...tile }) => {
    const overlap = Math.floor(Math.min(tile.tileWidth, tile.tileHeight) * share);
    const plan = planGrid({ imageWidth: width, imageHeight: height, scaleX: 1, scaleY: 1, ...tile, overlap });
    return { plan, tile: at % (plan.columns * plan.rows), rule: { halo, seams: 'blend' as const } };
  });

test('a mask comes back as it was packed, pixel by pixel', () => {
  fc.assert(
    fc.property(
      grids,
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: 0, max: 4 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat(255)),
      ({ plan, tile, rule }, classes, planes, isNoisy, bytes) => {
        const place = maskPlace(plan, tile, rule);
        const { rect, strips } = place;
        const next = (): number => bytes.next().value as number;
        let label = 0;
        const labels = Uint8Array.from({ length: rect.width * rect.height }, () => {
          if (isNoisy || next() < 8) label = next() < 20 ? noLabel : next() % classes;
          return label;
        });
        const probability = Uint8Array.from(labels, () => next());
        const pixels = stripPixels({ ...rect, strips });
        const stripPlanes = Uint8Array.from({ length: planes * pixels }, () => next());
        const means = encodeMeans(labels, probability, rect.width);
        const classRuns = encodeClasses(labels, rect.width);
        const mask = { width: rect.width, height: rect.height, strips, planes, rule: 'threshold' as const };
        const packed = packMask({ ...mask, classes: classRuns, means, stripPlanes }, deflate);
        const back = unpackMask(packed, inflate);
        expect(back).toMatchObject(mask);
        for (const [got, put] of [
          [back.classes, classRuns],
          [back.means, means],
          [back.stripPlanes, stripPlanes],
        ] as const) {
          expect(Uint8Array.from(got)).toEqual(put);
        }
        checkRows(new MaskRows(back, place, classes), place, labels, probability, pixels);
      },
    ),
    { numRuns: 60 },
  );
});

function checkRows(
  rows: MaskRows,
  place: MaskPlace,
  labels: Uint8Array,
  probability: Uint8Array,
  pixels: number,
): void {
  const { rect } = place;
  let strip = 0;
  for (let y = 0; y < rect.height; y++) {
    rows.advanceTo(rect.y + y);
    let x = 0;
    for (let run = 0; run < rows.count; run++) {
      for (; x < rows.ends[run]! - rect.x; x++) {
        expect(rows.labels[run]).toBe(labels[y * rect.width + x]);
        if (inStrip(place, x, y)) expect(rows.stripIndex(rect.x + x, rect.y + y)).toBe(strip++);
      }
    }
    expect(x).toBe(rect.width);
    // The mean over a block, by hand.
    const label = labels[y * rect.width]!;
    if (label === noLabel) continue;
    const block: number[] = [];
    for (let by = y - (y % 8); by < Math.min(rect.height, y - (y % 8) + 8); by++) {
      for (let bx = 0; bx < Math.min(rect.width, 8); bx++) {
        if (labels[by * rect.width + bx] === label) block.push(probability[by * rect.width + bx]!);
      }
    }
    const mean = Math.round(block.reduce((a, b) => a + b, 0) / block.length);
    expect(rows.probabilitySum(label, rect.x, rect.x + 1, rect.y + y)).toBe(mean);
  }
  expect(strip).toBe(pixels);
}

test('strips lie within both tiles, and along an axis no pixel lies in two of them', () => {
  fc.assert(
    fc.property(grids, ({ plan, rule }) => {
      for (let tile = 0; tile < plan.columns; tile++) {
        const { core, strips, rect } = maskPlace(plan, tile, rule);
        expect(strips.left + strips.right).toBeLessThanOrEqual(core.width);
        if (tile > 0) expect(maskPlace(plan, tile - 1, rule).strips.right).toBe(strips.left);
        expect(rect.width).toBeLessThanOrEqual(Math.min(plan.tileWidth, plan.imageWidth));
      }
    }),
  );
});

test('what is no mask is refused', () => {
  expect(() => unpackMask(new Uint8Array(3), inflate)).toThrow(RangeError);
  expect(() => unpackMask(new Uint8Array(40).fill(9), inflate)).toThrow(/version 9/);
  const strips = { left: 0, top: 0, right: 0, bottom: 0 };
  const good = packMask(
    {
      width: 4,
      height: 2,
      strips,
      planes: 0,
      rule: 'highest',
      classes: encodeClasses(new Uint8Array(8), 4),
      means: new Uint8Array(0),
      stripPlanes: new Uint8Array(0),
    },
    deflate,
  );
  const place = {
    core: { x: 0, y: 0, width: 4, height: 2 },
    rect: { x: 0, y: 0, width: 4, height: 2 },
    strips,
  };
  const wide = { ...place, rect: { ...place.rect, width: 5 } };
  expect(() => new MaskRows(unpackMask(good, inflate), wide, 1)).toThrow(RangeError);
  const long = good.slice();
  long[33] = 5;
  expect(() => new MaskRows(unpackMask(long, inflate), place, 1).advanceTo(1)).toThrow(/run of 5 pixels/);
});
