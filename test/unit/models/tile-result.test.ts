import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { modelManifestSchema, type ModelManifest } from '../../../src-main/contract/model.ts';
import type { GridPlan } from '../../../src-main/contract/run.ts';
import { coreModelRect, planGrid, tileCount, tileModelRect } from '../../../src-main/core/grid.ts';
import { detectionStride, type TileResult } from '../../../src-main/core/worker-protocol.ts';
import { inputArray, tensorFiller } from '../../../src-main/models/fill-tensor.ts';
import type { Outputs } from '../../../src-main/models/outputs.ts';
import { tileResults } from '../../../src-main/models/tile-result.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
const manifestOf = async (id: string): Promise<ModelManifest> =>
  modelManifestSchema.parse(JSON.parse(await readFile(`${modelsDir}/${id}/gigatile.json`, 'utf8')));
const he = await manifestOf('he-nuclei');
const hdab = await manifestOf('hdab-nuclei');
const rgb = await manifestOf('landcover-rgb');

const plan = planGrid({
  imageWidth: 300,
  imageHeight: 200,
  scaleX: 2,
  scaleY: 2,
  tileWidth: 64,
  tileHeight: 64,
  overlap: 10,
});
const perPixel = (pixels: number): number => pixels;

function detect(
  rows: number[][],
  tiles: number[],
  options: { manifest?: ModelManifest; keepAll?: boolean; plan?: GridPlan } = {},
): (TileResult | GigatileError)[] {
  const grid = options.plan ?? plan;
  const manifest = options.manifest ?? hdab;
  const names = manifest.outputs.tileValues?.names.length ?? 0;
  const outputs: Outputs = {
    detections: { dims: [rows.length, 7], data: Float32Array.from(rows.flat()) },
    tile_values: { dims: [tiles.length, names], data: new Float32Array(tiles.length * names) },
  };
  const rects = tiles.map((t) => tileModelRect(grid, t));
  return tileResults(
    manifest,
    outputs,
    { plan: grid, tiles, rects, keepAll: options.keepAll ?? false },
    perPixel,
  );
}

const good = (result: TileResult | GigatileError | undefined): TileResult => {
  if (result === undefined || result instanceof GigatileError)
    throw new Error(`no result: ${String(result)}`);
  return result;
};

describe('detections', () => {
  test('become level-0 boxes of the tile that they were found in', () => {
    const [first, second] = detect(
      [
        [1, 20, 22, 32, 34, 0.75, 1],
        [0, 8, 4, 20, 16, 0.5, 0],
      ],
      [0, 1],
    ).map(good);
    expect([...(first?.detections ?? [])]).toEqual([16, 8, 24, 24, 0, 0.5]);
    const { x, y } = tileModelRect(plan, 1);
    expect([...(second?.detections ?? [])]).toEqual([(x + 20) * 2, (y + 22) * 2, 24, 24, 1, 0.75]);
    expect(second?.classIndex).toBe(1);
  });

  test('below keepFrom are dropped; between keepFrom and threshold kept but not counted in the colour', () => {
    const [result] = detect(
      [
        [0, 8, 4, 20, 16, 0.29, 0],
        [0, 8, 4, 20, 16, 0.4, 0],
      ],
      [0],
    ).map(good);
    expect(result?.detections).toHaveLength(detectionStride);
    expect(result).toMatchObject({ score: 0, classIndex: 255 });
  });

  test('each point of the image is owned by exactly one of the tiles that see it', () => {
    const anyPlan = fc.record({
      imageWidth: fc.integer({ min: 20, max: 400 }),
      imageHeight: fc.integer({ min: 20, max: 400 }),
      tileWidth: fc.integer({ min: 40, max: 120 }),
      tileHeight: fc.integer({ min: 40, max: 120 }),
      overlap: fc.integer({ min: 0, max: 39 }),
    });
    fc.assert(
      fc.property(anyPlan, fc.nat(), fc.nat(), (request, u, v) => {
        const grid = planGrid({ ...request, scaleX: 1, scaleY: 1 });
        // Half and whole pixels: borders between cores are among them.
        const [x, y] = [(u % (2 * request.imageWidth)) / 2, (v % (2 * request.imageHeight)) / 2];
        const tiles = Array.from({ length: tileCount(grid) }, (_, i) => i);
        const rows = tiles.flatMap((tile) => {
          const rect = tileModelRect(grid, tile);
          const [left, top] = [x - rect.x, y - rect.y];
          const seen = left >= 0 && top >= 0 && left < rect.width && top < rect.height;
          return seen ? [[tile, left, top, left, top, 0.9, 0]] : [];
        });
        const results = detect(rows, tiles, { plan: grid }).map(good);
        expect(results.reduce((sum, r) => sum + r.detections.length, 0)).toBe(detectionStride);
        const all = detect(rows, tiles, { plan: grid, keepAll: true }).map(good);
        expect(all.reduce((sum, r) => sum + r.detections.length, 0)).toBe(rows.length * detectionStride);
        // With keepAll too, the colour counts each once.
        const owners = all.filter((r) => r.score > 0);
        expect(owners).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  test("a centre beyond the image's edge belongs to the tile at that edge", () => {
    const last = tileCount(plan) - 1;
    const rows = [
      [0, -9, -7, 3, 1, 0.9, 0],
      [1, 60, 62, 72, 70, 0.9, 0],
    ];
    const results = detect(rows, [0, last]).map(good);
    expect(results.map((r) => r.detections.length)).toEqual([detectionStride, detectionStride]);
  });

  test('density is relative to the area of the core', () => {
    const { width, height } = coreModelRect(plan, 0);
    const manifest: ModelManifest = { ...hdab, tileColor: { by: 'density', full: 4 / (width * height) } };
    const row = [0, 8, 4, 20, 16, 0.9, 1];
    expect(good(detect([row], [0], { manifest })[0]).score).toBeCloseTo(0.25, 6);
    expect(
      good(
        detect(
          Array.from({ length: 9 }, () => row),
          [0],
          { manifest },
        )[0],
      ).score,
    ).toBe(1);
  });

  test('a NaN fails its tile and no other', () => {
    const [first, second] = detect(
      [
        [0, 8, 4, Number.NaN, 16, 0.9, 0],
        [1, 20, 22, 32, 34, 0.9, 0],
      ],
      [0, 1],
    );
    expect(first).toBeInstanceOf(GigatileError);
    expect(good(second).detections).toHaveLength(detectionStride);
  });

  test('a class without a name and a wrong shape are faults of the model', () => {
    expect(() => detect([[0, 8, 4, 20, 16, 0.9, 1]], [0], { manifest: he })).toThrow(/class 1/);
    const outputs: Outputs = { detections: { dims: [1, 6], data: new Float32Array(6) } };
    const batch = { plan, tiles: [0], rects: [tileModelRect(plan, 0)], keepAll: false };
    expect(() => tileResults(he, outputs, batch, perPixel)).toThrow(/1 x 6/);
    expect(() => tileResults(he, {}, batch, perPixel)).toThrow(/no output "detections"/);
  });
});

describe('class fractions', () => {
  test('of all cores together, weighted by area, are those of the image: no pixel counts twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 90 }),
        fc.integer({ min: 30, max: 90 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 999 }),
        (width, height, overlap, seed) => {
          const grid = planGrid({
            imageWidth: width,
            imageHeight: height,
            scaleX: 1,
            scaleY: 1,
            tileWidth: 25,
            tileHeight: 25,
            overlap,
          });
          const label = (x: number, y: number): number => (x * 7 + y * seed) % 4;
          const tiles = Array.from({ length: tileCount(grid) }, (_, i) => i);
          const rects = tiles.map((t) => tileModelRect(grid, t));
          const data = Uint8Array.from(
            rects.flatMap((r) =>
              Array.from({ length: 625 }, (_, i) => label(r.x + (i % 25), r.y + Math.floor(i / 25))),
            ),
          );
          const outputs: Outputs = { labels: { dims: [tiles.length, 25, 25], data } };
          const sums = [0, 0, 0, 0];
          tileResults(rgb, outputs, { plan: grid, tiles, rects, keepAll: false }, perPixel)
            .map(good)
            .forEach((result) => {
              const core = coreModelRect(grid, result.tile);
              result.values.forEach((f, c) => (sums[c] = (sums[c] ?? 0) + f * core.width * core.height));
            });
          const expected = [0, 0, 0, 0];
          for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) expected[label(x, y)]! += 1;
          sums.forEach((sum, c) => expect(sum).toBeCloseTo(expected[c] ?? -1, 2));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('the background class never colours a tile', () => {
    const rect = tileModelRect(plan, 0);
    const batch = { plan, tiles: [0], rects: [rect], keepAll: false };
    const labels = new Uint8Array(64 * 64);
    const at = (data: Uint8Array): TileResult =>
      good(tileResults(rgb, { labels: { dims: [1, 64, 64], data } }, batch, perPixel)[0]);
    expect(at(labels)).toMatchObject({ score: 0, classIndex: 255 });
    labels.fill(1, 0, 640);
    expect(at(labels).classIndex).toBe(1);
    expect(at(labels).values[0]).toBeGreaterThan(0.5);
  });

  test('a probability is cut at the threshold, in both layouts', () => {
    const manifest: ModelManifest = {
      ...rgb,
      threshold: 0.6,
      classes: rgb.classes.slice(0, 2),
      outputs: { probability: { name: 'p' } },
    };
    const rect = tileModelRect(plan, 0);
    const { width, height } = coreModelRect(plan, 0);
    const data = new Float32Array(64 * 64).fill(0.6);
    for (let x = 0; x < width; x++) data[x] = 0.61;
    for (const dims of [
      [1, 64, 64, 1],
      [1, 1, 64, 64],
    ]) {
      const batch = { plan, tiles: [0], rects: [rect], keepAll: false };
      const result = good(tileResults(manifest, { p: { dims, data } }, batch, perPixel)[0]);
      expect(result.values[1]).toBeCloseTo(1 / height, 6);
      expect(result).toMatchObject({ classIndex: 1 });
    }
  });
});

describe('pixels to tensor', () => {
  test('every layout, type and choice of bands holds the right pixel in the right place', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 1, max: 9 }),
          height: fc.integer({ min: 1, max: 9 }),
          bands: fc.integer({ min: 4, max: 6 }),
          pick: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
          layout: fc.constantFrom('NHWC' as const, 'NCHW' as const),
          dtype: fc.constantFrom('uint8' as const, 'uint16' as const, 'float32' as const),
          second: fc.boolean(),
        }),
        ({ width, height, bands, pick, layout, dtype, second }) => {
          const deep = dtype === 'uint16';
          const values = Array.from(
            { length: width * height * bands },
            (_, i) => (i * 37) % (deep ? 65_521 : 251),
          );
          const data = deep ? Uint16Array.from(values) : Uint8Array.from(values);
          const input: ModelManifest['input'] = {
            ...he.input,
            layout,
            dtype,
            bands: (['red', 'green', 'blue', 'nir'] as const).slice(0, pick.length),
            ...(dtype === 'float32'
              ? { scale: 1 / 255, mean: pick.map((b) => b / 10), std: pick.map((b) => b + 1) }
              : {}),
          };
          const length = width * height * pick.length;
          const offset = second ? length : 0;
          const target = inputArray(dtype, 2 * length);
          tensorFiller(input, dtype, pick)({ width, height, bands, data }, target, offset);
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              pick.forEach((band, b) => {
                const pixel = data[(y * width + x) * bands + band] ?? -1;
                const at =
                  layout === 'NHWC' ? (y * width + x) * pick.length + b : (b * height + y) * width + x;
                const expected = dtype === 'float32' ? (pixel / 255 - band / 10) / (band + 1) : pixel;
                expect(target[offset + at]).toBeCloseTo(expected, 6);
              });
            }
          }
          const other = second ? target.subarray(0, length) : target.subarray(length);
          expect(other.every((v) => v === 0)).toBe(true);
        },
      ),
    );
  });
});
