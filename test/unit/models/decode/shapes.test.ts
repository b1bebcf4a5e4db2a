/** Rotated boxes, key points and masks. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { planGrid } from '../../../../src-main/core/grid.ts';
import { shapeArea, shapeBounds } from '../../../../src-main/core/shape.ts';
import { eachPixel, fieldOf } from '../../../../src-main/models/segment/tile-pixels.ts';
import { upsampled } from '../../../../src-main/models/segment/upsample.ts';
import { decode, detector, failure, floats, found } from './detector.ts';

const rounded = (numbers: readonly number[]): number[] => numbers.map((v) => Number(v.toFixed(3)) + 0);

describe('rotated boxes', () => {
  test('turn clockwise on the screen about their centre; the box is what holds them', () => {
    const quarter = Math.PI / 2;
    const turn = Math.PI / 6;
    const out = floats([1, 4 + 1 + 1, 2], [20, 40, 20, 40, 16, 16, 8, 8, 0.9, 0.8, quarter, turn]);
    const [upright, turned] = found(
      decode(detector({ form: 'yolov8', oriented: true }, { classes: 1 }), { out })[0],
    );
    expect(rounded(upright!.box)).toEqual([16, 12, 8, 16]);
    // The corner that was top left is top right after a quarter turn.
    expect(rounded(upright!.shape!.polygons[0]![0]!)).toEqual([24, 12, 24, 28, 16, 28, 16, 12]);
    // The right end of the long axis goes down: (8, 0) becomes (8 cos, 8 sin).
    const [x0, y0, x1, y1, x2, y2] = turned!.shape!.polygons[0]![0]!;
    expect((x1! + x2!) / 2).toBeCloseTo(40 + 8 * Math.cos(turn), 4);
    expect((y1! + y2!) / 2).toBeCloseTo(40 + 8 * Math.sin(turn), 4);
    expect(Math.hypot(x1! - x0!, y1! - y0!)).toBeCloseTo(16, 4);
    expect(shapeArea(turned!.shape!)).toBeCloseTo(128, 3);
    const bounds = shapeBounds(turned!.shape!)!;
    expect(rounded(turned!.box)).toEqual(rounded([bounds.x, bounds.y, bounds.width, bounds.height]));
  });

  test('in finished lists: x, y, w, h, score, class, angle', () => {
    const out = floats([1, 2, 7], [20, 20, 16, 8, 0.9, 2, Math.PI / 2, 0, 0, 0, 0, 0, 0, 0]);
    const [only, ...more] = found(decode(detector({ form: 'yolo-end2end', oriented: true }), { out })[0]);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ classIndex: 2 });
    expect(rounded(only!.box)).toEqual([16, 12, 8, 16]);
  });

  test('a tile that is twice as wide as the input shows: corners are stretched, not the angle', () => {
    const plan = planGrid({
      imageWidth: 128,
      imageHeight: 64,
      scaleX: 1,
      scaleY: 1,
      tileWidth: 128,
      tileHeight: 64,
      overlap: 0,
    });
    const manifest = detector({ form: 'yolo-nms', oriented: true }, { input: { resize: 'stretch' } });
    const out = floats([1, 1, 7], [20, 20, 10, 10, 0.9, 0, Math.PI / 4]);
    const half = 10 / Math.SQRT2;
    const [only] = found(decode(manifest, { out }, { plan })[0]);
    expect(rounded(only!.box)).toEqual(rounded([2 * (20 - half), 20 - half, 4 * half, 2 * half]));
  });
});

describe('key points', () => {
  test('of both kinds, in raw and finished lists, where they are on the image', () => {
    const plan = planGrid({
      imageWidth: 128,
      imageHeight: 128,
      scaleX: 2,
      scaleY: 2,
      tileWidth: 64,
      tileHeight: 64,
      overlap: 0,
    });
    const three = detector({ form: 'yolov8', keypoints: { count: 2, numbers: 3 } }, { classes: 1 });
    const raw = floats([1, 11, 1], [10, 10, 4, 4, 0.9, 9, 8, 0.75, 11, 12, 0.25]);
    expect(found(decode(three, { out: raw }, { plan })[0])[0]!.shape).toEqual({
      polygons: [],
      keypoints: [18, 16, 0.75, 22, 24, 0.25],
    });
    const two = detector({ form: 'yolo-nms', keypoints: { count: 2, numbers: 2 } });
    const list = floats([1, 1, 10], [8, 8, 12, 12, 0.9, 0, 9, 8, 11, 12]);
    expect(found(decode(two, { out: list }, { plan })[0])[0]!.shape!.keypoints).toEqual([
      18, 16, 1, 22, 24, 1,
    ]);
  });
});

/** Even-odd at the centre of a pixel. */
function covers(polygons: readonly number[][][], x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of polygons.flat()) {
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length;
      const [x1, y1, x2, y2] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

const python = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import numpy']);
    return '/usr/bin/python3';
  } catch {
    return null;
  }
})();

describe('masks', () => {
  test.skipIf(python === null)('of coefficients and prototypes are those that numpy computes', () => {
    const [m, side, size] = [4, 16, 64];
    let seed = 7;
    const random = (): number => ((seed = (seed * 16807) % 2147483647) / 2147483647) * 2 - 1;
    // Slow waves: masks with holes and several parts.
    const protos = Array.from({ length: m }, () => {
      const [fx, fy, phase] = [random() * 0.9, random() * 0.9, random() * 3];
      return Array.from({ length: side * side }, (_, i) =>
        Math.sin(fx * (i % side) + fy * Math.floor(i / side) + phase),
      );
    }).flat();
    const boxes = [
      [3.2, 5.7, 60.4, 50.1],
      [-4, -4, 70, 70],
      [30, 20, 31, 22],
      [10.5, 40, 40, 63.9],
    ];
    const coefficients = boxes.map(() => Array.from({ length: m }, random));
    const script = `
import json, sys, numpy as np
d = json.load(sys.stdin)
size, side = d['size'], d['side']
p = np.array(d['protos'], np.float32).reshape(-1, side, side)
at = np.clip((np.arange(size) + .5) * side / size - .5, 0, None)
low = np.minimum(np.floor(at).astype(int), side - 1); high = np.minimum(low + 1, side - 1); w = at - low
out = []
for box, c in zip(d['boxes'], d['coefficients']):
    z = np.tensordot(np.array(c, np.float32), p, 1).astype(np.float64)
    rows = z[low] * (1 - w)[:, None] + z[high] * w[:, None]
    big = rows[:, low] * (1 - w) + rows[:, high] * w
    r = np.arange(size)
    inside = ((r >= box[0]) & (r < box[2]))[None, :] & ((r >= box[1]) & (r < box[3]))[:, None]
    out.append(((1 / (1 + np.exp(-big)) > .5) & inside).astype(int).ravel().tolist())
print(json.dumps(out))
`;
    const truth = JSON.parse(
      execFileSync(python!, ['-c', script], {
        input: JSON.stringify({ size, side, protos, boxes, coefficients }),
      }).toString(),
    ) as number[][];
    const rows = boxes.map((box, i) => [...box, 0.9 - i / 100, 0, ...coefficients[i]!]);
    const outputs = {
      out: floats([1, rows.length, 6 + m], rows.flat()),
      protos: floats([1, m, side, side], protos),
    };
    const got = found(decode(detector({ form: 'yolo-nms', protos: 'protos' }), outputs)[0]);
    expect(got).toHaveLength(boxes.length);
    let most = 0;
    let wrong = 0;
    got.forEach(({ shape }, k) => {
      const mask = truth[k]!;
      const pixels = mask.reduce((sum, v) => sum + v, 0);
      most = Math.max(most, pixels);
      expect(shapeArea(shape!)).toBeCloseTo(pixels, 6);
      // Away from the border, which is smoothed by up to half a pixel, each pixel is what it is.
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const at = (dx: number, dy: number): number =>
            x + dx < 0 || y + dy < 0 || x + dx >= size || y + dy >= size
              ? 0
              : mask[(y + dy) * size + x + dx]!;
          const same = [-1, 0, 1].every((dy) => [-1, 0, 1].every((dx) => at(dx, dy) === at(0, 0)));
          if (same && covers(shape!.polygons, x + 0.5, y + 0.5) !== (at(0, 0) === 1)) wrong++;
        }
      }
    });
    expect(wrong).toBe(0);
    expect(most).toBeGreaterThan(500);
  });

  test('of the input: with a hole, and in two parts', () => {
    const mask = new Uint8Array(64 * 64);
    const fill = (x0: number, y0: number, x1: number, y1: number, value: number): void => {
      for (let y = y0; y < y1; y++) mask.fill(value, y * 64 + x0, y * 64 + x1);
    };
    fill(10, 10, 30, 30, 1);
    fill(15, 15, 20, 20, 0);
    fill(40, 40, 44, 50, 1);
    const outputs = {
      out: floats([1, 1, 5], [10, 10, 44, 50, 0.9]),
      labels: { dims: [1, 1], data: Float64Array.of(1) },
      masks: { dims: [1, 1, 64, 64], data: mask },
    };
    const manifest = detector({ form: 'dets-labels', labels: 'labels', masks: 'masks' });
    const [only] = found(decode(manifest, outputs)[0]);
    expect(only!.shape!.polygons.map((rings) => rings.length)).toEqual([2, 1]);
    expect(shapeArea(only!.shape!)).toBe(400 - 25 + 40);
    expect(shapeBounds(only!.shape!)).toEqual({ x: 10, y: 10, width: 34, height: 40 });
    const small = { ...outputs, masks: { dims: [1, 1, 28, 28], data: new Float32Array(28 * 28) } };
    expect(failure(() => decode(manifest, small)).message).toMatch(/masks has the shape 1 x 1 x 28 x 28/);
  });

  test('of RF-DETR: logits of each query, enlarged and not cropped to its box', () => {
    const side = 16;
    const wave = (i: number, q: number): number =>
      Math.sin((i % side) * 0.5 + q) + Math.cos(Math.floor(i / side) * 0.4 - q) - 0.6;
    const masks = Array.from({ length: 2 * side * side }, (_, i) =>
      wave(i % (side * side), Math.floor(i / (side * side))),
    );
    const outputs = {
      out: floats([1, 2, 4], [0.2, 0.2, 0.1, 0.1, 0.7, 0.7, 0.2, 0.2]),
      labels: floats([1, 2, 3], [4, -9, 3, -9, -9, 2]),
      masks: floats([1, 2, side, side], masks),
    };
    const manifest = detector({ form: 'rf-detr', labels: 'labels', masks: 'masks' });
    const got = found(decode(manifest, outputs)[0]);
    const seen = { x: 0, y: 0, width: 64, height: 64 };
    const pixels = [0, 1].map((q) => {
      const tensor = {
        dims: [1, side, side],
        data: Float32Array.from(masks.slice(q * side * side, (q + 1) * side * side)),
      };
      const field = upsampled(
        fieldOf('m', tensor, { i: 0, count: 1, seen, wanted: seen }, 1, 'NCHW'),
        seen,
        'bilinear',
      );
      let inside = 0;
      eachPixel(field, seen, (_, from) => (inside += Number(Number(field.data[from]) > 0)));
      return inside;
    });
    expect(Math.min(...pixels)).toBeGreaterThan(300);
    expect(pixels[0]).not.toBe(pixels[1]);
    // Two classes of the first query and one of the second, best first.
    expect(got.map(({ shape }) => Math.round(shapeArea(shape!)))).toEqual([pixels[0], pixels[0], pixels[1]]);
  });

  test('shapes go with the detections that a tile owns, in their order', () => {
    const plan = planGrid({
      imageWidth: 118,
      imageHeight: 64,
      scaleX: 1,
      scaleY: 1,
      tileWidth: 64,
      tileHeight: 64,
      overlap: 10,
    });
    // The first lies beyond the core of tile 0; the second has an empty mask; the third a full one.
    const out = floats(
      [1, 3, 7],
      [60, 0, 64, 4, 0.9, 0, 1, 2, 2, 6, 6, 0.8, 0, -1, 10, 10, 14, 18, 0.7, 0, 1],
    );
    const protos = floats([1, 1, 1, 1], [5]);
    const manifest = detector({ form: 'yolo-nms', protos: 'protos' });
    const own = found(decode(manifest, { out, protos }, { plan, keepAll: false })[0]);
    expect(own.map((d) => [d.box[0], shapeArea(d.shape!)])).toEqual([
      [2, 0],
      [10, 32],
    ]);
    expect(found(decode(manifest, { out, protos }, { plan })[0])).toHaveLength(3);
  });
});

test('a detection cannot be rotated and have key points', () => {
  const manifest = detector({ form: 'yolov8', oriented: true, keypoints: { count: 1, numbers: 2 } });
  expect(failure(() => decode(manifest, { out: floats([1, 9, 1], new Float32Array(9)) })).code).toBe(
    'model-invalid',
  );
});
