import { describe, expect, it } from 'vitest';
import { macenko } from '../../../src-main/core/macenko.ts';
import { stains, unmixing, type Vector } from '../../../src-main/core/stains.ts';

const unit = (v: readonly number[]): number[] => v.map((x) => x / Math.hypot(...v));
const degrees = (a: readonly number[], b: readonly number[]): number =>
  (Math.acos(
    Math.min(
      1,
      a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0),
    ),
  ) *
    180) /
  Math.PI;

/** Pixels of two stains in all proportions, half of them glass; the same each time. */
function slide(first: Vector, second: Vector, count = 20_000): Uint8Array {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const [a, b] = [unit(first), unit(second)];
  const pixels = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const share = random();
    const amount = i % 2 === 0 ? 0 : 0.3 + random();
    for (let c = 0; c < 3; c++) {
      const density = amount * (share * a[c]! + (1 - share) * b[c]!);
      pixels[i * 3 + c] = Math.round(255 * 10 ** -density);
    }
  }
  return pixels;
}

describe('macenko', () => {
  // Each channel of what counts as stained takes 0.065: so the stains here all do.
  it.each<[string, Vector, Vector]>([
    ['the published stains', stains.hematoxylin, [0.3, 0.9, 0.31]],
    ['a slide that is pink throughout', [0.28, 0.94, 0.18], [0.12, 0.9, 0.42]],
    ['haematoxylin and DAB', stains.hematoxylin, stains.dab],
  ])('finds both, haematoxylin first: %s', (_, first, second) => {
    const found = macenko(slide(first, second));
    // A twentieth beyond each is left out: both lie a little within.
    expect(degrees(found?.[0] ?? [], unit(first))).toBeLessThan(4);
    expect(degrees(found?.[1] ?? [], unit(second))).toBeLessThan(4);
    expect(unmixing(found![0], found![1]).flat().every(Number.isFinite)).toBe(true);
  });

  it('says nothing where there is one stain only, or hardly any', () => {
    expect(macenko(slide(stains.hematoxylin, [0.66, 0.69, 0.3]))).toBeNull();
    expect(macenko(slide(stains.hematoxylin, stains.dab, 500))).toBeNull();
    expect(macenko(new Uint8Array(30_000).fill(250))).toBeNull();
  });
});
