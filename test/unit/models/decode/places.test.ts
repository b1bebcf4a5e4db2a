/** From pixels of the model's input to level-0 pixels, and which tile owns what. */
import { describe, expect, test } from 'vitest';
import { coreModelRect, planGrid } from '../../../../src-main/core/grid.ts';
import { decode, detector, floats, found } from './detector.ts';

const row = (...numbers: number[]) => ({ out: floats([1, 1, numbers.length], numbers) });

describe('places', () => {
  test('a letterboxed tile: the padding is taken off, then the scale, then the image', () => {
    // 100 x 50 model pixels in 64 x 64: scale 0.64, 64 x 32, 16 rows of padding above. Level 0 is 2 x 3 times as fine.
    const plan = planGrid({
      imageWidth: 200,
      imageHeight: 150,
      scaleX: 2,
      scaleY: 3,
      tileWidth: 100,
      tileHeight: 50,
      overlap: 0,
    });
    const manifest = detector({ form: 'yolo-nms' }, { input: { resize: 'letterbox' } });
    const [result] = decode(manifest, row(6.4, 16 + 3.2, 12.8, 16 + 9.6, 0.9, 1), { plan });
    expect(found(result)[0]!.box.map((v) => Number(v.toFixed(3)))).toEqual([20, 15, 20, 30]);
  });

  test('a stretched tile, the second one', () => {
    const plan = planGrid({
      imageWidth: 256,
      imageHeight: 32,
      scaleX: 1,
      scaleY: 1,
      tileWidth: 128,
      tileHeight: 32,
      overlap: 0,
    });
    const manifest = detector({ form: 'yolo-nms' }, { input: { resize: 'stretch' } });
    const [result] = decode(manifest, row(8, 8, 16, 32, 0.9, 0), { plan, tiles: [1] });
    expect(found(result)[0]!.box).toEqual([128 + 16, 4, 16, 12]);
  });

  test('boxes end where the picture does; what lies in the padding only is nothing', () => {
    const plan = planGrid({
      imageWidth: 40,
      imageHeight: 30,
      scaleX: 1,
      scaleY: 1,
      tileWidth: 64,
      tileHeight: 64,
      overlap: 0,
    });
    const out = floats([1, 3, 6], [-5, 20, 12, 60, 0.9, 0, 50, 5, 60, 15, 0.8, 0, 10, 10, 10, 20, 0.7, 0]);
    const [result] = decode(detector({ form: 'yolo-nms' }), { out }, { plan });
    expect(found(result).map((d) => d.box)).toEqual([
      [0, 20, 12, 10],
      [10, 10, 0, 10],
    ]);
  });
});

describe('ownership', () => {
  const plan = planGrid({
    imageWidth: 118,
    imageHeight: 64,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 64,
    tileHeight: 64,
    overlap: 10,
  });

  test('of two tiles that see an object the one owns it whose core has its centre; keepAll gives both', () => {
    expect(coreModelRect(plan, 0).width).toBe(59);
    // Centre at 58 and 60 of the image; tile 1 begins at 54.
    const out = floats(
      [2, 2, 6],
      [56, 9, 60, 13, 0.9, 0, 58, 29, 62, 33, 0.8, 1, 2, 9, 6, 13, 0.9, 0, 4, 29, 8, 33, 0.8, 1],
    );
    const own = decode(detector({ form: 'yolo-nms' }), { out }, { plan, tiles: [0, 1], keepAll: false });
    expect(own.map((r) => found(r).map((d) => d.box))).toEqual([[[56, 9, 4, 4]], [[58, 29, 4, 4]]]);
    const all = decode(detector({ form: 'yolo-nms' }), { out }, { plan, tiles: [0, 1], keepAll: true });
    expect(all.map((r) => found(r))).toHaveLength(2);
    for (const result of all) expect(found(result)).toHaveLength(2);
    // The colour counts each once: one in an area of 59 x 64.
    for (const result of all) expect(result).toMatchObject({ score: 1 / (59 * 64) });
  });
});
