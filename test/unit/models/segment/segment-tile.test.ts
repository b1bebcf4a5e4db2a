/** From a segmenter's outputs to a tile's mask and numbers, through the same entry as the worker. */
import { inflateRawSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import { modelManifestSchema, type ModelManifest } from '../../../../src-main/contract/model.ts';
import { coreModelRect, planGrid, tileModelRect } from '../../../../src-main/core/grid.ts';
import { unpackMask } from '../../../../src-main/core/segment-mask.ts';
import { MaskRows } from '../../../../src-main/core/segment-rows.ts';
import { maskPlace, seamRule } from '../../../../src-main/core/segment-seams.ts';
import type { TileResult } from '../../../../src-main/core/worker-protocol.ts';
import type { Outputs } from '../../../../src-main/models/outputs.ts';
import { tileResults } from '../../../../src-main/models/tile-result.ts';

const base = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../models/landcover-rgb/gigatile.json'), 'utf8'),
) as ModelManifest;
const names = (count: number): ModelManifest['classes'] =>
  Array.from({ length: count }, (_, c) => ({ name: `c${c}`, color: [0, 0, 0] as [number, number, number] }));
const manifestOf = (outputs: ModelManifest['outputs'], classes: number, more: Partial<ModelManifest> = {}) =>
  modelManifestSchema.parse({ ...base, halo: 0, outputs, classes: names(classes), ...more });

const size = { imageWidth: 40, imageHeight: 30, scaleX: 1, scaleY: 1 };
const plan = planGrid({ ...size, tileWidth: 16, tileHeight: 16, overlap: 4 });

/** Output [N, C, H, W] (or [N, H, W, C]) of a function of the whole image's pixels, `crop` less on each side. */
function tensor(
  tiles: readonly number[],
  planes: number,
  of: (x: number, y: number, p: number) => number,
  { crop = 0, last = false }: { crop?: number; last?: boolean } = {},
) {
  const edge = 16 - 2 * crop;
  const data = new Float32Array(tiles.length * planes * edge * edge);
  tiles.forEach((tile, i) => {
    const rect = tileModelRect(plan, tile);
    for (let p = 0; p < planes; p++) {
      for (let y = 0; y < edge; y++) {
        for (let x = 0; x < edge; x++) {
          const at = last
            ? ((i * edge + y) * edge + x) * planes + p
            : ((i * planes + p) * edge + y) * edge + x;
          data[at] = of(rect.x + crop + x, rect.y + crop + y, p);
        }
      }
    }
  });
  return { dims: last ? [tiles.length, edge, edge, planes] : [tiles.length, planes, edge, edge], data };
}

function run(
  manifest: ModelManifest,
  outputs: Outputs,
  tiles: readonly number[],
): (TileResult | GigatileError)[] {
  const rects = tiles.map((tile) => tileModelRect(plan, tile));
  return tileResults(manifest, outputs, { plan, tiles, rects, keepAll: false }, (pixels) => pixels);
}

/** Class of each pixel of the mask by place in the whole image, as "x,y". */
function labelsOf(
  manifest: ModelManifest,
  result: TileResult | GigatileError | undefined,
): Map<string, number> {
  if (!result || result instanceof GigatileError) throw new Error('no result', { cause: result });
  const mask = unpackMask(result.mask!, (bytes) => inflateRawSync(bytes));
  const place = maskPlace(plan, result.tile, seamRule(manifest));
  const rows = new MaskRows(mask, place, manifest.classes.length);
  const labels = new Map<string, number>();
  for (let y = place.rect.y; y < place.rect.y + place.rect.height; y++) {
    rows.advanceTo(y);
    for (let r = 0, x = place.rect.x; r < rows.count; r++) {
      for (; x < rows.ends[r]!; x++) labels.set(`${x},${y}`, rows.labels[r]!);
    }
  }
  return labels;
}

const disc = (x: number, y: number): number => 6 - Math.hypot(x - 20, y - 14);
const all = [...Array.from({ length: plan.columns * plan.rows }).keys()];

describe('a segmented tile', () => {
  test.each([
    ['NCHW', 'softmax'],
    ['NHWC', 'softmax'],
    ['NCHW', 'sigmoid'],
    ['NHWC', 'none'],
  ] as const)('class map, %s, %s: the highest plane, and its part of the core', (layout, activation) => {
    const manifest = manifestOf({ classMap: { name: 'o', layout, activation } }, 2);
    const last = layout === 'NHWC';
    const value = (x: number, y: number, p: number): number => {
      const logit = p === 1 ? disc(x, y) / 2 : 0.01;
      return activation === 'none' ? 1 / (1 + Math.exp(-logit)) : logit;
    };
    const results = run(manifest, { o: tensor(all, 2, value, { last }) }, all);
    results.forEach((result, tile) => {
      const core = coreModelRect(plan, tile);
      let ones = 0;
      for (const [key, label] of labelsOf(manifest, result)) {
        const [x = 0, y = 0] = key.split(',').map(Number);
        expect(label).toBe(value(x, y, 1) > value(x, y, 0) ? 1 : 0);
        const isCore = x >= core.x && y >= core.y && x < core.x + core.width && y < core.y + core.height;
        if (isCore) ones += label;
      }
      const part = ones / (core.width * core.height);
      expect((result as TileResult).values[1]).toBe(Math.fround(part));
      expect((result as TileResult).values[0]).toBeCloseTo(1 - part, 6);
    });
  });

  test('one plane fewer than classes: class 0 where no sigmoid is above the threshold', () => {
    const manifest = manifestOf({ classMap: { name: 'o', layout: 'NCHW', activation: 'sigmoid' } }, 3, {
      threshold: 0.7,
    });
    const logit = Math.log(0.7 / 0.3);
    const value = (x: number, _: number, p: number): number =>
      p === 0 ? (x < 18 ? logit + 0.1 : logit - 0.1) : x > 24 ? 3 : -3;
    for (const [key, label] of labelsOf(manifest, run(manifest, { o: tensor([1], 2, value) }, [1])[0])) {
      const x = Number(key.split(',')[0]);
      expect(label).toBe(x < 18 ? 1 : x > 24 ? 2 : 0);
    }
  });

  test('with a threshold for the highest plane: class 0 where it is not reached, and its own probability there', () => {
    const classMap = { name: 'o', layout: 'NCHW', activation: 'none', needsThreshold: true } as const;
    const manifest = manifestOf({ classMap }, 3, { threshold: 0.5 });
    // Class 2 is the highest everywhere, and reaches the threshold up to x = 18.
    const value = (x: number, _: number, p: number): number => [0.2, 0.1, x <= 18 ? 0.5 : 0.4375][p]!;
    const outputs = { o: tensor(all, 3, value) };
    const labels = run(manifest, outputs, all).map((result) => labelsOf(manifest, result));
    for (const [key, label] of labels.flatMap((each) => [...each])) {
      expect(label).toBe(Number(key.split(',')[0]) <= 18 ? 2 : 0);
    }
    const { needsThreshold: _, ...without } = classMap;
    const plain = manifestOf({ classMap: without }, 3, { threshold: 0.5 });
    expect(new Set(labelsOf(plain, run(plain, { o: tensor([1], 3, value) }, [1])[0]).values())).toEqual(
      new Set([2]),
    );
  });

  test('an answer with fewer pixels is brought to those of the input where the model says so', () => {
    const classMap = { name: 'o', layout: 'NCHW', activation: 'softmax', upsample: 'nearest' } as const;
    const manifest = manifestOf({ classMap }, 2);
    const rect = tileModelRect(plan, 0);
    const data = new Float32Array(2 * 4 * 4);
    // Of each quarter of a quarter, class 1 where it is marked.
    const marks = [1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1];
    marks.forEach((mark, at) => (data[16 + at] = mark * 2 - 1));
    const labels = labelsOf(manifest, run(manifest, { o: { dims: [1, 2, 4, 4], data } }, [0])[0]);
    expect(labels.size).toBeGreaterThan(100);
    for (const [key, label] of labels) {
      const [x = 0, y = 0] = key.split(',').map(Number);
      expect(label).toBe(marks[Math.floor((y - rect.y) / 4) * 4 + Math.floor((x - rect.x) / 4)]);
    }
  });

  test('an output that is smaller than the input is its centre; at the rim of the image the rest is unknown', () => {
    const manifest = manifestOf({ classMap: { name: 'o', layout: 'NCHW', activation: 'softmax' } }, 2, {
      seams: 'centre',
    });
    const value = (x: number, y: number, p: number): number => (p === 1 ? disc(x, y) : 0);
    const [result] = run(manifest, { o: tensor([0], 2, value, { crop: 2 }) }, [0]);
    const labels = labelsOf(manifest, result);
    expect(labels.get('1,5')).toBe(255);
    expect(labels.get('5,1')).toBe(255);
    expect(labels.get('2,2')).toBe(0);
    expect(labels.get('13,13')).toBe(disc(13, 13) > 0 ? 1 : 0);
    const sum = (result as TileResult).values.reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 6);
    // With less overlap than is cut off nothing would be known between two tiles.
    expect(() => run(manifest, { o: tensor([0], 2, value, { crop: 3 }) }, [0])).toThrow(/do not meet/);
  });

  test('NaN, wrong shapes and classes without a name are errors', () => {
    const manifest = manifestOf({ classMap: { name: 'o', layout: 'NCHW', activation: 'softmax' } }, 2);
    const good = tensor([0, 1], 2, () => 0.5);
    good.data[300] = Number.NaN;
    const results = run(manifest, { o: good }, [0, 1]);
    expect(results[0]).toBeInstanceOf(GigatileError);
    expect(results[1]).not.toBeInstanceOf(GigatileError);
    expect(() => run(manifest, { o: tensor([0], 3, () => 0) }, [0])).toThrow(/3 planes .NCHW. for 2 classes/);
    expect(() => run(manifest, { o: { dims: [1, 2, 15, 16], data: new Float32Array(512) } }, [0])).toThrow(
      /shape 1 x 2 x 15 x 16/,
    );
    const labelled = manifestOf({ labels: { name: 'o' } }, 2);
    expect(() => run(labelled, { o: { dims: [1, 16, 16], data: new Uint8Array(256).fill(2) } }, [0])).toThrow(
      /class 2, which has no name/,
    );
  });

  test('a value map gives the mean of each quantity over the core, times its factor', () => {
    const manifest = manifestOf({ valueMap: { name: 'o', names: ['a', 'b'], factor: 10 } }, 1, {
      task: 'regress',
      backgroundClass: null,
      tileColor: { by: 'value', value: 'b', full: 400 },
    });
    const [first, second] = run(manifest, { o: tensor([0, 4], 2, (x, y, p) => (p === 0 ? x : y)) }, [0, 4]);
    const middle = (from: number, length: number): number => 10 * (from + (length - 1) / 2);
    for (const [tile, result] of [
      [0, first],
      [4, second],
    ] as const) {
      const core = coreModelRect(plan, tile);
      const values = [middle(core.x, core.width), middle(core.y, core.height)];
      expect((result as TileResult).values).toEqual(Float32Array.from(values));
      expect((result as TileResult).score).toBeCloseTo(values[1]! / 400, 6);
    }
    const broken = tensor([0], 2, () => Number.NaN);
    expect(run(manifest, { o: broken }, [0])[0]).toBeInstanceOf(GigatileError);
  });
});
