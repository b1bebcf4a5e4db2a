/** Sharpness: what blur, stain, light, noise and emptiness do to it. */
import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { focusOf, leastSharpness, type FocusPixels } from '../../../../src-main/core/quality/focus.ts';

const size = 256;

/** Discs of several sizes with hard edges, as nuclei in focus are, on a plain ground; the same ones for the same seed. */
function discs(seed: number, ground = 220, ink = 90): FocusPixels {
  const data = new Uint8Array(size * size * 3).fill(ground);
  let state = seed;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  for (let i = 0; i < 200; i++) {
    const [cx, cy, r] = [random() * size, random() * size, 3 + random() * 6];
    for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(size, cy + r); y++) {
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(size, cx + r); x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) data.fill(ink, (y * size + x) * 3, (y * size + x) * 3 + 3);
      }
    }
  }
  return { width: size, height: size, bands: 3, data };
}

/** Blurred `times` times by a box of 3 x 3: a Gaussian of sqrt(times * 2 / 3) px. */
function blurred(pixels: FocusPixels, times: number): FocusPixels {
  let from = Float64Array.from(pixels.data);
  for (let t = 0; t < times; t++) {
    const to = from.slice();
    for (let y = 1; y < size - 1; y++) {
      for (let x = 1; x < size - 1; x++) {
        for (let b = 0; b < 3; b++) {
          let sum = 0;
          for (let dy = -1; dy <= 1; dy++) {
            for (let dx = -1; dx <= 1; dx++) sum += from[((y + dy) * size + x + dx) * 3 + b]!;
          }
          to[(y * size + x) * 3 + b] = sum / 9;
        }
      }
    }
    from = to;
  }
  return { ...pixels, data: Uint8Array.from(from, Math.round) };
}

const sharpness = (pixels: FocusPixels): number => focusOf(pixels, 1)?.sharpness ?? Number.NaN;

describe('focus', () => {
  it('falls with every blur, and is below the limit from 2.5 px on', () => {
    const values = [0, 1, 3, 6, 10, 16].map((times) => sharpness(blurred(discs(7), times)));
    values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]!));
    expect(values[0]).toBeGreaterThan(2 * leastSharpness);
    expect(values[4]).toBeLessThan(leastSharpness);
  });

  it('does not depend on the stain or the light', () => {
    assert(
      property(integer({ min: 1, max: 1e6 }), integer({ min: 40, max: 120 }), (seed, contrast) => {
        const strong = sharpness(discs(seed, 230, 30));
        expect(sharpness(discs(seed, 200, 200 - contrast)) / strong).toBeCloseTo(1, 6);
      }),
      { numRuns: 20 },
    );
  });

  it('says nothing of an empty tile, or of one that is too small', () => {
    const plain = new Uint8Array(size * size * 3).fill(240);
    expect(focusOf({ width: size, height: size, bands: 3, data: plain }, 1)).toBeNull();
    expect(focusOf({ width: 16, height: 16, bands: 1, data: new Uint8Array(256) }, 0)).toBeNull();
  });
});
