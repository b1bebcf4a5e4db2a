/**
 * A tile of 224 px from the image's pixels to a model's input, each way that models ask for, against a plain copy of the same bytes
 * (the built-in models' own way): in one process, in turns. `node test/bench/input-conversion.bench.ts [rounds]`
 */
import { loadavg } from 'node:os';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { PixelMemory } from '../../src-main/core/pixel-kernel/pixel-memory.ts';
import { tensorFiller, type InputArray } from '../../src-main/models/fill-tensor.ts';
import { BilinearResize } from '../../src-main/models/input/bilinear.ts';
import { record, type Figure } from './results.ts';

const rounds = Number(process.argv[2] ?? 9);
const size = 224;
const samples = size * size * 3;
/** Longer than any hiccup of the machine's clock, shorter than a round of others' work. */
const roundMs = 150;

const memory = new PixelMemory(64 * 1024 * 1024);
function piece(bytes: number): Uint8Array {
  const taken = memory.take(bytes);
  if (taken === null) throw new Error('no room left');
  return taken;
}

/** Noise (xorshift32): what a photograph costs is no less. */
function noise(length: number): Uint8Array {
  const bytes = piece(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 255;
  }
  return bytes;
}

const pixels = noise(samples);
const double = noise(samples * 4);
const plain: ModelManifest['input'] = {
  name: 'image',
  layout: 'NCHW',
  dtype: 'float32',
  bands: ['red', 'green', 'blue'],
  tileSize: size,
  fixedSize: true,
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const level = { width: size, height: size, downsample: 1, tileWidth: size, tileHeight: size };
const info: ImageInfo = {
  name: 'noise',
  format: 'tiff',
  vendor: null,
  width: size,
  height: size,
  mpp: null,
  geo: null,
  objectivePower: null,
  bands: 3,
  bandNames: null,
  dtype: 'uint8',
  noData: null,
  levels: [level],
  associated: [],
  compression: 'none',
  display: { levels: [level], passthrough: false },
};

function filling(input: ModelManifest['input'], target: InputArray): () => void {
  const fill = tensorFiller(input, input.dtype, [0, 1, 2], info);
  const tile = { width: size, height: size, bands: 3, data: pixels };
  return () => fill(tile, target, 0);
}

const room = piece(samples * 4);
const floats = new Float32Array(room.buffer as ArrayBuffer, room.byteOffset, samples);
const bytes = piece(samples);
const bilinear = new BilinearResize(
  { width: size * 2, height: size * 2 },
  { width: size, height: size },
  3,
  'uint8',
);

const ways: { name: string; most: number; run: () => void }[] = [
  { name: 'plain copy', most: 1, run: () => bytes.set(pixels) },
  {
    name: 'uint8 NHWC',
    most: 2,
    run: filling({ ...withoutScale(plain), layout: 'NHWC', dtype: 'uint8' }, bytes),
  },
  { name: 'float32 NCHW, by the kernel', most: 30, run: filling(plain, floats) },
  { name: 'float16 NCHW', most: 250, run: filling({ ...plain, dtype: 'float16' }, new Uint16Array(samples)) },
  {
    name: 'bilinear from twice the size',
    most: 500,
    run: () => {
      bilinear.add(double, size * 2);
      bilinear.finish(bytes);
    },
  },
  {
    name: 'zero mean, unit variance, a band',
    most: 500,
    run: filling(
      { ...plain, tileStatistics: { kind: 'zero-mean-unit-variance', perBand: true, eps: 1e-6 } },
      floats,
    ),
  },
  {
    name: 'percentiles 1 and 99.8, a band',
    most: 500,
    run: filling(
      { ...plain, tileStatistics: { kind: 'percentiles', low: 1, high: 99.8, perBand: true, eps: 1e-6 } },
      floats,
    ),
  },
];

function withoutScale({ name, bands, tileSize, fixedSize, layout, dtype }: ModelManifest['input']) {
  return { name, bands, tileSize, fixedSize, layout, dtype };
}

/** Microseconds a tile. */
function time(run: () => void): number {
  const end = performance.now() + roundMs;
  let runs = 0;
  const start = performance.now();
  let now = start;
  while (now < end) {
    for (let i = 0; i < 8; i++) run();
    runs += 8;
    now = performance.now();
  }
  return ((now - start) / runs) * 1000;
}

for (const { run } of ways) time(run);
const times = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const { name, run } of ways) times.get(name)!.push(time(run));
}
const median = (name: string): number => times.get(name)!.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
const copy = median('plain copy');
const figures: Figure[] = ways.slice(1).map(({ name, most }) => {
  const taken = median(name);
  return {
    what: `A tile of ${size} px as input: ${name}`,
    ours: `${taken.toFixed(taken < 10 ? 1 : 0)} µs`,
    against: `a copy of its bytes, ${copy.toFixed(1)} µs`,
    result: `${(taken / copy).toFixed(taken / copy < 10 ? 1 : 0)} times`,
    target: `at most ${most} times`,
    reached: taken / copy <= most,
  };
});
await record('input-conversion', figures, { times: Object.fromEntries(times) }, loadavg()[0] ?? 0);
