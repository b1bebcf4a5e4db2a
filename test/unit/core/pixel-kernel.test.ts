import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelCode } from '../../../src-main/core/pixel-kernel/build-kernel.ts';
import { PixelMemory } from '../../../src-main/core/pixel-kernel/pixel-memory.ts';

const memory = new PixelMemory(4 * 1024 * 1024);

/** A piece of the kernel's memory with these bytes. */
function piece(bytes: ArrayLike<number>): Uint8Array {
  const taken = memory.take(bytes.length);
  if (taken === null) throw new Error('The memory is full');
  taken.set(bytes);
  return taken;
}

describe('the pixel kernel', () => {
  it('is what its source compiles to', async () => {
    const file = new URL('../../../src-main/core/pixel-kernel/pixel-kernel-code.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await kernelCode());
  });

  it('copies rows, and nothing beside them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 12 }),
        fc.nat(9),
        fc.nat(9),
        fc.nat(7),
        fc.nat(7),
        (bytes, rows, toOffset, fromOffset, toGap, fromGap) => {
          const [toStride, fromStride] = [bytes + toGap, bytes + fromGap];
          const from = piece(
            Array.from({ length: fromOffset + fromStride * 12 + 40 }, (_, i) => (i * 7) % 251),
          );
          const to = piece(new Uint8Array(toOffset + toStride * 12 + 40).fill(255));
          const expected = Uint8Array.from(to);
          for (let row = 0; row < rows; row++) {
            const start = fromOffset + row * fromStride;
            expected.set(from.subarray(start, start + bytes), toOffset + row * toStride);
          }
          memory.copyRows(to, toOffset, toStride, from, fromOffset, fromStride, bytes, rows);
          expect(to).toEqual(expected);
          memory.give(from);
          memory.give(to);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('halves RGB as the mean of 2 x 2, rounded half up, whatever the width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(255)),
        (width, height, values) => {
          const next = (): number => values.next().value ?? 0;
          const from = piece(Array.from({ length: width * height * 12 }, next));
          const to = piece(new Uint8Array(width * height * 3));
          memory.halveRgb(from, to, width, height);
          const at = (x: number, y: number, band: number): number =>
            from[(y * width * 2 + x) * 3 + band] ?? 0;
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              for (let band = 0; band < 3; band++) {
                const sum =
                  at(2 * x, 2 * y, band) +
                  at(2 * x + 1, 2 * y, band) +
                  at(2 * x, 2 * y + 1, band) +
                  at(2 * x + 1, 2 * y + 1, band);
                expect(to[(y * width + x) * 3 + band]).toBe(Math.floor(sum / 4 + 0.5));
              }
            }
          }
          memory.give(from);
          memory.give(to);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('makes planes of RGB, the same values as in JavaScript, for any number of pixels', () => {
    const scales = [1 / 255 / 0.229, 0.5, 3].map(Math.fround) as [number, number, number];
    const offsets = [-0.485 / 0.229, 0, 7.25].map(Math.fround) as [number, number, number];
    for (let pixels = 0; pixels < 70; pixels++) {
      const from = piece(Array.from({ length: pixels * 3 }, (_, i) => (i * 37) % 256));
      const bytes = piece(new Uint8Array(pixels * 12 + 8));
      const to = new Float32Array(bytes.buffer, bytes.byteOffset, pixels * 3);
      memory.rgbToPlanes(from, to, pixels, scales, offsets);
      const expected = Float32Array.from({ length: pixels * 3 }, (_, i) => {
        const band = Math.floor(i / pixels);
        const byte = from[(i % pixels) * 3 + band] ?? 0;
        return Math.fround(byte * (scales[band] ?? 0)) + (offsets[band] ?? 0);
      });
      expect(to).toEqual(expected);
      expect([...bytes.subarray(pixels * 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  it('makes planes of RGB by a table, for any number of pixels', () => {
    const values = piece(new Uint8Array(3072));
    const table = new Float32Array(values.buffer, values.byteOffset, 768);
    table.forEach((_, i) => (table[i] = Math.sin(i)));
    for (let pixels = 0; pixels < 70; pixels++) {
      const from = piece(Array.from({ length: pixels * 3 }, (_, i) => (i * 37 + pixels) % 256));
      const bytes = piece(new Uint8Array(pixels * 12 + 8));
      const to = new Float32Array(bytes.buffer, bytes.byteOffset, pixels * 3);
      memory.rgbToPlanesByTable(from, to, pixels, table);
      const expected = Float32Array.from({ length: pixels * 3 }, (_, i) => {
        const band = Math.floor(i / pixels);
        return table[band * 256 + (from[(i % pixels) * 3 + band] ?? 0)] ?? 0;
      });
      expect(to).toEqual(expected);
      expect([...bytes.subarray(pixels * 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  it('refuses places outside a view', () => {
    const small = piece(new Uint8Array(12));
    const large = piece(new Uint8Array(400));
    expect(() => memory.copyRows(small, 0, 4, large, 0, 4, 4, 4)).toThrow(RangeError);
    expect(() => memory.copyRows(large, -4, 4, small, 0, 4, 4, 1)).toThrow(RangeError);
    expect(() => memory.halveRgb(large, small, 3, 3)).toThrow(RangeError);
  });

  it('begins no piece where libjpeg-turbo would write past the caches, and each where any type may begin', () => {
    const memory = new PixelMemory(1 << 20);
    for (const bytes of [1, 15, 16, 63, 64, 65, 768, 196_608]) {
      const at = memory.take(bytes)?.byteOffset ?? 0;
      expect(at % 32).not.toBe(0);
      expect(at % 16).toBe(0);
    }
  });

  it('uses pieces again, says when there is no room, and knows its views', () => {
    const own = new PixelMemory(65_536);
    const first = own.take(30_000);
    const second = own.take(30_000);
    expect(own.take(30_000)).toBeNull();
    expect(first === null || second === null ? null : PixelMemory.of(first)).toBe(own);
    if (first !== null) own.give(first);
    expect(own.take(30_000)).toBe(first);
    expect(PixelMemory.of(new Uint8Array(4))).toBeUndefined();
  });
});
