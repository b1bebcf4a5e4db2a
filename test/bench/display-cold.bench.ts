/**
 * Display tiles of a slide that nobody has looked at: a new process, and nothing of the file in the system's memory, against
 * OpenSlide's deep zoom in Python in the same state. Also how long the first tile takes from the moment of opening.
 * `node test/bench/display-cold.bench.ts [requests] [repeats of the texture in the slide with exact levels]`; adds to
 * test/bench/results/display-cold.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { displaySlides, openSlideTiles, target, type DisplaySlide } from './display-slides.ts';
import { record, type Figure } from './results.ts';
import { dropFromCache, percentile, tileRequests } from './tile-requests.ts';

const passes = 5;
const count = Number(process.argv[2] ?? 1000);
const load = loadavg()[0] ?? 0;
const here = import.meta.dirname;

interface OursPass {
  openMs: number;
  firstMs: number;
  tilesMs: number;
  latencies: number[];
}

async function measure(slide: DisplaySlide): Promise<{ figures: Figure[]; details: object }> {
  const { path, note } = slide;
  const source = await openImage(path, await createCodecs());
  const { info } = source;
  source.close();
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-'));
  const list = join(folder, 'requests.json');
  // The coarsest level is what is looked at first.
  const first = [info.display.levels.length - 1, 0, 0];
  writeFileSync(list, JSON.stringify([first, ...tileRequests(info.display.levels, count - 1)]));

  const ours: OursPass[] = [];
  const openslide: { seconds: number[]; p95: number }[] = [];
  for (let pass = 0; pass < passes; pass++) {
    dropFromCache(path);
    ours.push(
      JSON.parse(
        execFileSync(process.execPath, [join(here, 'display-cold.entry.ts'), path, list]).toString(),
      ),
    );
    dropFromCache(path);
    openslide.push(openSlideTiles(path, list, 1));
  }
  rmSync(folder, { recursive: true });

  const rates = ours.map(({ tilesMs }) => count / (tilesMs / 1000));
  const theirs = openslide.map(({ seconds }) => count / (seconds[0] ?? Number.NaN));
  const [rate, their] = [percentile(rates, 0.5), percentile(theirs, 0.5)];
  const median = (key: 'firstMs' | 'openMs'): number =>
    percentile(
      ours.map((pass) => pass[key]),
      0.5,
    );
  const p95 = percentile(
    ours.flatMap((pass) => pass.latencies),
    0.95,
  );
  const theirP95 = percentile(
    openslide.map((pass) => pass.p95),
    0.5,
  );
  const shown = (n: number): string => Math.round(n).toLocaleString('en');
  const gigapixel = ((info.width * info.height) / 1e9).toFixed(1);
  const figures = [
    {
      what: `Display tiles, cold: ${count} requests, new process, nothing of the ${gigapixel} gigapixel in memory${note}`,
      ours: `${shown(rate)} tiles/s, p95 ${p95.toFixed(2)} ms`,
      against: `OpenSlide deep zoom in Python, ${shown(their)} tiles/s, p95 ${theirP95.toFixed(1)} ms`,
      result: `${shown(rate / their)} times`,
      ...target(slide, '40 times', rate / their >= 40),
    },
  ];
  const firstMs = median('firstMs');
  if (!slide.isExact) {
    figures.push({
      what: `First tile of a ${gigapixel} gigapixel slide that was never opened, from opening`,
      ours: `${firstMs.toFixed(0)} ms, of which ${median('openMs').toFixed(0)} ms opening`,
      against: 'the design',
      result: `${firstMs.toFixed(0)} ms`,
      target: '100 ms',
      reached: firstMs <= 100,
    });
  }
  return { figures, details: { rates, theirs, firstMs: ours.map((pass) => pass.firstMs) } };
}

const figures: Figure[] = [];
const details: Record<string, object> = {};
for (const slide of displaySlides(Number(process.argv[3] ?? 10))) {
  const measured = await measure(slide);
  figures.push(...measured.figures);
  details[slide.isExact ? 'exactLevels' : 'realSize'] = measured.details;
}
await record('display-cold', figures, details, load);
