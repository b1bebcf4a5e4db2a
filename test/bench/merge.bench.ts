/**
 * Merging, ours and SAHI's array backend side by side: `node test/bench/merge.bench.ts [count]`; writes results/merge.json.
 *
 * 1,000,000 boxes of nuclei (10-30 px) over a slide of 100,000 x 100,000 px, as tiles of 512 px with an overlap of 64 see them: cut by
 * the tiles' borders, a little off in each, in the order in which a run collects them. 33,337 boxes piled up, 33 in each 100 x 100 px.
 * 100,000 rotated boxes.
 * SAHI is measured where GIGATILE_SAHI names a checkout of it, by GIGATILE_PYTHON (python3), which needs numpy and shapely. Best of five
 * runs each, as others use the machine too; CPU time tells a busy machine from slow code.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GridPlan, Merge } from '../../src-main/contract/run.ts';
import { planGrid, tileModelRect } from '../../src-main/core/grid.ts';
import { mergeDetections } from '../../src-main/core/merge/merge.ts';
import type { MergeContext } from '../../src-main/core/merge/merged.ts';
import { record, type Figure } from './results.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const repeats = 5;
const load = loadavg()[0] ?? 0;
const sahiCheckout = process.env['GIGATILE_SAHI'];

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

interface Boxes {
  packed: Float32Array;
  tiles: Int32Array;
  plan?: GridPlan;
}

const square = (edge: number, size: number, overlap: number): GridPlan =>
  planGrid({
    imageWidth: edge,
    imageHeight: edge,
    scaleX: 1,
    scaleY: 1,
    tileWidth: size,
    tileHeight: size,
    overlap,
  });

/** Objects as the tiles of a run see them, tile by tile. */
function slide(total: number): Boxes {
  const random = randomNumbers(1);
  const edge = Math.round(100_000 * Math.sqrt(total / 1_000_000));
  const plan = square(edge, 512, 64);
  const step = 512 - 64;
  const rows: number[][] = [];
  while (rows.length < total) {
    const size = 10 + random() * 20;
    const [x, y] = [random() * (edge - 40), random() * (edge - 40)];
    const [width, height] = [size, size * (0.8 + random() * 0.4)];
    const classIndex = Math.floor(random() * 2);
    const tilesAt = (at: number, last: number): number[] =>
      [Math.floor(at / step) - 1, Math.floor(at / step), Math.floor(at / step) + 1].filter(
        (i) => i >= 0 && i <= last,
      );
    for (const row of tilesAt(y, plan.rows - 1)) {
      for (const column of tilesAt(x, plan.columns - 1)) {
        const tile = row * plan.columns + column;
        const rect = tileModelRect(plan, tile);
        const x1 = Math.max(rect.x, x + random());
        const y1 = Math.max(rect.y, y + random());
        const w = Math.min(rect.x + 512, x + width) - x1;
        const h = Math.min(rect.y + 512, y + height) - y1;
        if (w > 2 && h > 2) rows.push([x1, y1, w, h, classIndex, random(), tile]);
      }
    }
  }
  rows.length = total;
  rows.sort((a, b) => a[6]! - b[6]!);
  return {
    packed: Float32Array.from(rows.flatMap((row) => row.slice(0, 6))),
    tiles: Int32Array.from(rows, (row) => row[6]!),
    plan,
  };
}

function crowd(total: number): Boxes {
  const random = randomNumbers(2);
  const edge = 100 * Math.sqrt(total / 33);
  const packed = new Float32Array(total * 6);
  for (let i = 0; i < total; i++) {
    packed.set(
      [random() * edge, random() * edge, 15 + random() * 20, 15 + random() * 20, 0, random()],
      i * 6,
    );
  }
  return { packed, tiles: Int32Array.from({ length: total }, (_, i) => i % 1000) };
}

/** Ships at any angle, each seen from two tiles. */
function rotated(total: number): Boxes & { context: MergeContext } {
  const random = randomNumbers(3);
  const edge = 40 * Math.sqrt(total);
  const packed = new Float32Array(total * 6);
  const numbers = new Float32Array(total * 12);
  let [cx, cy, angle] = [0, 0, 0];
  for (let i = 0; i < total; i++) {
    if (i % 2 === 0) [cx, cy, angle] = [random() * edge, random() * edge, random() * Math.PI];
    else [cx, cy] = [cx + random() * 2, cy + random() * 2];
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const corners = [-1, -1, 1, -1, 1, 1, -1, 1];
    const xs = [0, 1, 2, 3].map((k) => cx + corners[2 * k]! * 30 * c - corners[2 * k + 1]! * 5 * s);
    const ys = [0, 1, 2, 3].map((k) => cy + corners[2 * k]! * 30 * s + corners[2 * k + 1]! * 5 * c);
    numbers.set([1, 1, 4, ...xs.flatMap((x, k) => [x, ys[k]!]), 0], i * 12);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    packed.set([x, y, Math.max(...xs) - x, Math.max(...ys) - y, 0, random()], i * 6);
  }
  const starts = Uint32Array.from({ length: total + 1 }, (_, i) => i * 12);
  return {
    packed,
    tiles: Int32Array.from({ length: total }, (_, i) => i % 2),
    context: { outlines: { numbers, starts } },
  };
}

interface Timed {
  ms: number;
  cpuMs: number;
  kept: number;
}

function time({ packed, tiles }: Boxes, merge: Merge, context: MergeContext = {}): Timed {
  const best: Timed = { ms: Infinity, cpuMs: Infinity, kept: 0 };
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const before = process.cpuUsage();
    best.kept = mergeDetections(packed, tiles, merge, context).kept.length;
    const { user, system } = process.cpuUsage(before);
    best.ms = Math.min(best.ms, performance.now() - start);
    best.cpuMs = Math.min(best.cpuMs, (user + system) / 1000);
  }
  return best;
}

const folder = mkdtempSync(join(tmpdir(), 'gigatile-merge-'));

/** null where SAHI is not there. */
function timeSahi(
  { packed }: Boxes,
  { type, metric, threshold }: Extract<Merge, { mode: 'sahi' }>,
): { ms: number; kept: number } | null {
  if (sahiCheckout === undefined) return null;
  const path = join(folder, 'boxes.f32');
  const corners = packed.slice();
  for (let p = 0; p < corners.length; p += 6) {
    corners[p + 2] = packed[p]! + packed[p + 2]!;
    corners[p + 3] = packed[p + 1]! + packed[p + 3]!;
    corners[p + 4] = packed[p + 5]!;
    corners[p + 5] = packed[p + 4]!;
  }
  writeFileSync(path, corners);
  const script = join(import.meta.dirname, 'merge-sahi.py');
  const slow = type === 'NMM' ? '1' : '3';
  const order = [script, sahiCheckout, path, type, metric, String(threshold), slow];
  const answer = execFileSync(process.env['GIGATILE_PYTHON'] ?? 'python3', order, {
    encoding: 'utf8',
    timeout: 300_000,
  });
  return JSON.parse(answer) as { ms: number; kept: number };
}

const figures: Figure[] = [];
const details: Record<string, unknown> = {};
const milliseconds = (value: number) => `${Math.round(value).toLocaleString('en')} ms`;

function figure(
  what: string,
  ours: Timed,
  against: { ms: number } | null,
  most: number,
  leastRatio?: number,
): void {
  const ratio = against && against.ms / ours.ms;
  const hasRatio = ratio !== null && leastRatio !== undefined;
  figures.push({
    what,
    ours: `${milliseconds(ours.ms)} (processor ${milliseconds(ours.cpuMs)})`,
    against: against ? `SAHI's array backend, ${milliseconds(against.ms)}` : 'the design',
    result: ratio === null ? milliseconds(ours.ms) : `${ratio.toFixed(1)} times`,
    target: `${milliseconds(most)}${hasRatio ? `, ${leastRatio} times` : ''}`,
    reached: ours.ms <= most && (!hasRatio || ratio >= leastRatio),
  });
  details[what] = { ours, against };
}

const types = ['NMS', 'GREEDYNMM', 'NMM'] as const;
const sahi = (type: (typeof types)[number], metric: 'IOU' | 'IOS', threshold: number) =>
  ({ mode: 'sahi', type, metric, threshold }) as const;

try {
  const large = slide(count);
  const named = `${count.toLocaleString('en')} boxes`;
  const suppressed = timeSahi(large, sahi('NMS', 'IOU', 0.5));
  figure(`Merging ${named}: exact, boxes alone`, time(large, { mode: 'exact' }), suppressed, 500, 7);
  figure(`The same with what borders cut`, time(large, { mode: 'exact' }, { plan: large.plan }), null, 500);
  for (const type of types) {
    const merge = sahi(type, type === 'NMS' ? 'IOU' : 'IOS', 0.5);
    const against = type === 'NMS' ? suppressed : timeSahi(large, merge);
    figure(`Merging ${named}: sahi:${type}:${merge.metric}:0.5`, time(large, merge), against, 2000);
  }
  const piled = crowd(33_337);
  for (const type of types) {
    const merge = sahi(type, 'IOS', 0.3);
    figure(
      `Merging 33,337 crowded boxes: sahi:${type}:IOS:0.3`,
      time(piled, merge),
      timeSahi(piled, merge),
      150,
    );
  }
  figure('Merging 33,337 crowded boxes: exact', time(piled, { mode: 'exact' }), null, 150);
  const ships = rotated(100_000);
  figure('Merging 100,000 rotated boxes: exact', time(ships, { mode: 'exact' }, ships.context), null, 1000);
} finally {
  rmSync(folder, { recursive: true });
}
await record('merge', figures, { count, details }, load);
