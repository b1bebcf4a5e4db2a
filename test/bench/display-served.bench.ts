/**
 * Display tiles through the real server (`gigatile serve`, its engine and its image worker) with a client in a process of its own,
 * six connections as a browser has, against OpenSlide's deep zoom in Python with the same requests, in its own process alone.
 * `node test/bench/display-served.bench.ts [requests] [repeats of the texture in the slide with exact levels]`; adds to
 * test/bench/results/display-served.json.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { freshHome, serveApp } from '../support/served-app.ts';
import { openCaseOver } from './open-case-over.ts';
import { displaySlides, openSlideTiles, target, type DisplaySlide } from './display-slides.ts';
import { record, type Figure } from './results.ts';
import { percentile, tileRequests } from './tile-requests.ts';

const count = Number(process.argv[2] ?? 1000);
const load = loadavg()[0] ?? 0;
const client = join(import.meta.dirname, 'display-served.client.ts');

async function measure(slide: DisplaySlide): Promise<{ figures: Figure[]; details: object }> {
  const { path, note } = slide;
  const source = await openImage(path, await createCodecs());
  const requests = tileRequests(source.info.display.levels, count);
  source.close();

  const { home, remove } = freshHome();
  const app = await serveApp(home, [path]);
  let ours: { seconds: number[]; latencies: number[] };
  try {
    const { caseId, cookie } = await openCaseOver(app.url);
    const list = join(home, 'paths.json');
    writeFileSync(list, JSON.stringify(requests.map((request) => `/tiles/${caseId}/${request.join('/')}`)));
    ours = JSON.parse(execFileSync(process.execPath, [client, app.url, cookie, list]).toString());
  } finally {
    await app.stop();
  }
  const list = join(home, 'requests.json');
  writeFileSync(list, JSON.stringify(requests));
  const openslide = openSlideTiles(path, list, 3);
  remove();

  const rate = count / Math.min(...ours.seconds.slice(1));
  const firstRate = count / (ours.seconds[0] ?? Number.NaN);
  const their = count / Math.min(...openslide.seconds.slice(1));
  const p95 = percentile(ours.latencies, 0.95);
  const shown = (n: number): string => Math.round(n).toLocaleString('en');
  return {
    figures: [
      {
        what: `Display tiles through the web server: ${count} requests, 6 connections${note}`,
        ours: `${shown(rate)} tiles/s (the first time ${shown(firstRate)})`,
        against: `OpenSlide deep zoom in Python, in process, ${shown(their)} tiles/s`,
        result: `${shown(rate / their)} times`,
        ...target(slide, '40 times', rate / their >= 40),
      },
      {
        what: `The same${note}: 95 of 100 tiles come within`,
        ours: `${p95.toFixed(1)} ms`,
        against: `OpenSlide ${openslide.p95.toFixed(1)} ms`,
        result: `${p95.toFixed(1)} ms`,
        ...target(slide, '5 ms', p95 < 5),
      },
    ],
    details: { rate, firstRate, their, p95 },
  };
}

const figures: Figure[] = [];
const details: Record<string, object> = {};
for (const slide of displaySlides(Number(process.argv[3] ?? 3))) {
  const measured = await measure(slide);
  figures.push(...measured.figures);
  details[slide.isExact ? 'exactLevels' : 'realSize'] = measured.details;
}
await record('display-served', figures, details, load);
