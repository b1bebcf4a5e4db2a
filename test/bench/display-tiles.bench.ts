/**
 * Display tiles: our reader in this process against OpenSlide's deep zoom in Python, the same requests over all levels.
 * `node test/bench/display-tiles.bench.ts [requests] [repeats]`; appends to test/bench/results/display-tiles.json.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs.ts';
import { bigSlide } from './big-slide.ts';

const target = 150;
/**
 * The best pass of each counts: on a busy machine the others measure the neighbours. A pass of ours takes milliseconds, less
 * than a time slice, so there are more of them.
 */
const passes = { ours: 60, openslide: 3 };
const requestCount = Number(process.argv[2] ?? 1000);
const path = bigSlide(Number(process.argv[3] ?? 3));

const source = await openImage(path, await createCodecs());
const { levels } = source.info.display;

/** Evenly over the levels that both have, as somebody who zooms in and out asks. */
let state = 12_345;
const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
const requests = Array.from({ length: requestCount }, () => {
  const level = Math.floor(random() * levels.length);
  const { width = 1, height = 1, tileWidth = 1, tileHeight = 1 } = levels[level] ?? {};
  const column = Math.floor(random() * Math.ceil(width / tileWidth));
  return [level, column, Math.floor(random() * Math.ceil(height / tileHeight))] as const;
});

const oursSeconds: number[] = [];
let latencies: number[] = [];
const percentiles: { p50: number; p95: number }[] = [];
for (let pass = 0; pass < passes.ours; pass++) {
  latencies = [];
  const start = performance.now();
  for (const [level, column, row] of requests) {
    const at = performance.now();
    const tile = await source.displayTile(level, column, row);
    if (tile === null) throw new Error(`no tile ${level}/${column}/${row}`);
    latencies.push(performance.now() - at);
  }
  oursSeconds.push((performance.now() - start) / 1000);
  latencies.sort((a, b) => a - b);
  percentiles.push({
    p50: latencies[Math.floor(requestCount / 2)] ?? 0,
    p95: latencies[Math.floor(requestCount * 0.95)] ?? 0,
  });
  // Garbage of one pass is collected between passes, not always in the same one.
  await new Promise((resolve) => setTimeout(resolve, 20));
}
source.close();
const middle = (key: 'p50' | 'p95'): number =>
  percentiles.map((pass) => pass[key]).toSorted((a, b) => a - b)[passes.ours >> 1] ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-'));
const list = join(folder, 'requests.json');
writeFileSync(list, JSON.stringify(requests));
const script = join(import.meta.dirname, 'display-tiles-openslide.py');
const answer: { seconds: number[]; p50: number; p95: number; levels: number } = JSON.parse(
  execFileSync('/usr/bin/python3', [script, path, list, String(passes.openslide)]).toString(),
);
rmSync(folder, { recursive: true });

const rate = (seconds: number): number => requestCount / seconds;
const best = (seconds: number[]): number => rate(Math.min(...seconds.slice(1)));
const result = {
  at: new Date().toISOString(),
  image: { width: source.info.width, height: source.info.height, levels: levels.length },
  requests: requestCount,
  cpu: cpus()[0]?.model ?? null,
  ours: {
    first: rate(oursSeconds[0] ?? 0),
    warm: best(oursSeconds),
    p50Ms: middle('p50'),
    p95Ms: middle('p95'),
  },
  openslide: {
    first: rate(answer.seconds[0] ?? 0),
    warm: best(answer.seconds),
    p50Ms: answer.p50,
    p95Ms: answer.p95,
  },
};
const ratio = result.ours.warm / result.openslide.warm;
appendFileSync(
  join(import.meta.dirname, 'results', 'display-tiles.json'),
  `${JSON.stringify({ ...result, ratio })}\n`,
);

const shown = (n: number): string => Math.round(n).toLocaleString('en');
console.log(
  `display tiles, ${requestCount} requests over ${levels.length} levels of ${result.image.width} x ${result.image.height}, warm: ` +
    `ours ${shown(result.ours.warm)}/s (p95 ${result.ours.p95Ms.toFixed(3)} ms), ` +
    `OpenSlide deep zoom in Python ${shown(result.openslide.warm)}/s (p95 ${result.openslide.p95Ms.toFixed(1)} ms): ` +
    `${shown(ratio)} times (target ${target}). First pass: ${shown(result.ours.first / result.openslide.first)} times.`,
);
process.exitCode = ratio >= target ? 0 : 1;
