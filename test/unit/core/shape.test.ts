/** Outlines as numbers: what is written is read again, whatever it is; what is no shape is refused. */
import { array, assert, float, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeShapeFrame, encodeShapeFrame } from '../../../src-main/contract/shape-frame.ts';
import { decodeShape, encodeShape, shapeArea, shapeBounds } from '../../../src-main/core/shape.ts';

const number = float({ noNaN: true, noDefaultInfinity: true });
const points = (most: number, numbers: number) =>
  array(number, { maxLength: most * numbers }).map((values) =>
    values.slice(0, Math.floor(values.length / numbers) * numbers),
  );
const shape = record({
  polygons: array(array(points(8, 2), { maxLength: 4 }), { maxLength: 4 }),
  keypoints: points(6, 3),
});

describe('a packed shape', () => {
  it('comes back as it was, also one behind the other', () => {
    assert(
      property(shape, shape, (a, b) => {
        const packed = [encodeShape(a), encodeShape(b)];
        const both = new Float32Array(packed[0]!.length + packed[1]!.length);
        both.set(packed[0]!);
        both.set(packed[1]!, packed[0]!.length);
        const first = decodeShape(both);
        expect(first.shape).toEqual(a);
        expect(decodeShape(both, first.end)).toEqual({ shape: b, end: both.length });
      }),
    );
  });

  it('is refused where the numbers are none', () => {
    for (const numbers of [[], [1], [1, 1, 3, 0, 0], [-1], [0.5], [Number.NaN], [1, 1e9], [0, 1, 1, 2]]) {
      expect(() => decodeShape(Float32Array.from(numbers)), String(numbers)).toThrow(/no shape/);
    }
  });

  it('has the area of its rings, holes taken off, and their bounds', () => {
    const square = (x: number, y: number, side: number) => [
      x,
      y,
      x + side,
      y,
      x + side,
      y + side,
      x,
      y + side,
    ];
    const ring = { polygons: [[square(10, 20, 8), square(12, 22, 2)], [square(100, 0, 1)]], keypoints: [] };
    expect(shapeArea(ring)).toBe(64 - 4 + 1);
    expect(shapeBounds(ring)).toEqual({ x: 10, y: 0, width: 91, height: 28 });
    expect(shapeBounds({ polygons: [], keypoints: [1, 2, 1] })).toBeNull();
  });
});

describe('a frame of shapes', () => {
  it('comes back as it was', () => {
    assert(
      property(array(shape, { maxLength: 5 }), (shapes) => {
        const packed = shapes.map((each, i) => ({
          ordinal: i * 1000,
          classIndex: i,
          verdict: (i % 3) as 0 | 1 | 2,
          numbers: encodeShape(each),
        }));
        const bytes = encodeShapeFrame(packed, 77);
        const found = decodeShapeFrame(bytes.buffer as ArrayBuffer, decodeShape);
        expect(found.total).toBe(77);
        expect(found.shapes).toEqual(
          packed.map(({ ordinal, classIndex, verdict }, i) => ({
            ordinal,
            classIndex,
            verdict,
            shape: shapes[i],
          })),
        );
      }),
    );
  });

  it('is refused where the bytes are none', () => {
    expect(() => decodeShapeFrame(new ArrayBuffer(4), decodeShape)).toThrow(RangeError);
    expect(() => decodeShapeFrame(new ArrayBuffer(64), decodeShape)).toThrow('not a shape frame');
    const cut = encodeShapeFrame(
      [{ ordinal: 0, classIndex: 0, verdict: 0, numbers: Float32Array.of(0, 0) }],
      1,
    ).slice(0, 20);
    expect(() => decodeShapeFrame(cut.buffer, decodeShape)).toThrow(RangeError);
  });
});
