/**
 * Merging a million boxes, against the target of 0.5 s: `node test/bench/merge.bench.ts [count]`.
 * Boxes of nuclei (10-30 px) over a slide of 100,000 x 100,000 px in tiles of 512, every second one seen from two tiles, in the
 * order in which a run collects them (tile by tile), and shuffled; then a crowd of 33 boxes per 100 x 100 px, and ten huge boxes
 * among the small ones. CPU time beside wall time tells a busy machine from slow code.
 */
import { mergeDetections } from '../../src-main/core/merge/merge.ts';
import type { Merge } from '../../src-main/contract/run.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const repeats = 5;

/** Repeatable numbers (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function boxes(layout: 'slide' | 'shuffled' | 'crowded' | 'huge'): {
  packed: Float32Array;
  tiles: Int32Array;
} {
  const random = randomNumbers(1);
  const edge = layout === 'crowded' ? 100 * Math.sqrt(count / 33) : 100_000;
  const columns = Math.ceil(edge / 512);
  const packed = new Float32Array(count * 6);
  const tiles = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const p = i * 6;
    if (i % 2 === 1) {
      for (let k = 0; k < 4; k++) packed[p + k] = packed[p - 6 + k]! + random() * 2;
      packed[p + 4] = packed[p - 2]!;
      packed[p + 5] = random();
      tiles[i] = tiles[i - 1]! + 1;
      continue;
    }
    const size = layout === 'huge' && i % 100_000 === 0 ? 20_000 : 10 + random() * 20;
    packed[p] = random() * edge;
    packed[p + 1] = random() * edge;
    packed[p + 2] = size;
    packed[p + 3] = size * (0.8 + random() * 0.4);
    packed[p + 4] = Math.floor(random() * 2);
    packed[p + 5] = random();
    tiles[i] = Math.floor(packed[p + 1]! / 512) * columns + Math.floor(packed[p] / 512);
  }
  return layout === 'shuffled' ? { packed, tiles } : byTile(packed, tiles);
}

/** As a run collects them. */
function byTile(packed: Float32Array, tiles: Int32Array): { packed: Float32Array; tiles: Int32Array } {
  const order = Int32Array.from(tiles.keys()).sort((a, b) => tiles[a]! - tiles[b]! || a - b);
  const sorted = new Float32Array(packed.length);
  for (const [to, from] of order.entries()) sorted.set(packed.subarray(from * 6, from * 6 + 6), to * 6);
  return { packed: sorted, tiles: order.map((i) => tiles[i]!) };
}

const sahi = (type: 'NMS' | 'NMM' | 'GREEDYNMM', metric: 'IOU' | 'IOS'): Merge => ({
  mode: 'sahi',
  type,
  metric,
  threshold: 0.5,
});
const modes: [string, Merge][] = [
  ['exact', { mode: 'exact' }],
  ['sahi NMS IOU', sahi('NMS', 'IOU')],
  ['sahi GREEDYNMM IOS', sahi('GREEDYNMM', 'IOS')],
  ['sahi NMM IOS', sahi('NMM', 'IOS')],
];

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

for (const layout of ['slide', 'shuffled', 'crowded', 'huge'] as const) {
  const { packed, tiles } = boxes(layout);
  for (const [name, merge] of modes) {
    const walls: number[] = [];
    const cpus: number[] = [];
    let kept = 0;
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      const before = process.cpuUsage();
      kept = mergeDetections(packed, tiles, merge).kept.length;
      const { user, system } = process.cpuUsage(before);
      walls.push(performance.now() - start);
      cpus.push((user + system) / 1000);
    }
    console.log(
      `${layout.padEnd(8)} ${name.padEnd(18)} ${count} boxes -> ${kept}: ` +
        `median ${median(walls).toFixed(0)} ms (CPU ${median(cpus).toFixed(0)} ms, best ${Math.min(...walls).toFixed(0)} ms)`,
    );
  }
}
