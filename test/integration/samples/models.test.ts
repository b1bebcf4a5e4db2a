/** The built-in models find what the samples say they hold: well, but not perfectly, as on real images. */
import * as ort from 'onnxruntime-node';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { matchPoints, pointsOfGeoJson } from '../../../src-main/core/match-truth.ts';
import { makePainter } from '../../../src-main/samples/painters.ts';
import type { PaintedBlock } from '../../../src-main/samples/sample-protocol.ts';

const models = resolve(import.meta.dirname, '../../../models');
const size = 1024;
/** What the model needs around a point, so that the block's border does not count. */
const margin = 32;
/** 4 µm. */
const radius = 8;

/** All pixels of a block. */
function pixelsOf<T extends Uint8Array | Uint16Array>(block: PaintedBlock, into: T, bands: number): T {
  const tileSize = 256;
  for (let row = 0; row < size; row += tileSize) {
    for (let column = 0; column < size; column += tileSize) {
      const tile = block.tile(column, row, tileSize);
      for (let y = 0; y < tileSize; y++) {
        const line = tile.subarray(y * tileSize * bands, (y + 1) * tileSize * bands);
        into.set(line, ((row + y) * size + column) * bands);
      }
    }
  }
  return into;
}

test('both models of H&E find the nuclei of the pathology sample with an F1 of 0.85 to 0.98', async () => {
  const found = await Promise.all(
    ['he-nuclei', 'he-nuclei-adaptive'].map(async (id) => ({
      session: await ort.InferenceSession.create(join(models, id, `${id}.onnx`)),
      predicted: [] as [number, number][],
    })),
  );
  const painter = makePainter({ kind: 'pathology', width: 6000, height: 4500, seed: 1 }, true);
  const truth: [number, number][] = [];
  const inside = (x: number, y: number): boolean =>
    x >= margin && y >= margin && x < size - margin && y < size - margin;
  for (const [x0, y0] of [
    [1024, 1024],
    [2048, 1024],
    [3072, 1024],
    [1024, 2048],
  ] as const) {
    const block = painter.paint(x0, y0);
    const pixels = pixelsOf(block, new Uint8Array(size * size * 3), 3);
    for (const { session, predicted } of found) {
      const outputs = await session.run({ image: new ort.Tensor('uint8', pixels, [1, size, size, 3]) });
      const detections = outputs['detections']?.data as Float32Array;
      for (let i = 0; i < detections.length; i += 7) {
        const [, x1, y1, x2, y2, confidence] = detections.subarray(i, i + 7) as unknown as number[];
        const [x, y] = [((x1 ?? 0) + (x2 ?? 0)) / 2, ((y1 ?? 0) + (y2 ?? 0)) / 2];
        if ((confidence ?? 0) >= 0.5 && inside(x, y)) predicted.push([x + x0, y + y0]);
      }
    }
    const points = pointsOfGeoJson(JSON.parse(`[${block.truth}]`));
    points.x.forEach((x, i) => {
      const y = points.y[i] as number;
      if (inside(x - x0, y - y0)) truth.push([x, y]);
    });
  }
  const set = (list: [number, number][]) => ({
    x: Float64Array.from(list, (point) => point[0]),
    y: Float64Array.from(list, (point) => point[1]),
  });
  expect(truth.length).toBeGreaterThan(1000);
  for (const { predicted } of found) {
    const score = matchPoints(set(predicted), set(truth), radius);
    expect(score.f1).toBeGreaterThan(0.85);
    expect(score.f1).toBeLessThan(0.98);
    // Where nuclei are not: the same detections, moved by a nucleus' length, match far fewer.
    const moved = set(predicted.map(([x, y]) => [x + 17, y + 17]));
    expect(matchPoints(moved, set(truth), radius).f1).toBeLessThan(0.6);
  }
});

test('landcover-rgbn measures the classes of the satellite sample to within a few percent of the area', async () => {
  const session = await ort.InferenceSession.create(
    join(models, 'landcover-rgbn/landcover-rgbn-uint16.onnx'),
  );
  const painter = makePainter({ kind: 'satellite', width: 4096, height: 3072, seed: 1 }, true);
  const names = ['no data', 'vegetation', 'water', 'bright', 'other'];
  const measured = names.map(() => 0);
  const truth = names.map(() => 0);
  for (const [x0, y0] of [
    [0, 0],
    [1024, 1024],
    [0, 2048],
  ] as const) {
    const block = painter.paint(x0, y0);
    const pixels = pixelsOf(block, new Uint16Array(size * size * 4), 4);
    const outputs = await session.run({ image: new ort.Tensor('uint16', pixels, [1, size, size, 4]) });
    const fractions = outputs['fractions']?.data as Float32Array;
    names.forEach((name, i) => {
      measured[i] = (measured[i] ?? 0) + (fractions[i] ?? 0) / 3;
      truth[i] = (truth[i] ?? 0) + (block.counts[name] ?? 0) / (3 * size * size);
    });
  }
  expect(measured[0]).toBeCloseTo(truth[0] ?? 0, 6);
  measured.forEach((fraction, i) => expect(Math.abs(fraction - (truth[i] ?? 0))).toBeLessThan(0.05));
  for (const fraction of truth) expect(fraction).toBeGreaterThan(0.01);
});
