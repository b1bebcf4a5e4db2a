/**
 * Display tiles of a slide that nobody has looked at: a new process, and nothing of the file in the system's memory, against
 * OpenSlide's deep zoom in Python in the same state. Also how long the first tile takes from the moment of opening.
 * `node test/bench/display-cold.bench.ts [requests] [repeats of the texture]`; adds to test/bench/results/display-cold.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { bigSlide } from './big-slide.ts';
import { record } from './results.ts';
import { dropFromCache, percentile, tileRequests } from './tile-requests.ts';

const passes = 5;
const count = Number(process.argv[2] ?? 1000);
const load = loadavg()[0] ?? 0;
const path = bigSlide(Number(process.argv[3] ?? 10));

const source = await openImage(path, await createCodecs());
const { info } = source;
source.close();
const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-'));
const list = join(folder, 'requests.json');
// The coarsest level is what is looked at first.
const first = [info.display.levels.length - 1, 0, 0];
writeFileSync(list, JSON.stringify([first, ...tileRequests(info.display.levels, count - 1)]));

interface OursPass {
  openMs: number;
  firstMs: number;
  tilesMs: number;
  latencies: number[];
}
const here = import.meta.dirname;
const ours: OursPass[] = [];
const openslide: { seconds: number[]; p95: number }[] = [];
for (let pass = 0; pass < passes; pass++) {
  dropFromCache(path);
  ours.push(
    JSON.parse(execFileSync(process.execPath, [join(here, 'display-cold.entry.ts'), path, list]).toString()),
  );
  dropFromCache(path);
  openslide.push(
    JSON.parse(
      execFileSync('/usr/bin/python3', [
        join(here, 'display-tiles-openslide.py'),
        path,
        list,
        '1',
      ]).toString(),
    ),
  );
}
rmSync(folder, { recursive: true });

const rates = ours.map(({ tilesMs }) => count / (tilesMs / 1000));
const theirs = openslide.map(({ seconds }) => count / (seconds[0] ?? Number.NaN));
const [rate, their] = [percentile(rates, 0.5), percentile(theirs, 0.5)];
const firstMs = percentile(
  ours.map((pass) => pass.firstMs),
  0.5,
);
const shown = (n: number): string => Math.round(n).toLocaleString('en');
const gigapixel = ((info.width * info.height) / 1e9).toFixed(1);
await record(
  'display-cold',
  [
    {
      what: `Display tiles, cold: ${count} requests, new process, nothing of the ${gigapixel} gigapixel in memory`,
      ours: `${shown(rate)} tiles/s, p95 ${percentile(
        ours.flatMap((pass) => pass.latencies),
        0.95,
      ).toFixed(2)} ms`,
      against: `OpenSlide deep zoom in Python, ${shown(their)} tiles/s, p95 ${percentile(
        openslide.map((pass) => pass.p95),
        0.5,
      ).toFixed(1)} ms`,
      result: `${shown(rate / their)} times`,
      target: '40 times',
      reached: rate / their >= 40,
    },
    {
      what: `First tile of a ${gigapixel} gigapixel slide that was never opened, from opening`,
      ours: `${firstMs.toFixed(0)} ms, of which ${percentile(
        ours.map((pass) => pass.openMs),
        0.5,
      ).toFixed(0)} ms opening`,
      against: 'the design',
      result: `${firstMs.toFixed(0)} ms`,
      target: '100 ms',
      reached: firstMs <= 100,
    },
  ],
  { rates, theirs, firstMs: ours.map((pass) => pass.firstMs) },
  load,
);
