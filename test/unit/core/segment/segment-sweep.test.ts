import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planGrid } from '../../../../src-main/core/grid.ts';
import { noLabel } from '../../../../src-main/core/segment-mask.ts';
import { highest, regionsOf, type Model, type Outcome } from './segment-field.ts';

/** Repeatable whole numbers below 256 for a place. */
function noise(seed: number, x: number, y: number, c: number): number {
  let h = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b) ^ Math.imul(c + 1, 0xc2b2ae35) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) % 256;
}

/** Fields of all sorts: grains of `grain` pixels, the smoother the larger. */
function fieldModel(seed: number, classes: number, grain: number): Model {
  return (x, y) =>
    Array.from({ length: classes }, (_, c) => {
      const [gx, gy] = [Math.floor(x / grain), Math.floor(y / grain)];
      const [fx, fy] = [(x / grain) % 1, (y / grain) % 1];
      const at = (i: number, j: number): number => noise(seed, gx + i, gy + j, c);
      const top = at(0, 0) * (1 - fx) + at(1, 0) * fx;
      return Math.floor(top * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy);
    });
}

/** Connected pixels of one class, by flooding; the number of each pixel's region, -1 for none. */
function flood(labels: Uint8Array, width: number): { region: Int32Array; count: number } {
  const region = new Int32Array(labels.length).fill(-1);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] === noLabel || region[start]! >= 0) continue;
    const stack = [start];
    region[start] = count;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
        if (next < 0 || labels[next] !== labels[start] || region[next] !== -1) continue;
        region[next] = count;
        stack.push(next);
      }
    }
    count++;
  }
  return { region, count };
}

/** By the shoelace formula; positive for outer borders. */
function ringArea(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  }
  return sum / 2;
}

/** Even-odd rule over all rings. */
function isInside(rings: readonly (readonly number[])[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

/** The regions are those of the labels: each pixel lies in the outline of its region and in no other. */
function checkRegions({ labels, regions }: Outcome, width: number): void {
  const { region, count } = flood(labels, width);
  expect(regions).toHaveLength(count);
  const taken = new Set<number>();
  for (const found of regions) {
    const number = region[found.firstY * width + found.firstX]!;
    taken.add(number);
    const pixels = [...region.keys()].filter((at) => region[at] === number);
    expect(found.label).toBe(labels[pixels[0]!]);
    expect(pixels[0]).toBe(found.firstY * width + found.firstX);
    expect(found.pixels).toBe(pixels.length);
    const xs = pixels.map((at) => at % width);
    const ys = pixels.map((at) => Math.floor(at / width));
    expect([found.x, found.y]).toEqual([Math.min(...xs), Math.min(...ys)]);
    expect(found.x + found.width - 1).toBe(Math.max(...xs));
    expect(found.y + found.height - 1).toBe(Math.max(...ys));
    const [outer, ...holes] = found.rings.map(ringArea);
    expect(outer).toBeGreaterThan(0);
    for (const hole of holes) expect(hole).toBeLessThan(0);
    expect(found.rings.map(ringArea).reduce((a, b) => a + b, 0)).toBe(pixels.length);
    for (let y = found.y; y < found.y + found.height; y++) {
      for (let x = found.x; x < found.x + found.width; x++) {
        const isMine = region[y * width + x] === number;
        if (isInside(found.rings, x + 0.5, y + 0.5) !== isMine) {
          throw new Error(`pixel ${x}, ${y}: ${JSON.stringify(found.rings)}`);
        }
      }
    }
  }
  expect(taken.size).toBe(count);
}

const field = fc.record({
  seed: fc.integer(),
  classes: fc.integer({ min: 2, max: 4 }),
  grain: fc.constantFrom(1, 2, 5, 9),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
  tileWidth: fc.integer({ min: 3, max: 24 }),
  tileHeight: fc.integer({ min: 3, max: 24 }),
  overlapShare: fc.double({ min: 0, max: 0.95, noNaN: true }),
  halo: fc.integer({ min: 0, max: 5 }),
});

function planOf(f: {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  overlapShare: number;
}) {
  return planGrid({
    imageWidth: f.width,
    imageHeight: f.height,
    scaleX: 1,
    scaleY: 1,
    tileWidth: f.tileWidth,
    tileHeight: f.tileHeight,
    overlap: Math.floor(Math.min(f.tileWidth, f.tileHeight) * f.overlapShare),
  });
}

describe('regions of a segmentation', () => {
  test('are those of the whole image, however it is tiled', () => {
    fc.assert(
      fc.property(field, fc.constantFrom('blend' as const, 'centre' as const), (f, seams) => {
        const model = fieldModel(f.seed, f.classes, f.grain);
        const out = regionsOf(model, planOf(f), { ...f, seams });
        const whole = Uint8Array.from({ length: f.width * f.height }, (_, at) =>
          highest(model(at % f.width, Math.floor(at / f.width), 0)),
        );
        expect(out.labels).toEqual(whole);
        checkRegions(out, f.width);
      }),
    );
  });

  test('of tiles that disagree, of which some are missing, with a class of no interest', () => {
    fc.assert(
      fc.property(field, fc.integer({ min: 0, max: 3 }), (f, background) => {
        const plan = planOf(f);
        const model: Model = (x, y, tile) => fieldModel(f.seed ^ (tile % 3), f.classes, f.grain)(x, y, tile);
        const out = regionsOf(model, plan, {
          ...f,
          background,
          has: (tile) => noise(f.seed, tile, 0, 7) > 60,
        });
        expect(out.labels).not.toContain(background);
        checkRegions(out, f.width);
      }),
    );
  });

  test('that are cut for their length are the same pixels in more pieces', () => {
    fc.assert(
      fc.property(field, (f) => {
        const model = fieldModel(f.seed, 2, f.grain);
        const plan = planOf(f);
        const whole = regionsOf(model, plan, { ...f, classes: 2 });
        const cut = regionsOf(model, plan, { ...f, classes: 2, mostCorners: 12 });
        expect(cut.regions.length).toBeGreaterThanOrEqual(whole.regions.length);
        for (const label of [0, 1]) {
          const area = (out: Outcome): number =>
            out.regions
              .filter((region) => region.label === label)
              .flatMap(({ rings }) => rings.map(ringArea))
              .reduce((a, b) => a + b, 0);
          expect(area(cut)).toBe(area(whole));
        }
      }),
    );
  });

  test('and holes below the smallest size are left out, and counted', () => {
    fc.assert(
      fc.property(field, fc.integer({ min: 1, max: 12 }), (f, smallest) => {
        const model = fieldModel(f.seed, f.classes, f.grain);
        const all = regionsOf(model, planOf(f), f);
        const some = regionsOf(model, planOf(f), { ...f, smallest });
        const kept = all.regions.filter(({ pixels }) => pixels >= smallest);
        expect(some.regions.map(({ pixels, firstX, firstY }) => [pixels, firstX, firstY])).toEqual(
          kept.map(({ pixels, firstX, firstY }) => [pixels, firstX, firstY]),
        );
        expect(some.dropped).toBe(all.regions.length - kept.length);
        const rings = (out: readonly Outcome['regions'][number][]): number[][] => out.flatMap((r) => r.rings);
        expect(rings(some.regions)).toEqual(
          rings(kept).filter((ring) => ringArea(ring) > 0 || -ringArea(ring) >= smallest),
        );
      }),
    );
  });

  test('neighbours share their borders exactly: no gap and no overlap along a simplified line', () => {
    fc.assert(
      fc.property(field, (f) => {
        const { regions } = regionsOf(fieldModel(f.seed, f.classes, f.grain), planOf(f), f);
        // Each piece of a border between two regions is gone through once in each direction: what is left is the image's edge.
        const length = new Map<string, number>();
        for (const ring of regions.flatMap(({ rings }) => rings)) {
          for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
            const [dx, dy] = [ring[i]! - ring[j]!, ring[i + 1]! - ring[j + 1]!];
            const g = 2 * Math.abs(dx) || 2 * Math.abs(dy);
            const [sx, sy] = [dx / g, dy / g];
            const isForward = sy > 0 || (sy === 0 && sx > 0);
            const slope = dx === 0 ? 'v' : String(dy / dx);
            const intercept =
              dx === 0 ? ring[i]! : Math.round((ring[i + 1]! - (dy / dx) * ring[i]!) * 1e6) / 1e6;
            const key = `${slope} ${intercept}`;
            length.set(key, (length.get(key) ?? 0) + Math.hypot(dx, dy) * (isForward ? 1 : -1));
          }
        }
        for (const [key, sum] of length) {
          const isEdge = ['v 0', `v ${f.width}`, '0 0', `0 ${f.height}`].includes(key);
          expect(Math.abs(sum)).toBeCloseTo(isEdge ? (key.startsWith('v') ? f.height : f.width) : 0, 6);
        }
      }),
    );
  });
});
