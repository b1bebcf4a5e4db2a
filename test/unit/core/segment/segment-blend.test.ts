import { describe, expect, test } from 'vitest';
import { coreModelRect, planGrid, tileModelRect } from '../../../../src-main/core/grid.ts';
import { regionsOf, type Model } from './segment-field.ts';

const size = { imageWidth: 120, imageHeight: 90, scaleX: 1, scaleY: 1, tileWidth: 32, tileHeight: 32 };

/** Two classes with a border across the image, which a tile sees lower the nearer its own edge is. */
function withBorderEffect(overlap: number): { model: Model; plan: ReturnType<typeof planGrid> } {
  const plan = planGrid({ ...size, overlap });
  const model: Model = (x, y, tile) => {
    const rect = tileModelRect(plan, tile);
    const depth = Math.min(x - rect.x, rect.x + rect.width - 1 - x);
    const effect = rect.x === 0 && x < 16 ? 0 : Math.max(0, 12 - depth);
    const below = Math.min(255, Math.max(0, Math.round(128 + 4 * (y - 44 - effect))));
    return [255 - below, below];
  };
  return { model, plan };
}

/** Row at which class 1 begins, by column. */
function border(labels: Uint8Array): number[] {
  return Array.from({ length: size.imageWidth }, (_, x) => {
    let y = 0;
    while (labels[y * size.imageWidth + x] === 0) y++;
    return y;
  });
}
const largestJump = (line: number[]): number =>
  Math.max(...line.slice(1).map((y, i) => Math.abs(y - line[i]!)));

describe('seams', () => {
  test('where tiles differ at their edges, blending leaves no step at the borders of cores', () => {
    const plan = planGrid({ ...size, overlap: 12 });
    // Each tile is off by an amount of its own: the worst case for a seam.
    const model: Model = (_, y, tile) => {
      const below = Math.min(255, Math.max(0, Math.round(128 + 4 * (y - 44 - (tile % 2) * 10))));
      return [255 - below, below];
    };
    const blended = border(regionsOf(model, plan, { classes: 2 }).labels);
    const cut = border(regionsOf(model, plan, { classes: 2, seams: 'centre' }).labels);
    expect(largestJump(cut)).toBe(10);
    expect(largestJump(blended)).toBeLessThanOrEqual(2);
    // In the middle of a strip both tiles count the same.
    const middle = coreModelRect(plan, 1).x;
    expect(Math.abs(blended[middle]! - 49)).toBeLessThanOrEqual(1);
  });

  test('with enough context, taking the centre equals the whole image, and so does blending what is right in both', () => {
    const { model, plan } = withBorderEffect(24);
    for (const seams of ['centre', 'blend'] as const) {
      const line = border(regionsOf(model, plan, { classes: 2, halo: 12, seams }).labels);
      expect(new Set(line.slice(16, -16))).toEqual(new Set([line[60]!]));
    }
    // Without the halo, the centre is right and the rest of the strip is not.
    const careless = border(regionsOf(model, plan, { classes: 2, halo: 0 }).labels);
    expect(new Set(careless).size).toBeGreaterThan(1);
  });

  test('a tile without a result is a hole, however far its neighbours see into it', () => {
    const plan = planGrid({ ...size, overlap: 12 });
    const { labels } = regionsOf(() => [0, 255], plan, { classes: 2, has: (tile) => tile !== 5 });
    const core = coreModelRect(plan, 5);
    for (let y = 0; y < size.imageHeight; y++) {
      for (let x = 0; x < size.imageWidth; x++) {
        const isHole = x >= core.x && y >= core.y && x < core.x + core.width && y < core.y + core.height;
        expect(labels[y * size.imageWidth + x]).toBe(isHole ? 255 : 1);
      }
    }
  });

  test('a class that has to reach a threshold is class 0 where the blended probabilities do not', () => {
    const plan = planGrid({ ...size, overlap: 12 });
    // Alone, even tiles reach it and odd ones don't; where they meet their mean decides.
    const model: Model = (_, y, tile) => (y < 40 ? [60, 150, 45] : [60, tile % 2 === 0 ? 150 : 120, 45]);
    const { labels } = regionsOf(model, plan, { classes: 3, least: 134 });
    const at = (x: number, y: number): number | undefined => labels[y * size.imageWidth + x];
    const even = coreModelRect(plan, 2 * plan.columns);
    const odd = coreModelRect(plan, 2 * plan.columns + 1);
    expect([at(5, 10), at(60, 10)]).toEqual([1, 1]);
    expect(at(even.x + 2, even.y + 14)).toBe(1);
    expect(at(odd.x + 10, odd.y + 14)).toBe(0);
    // Within the strip the nearer tile weighs more: the change lies on the border of the cores, give or take a pixel.
    const row = odd.y + 14;
    const change = [...Array.from({ length: 24 }).keys()]
      .map((i) => odd.x - 12 + i)
      .find((x) => at(x, row) === 0);
    expect(Math.abs(change! - odd.x)).toBeLessThanOrEqual(2);
  });
});
