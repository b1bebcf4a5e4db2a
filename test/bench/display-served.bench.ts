/**
 * Display tiles through the real server (`gigatile serve`, its engine and its image worker) with a client in a process of its own,
 * six connections as a browser has, against OpenSlide's deep zoom in Python with the same requests, in its own process alone.
 * `node test/bench/display-served.bench.ts [requests] [repeats of the texture]`; adds to test/bench/results/display-served.json.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { freshHome, serveApp } from '../support/served-app.ts';
import { openCaseOver } from './open-case-over.ts';
import { bigSlide } from './big-slide.ts';
import { record } from './results.ts';
import { percentile, tileRequests } from './tile-requests.ts';

const count = Number(process.argv[2] ?? 1000);
const load = loadavg()[0] ?? 0;
const path = bigSlide(Number(process.argv[3] ?? 3));
const source = await openImage(path, await createCodecs());
const requests = tileRequests(source.info.display.levels, count);
source.close();

const { home, remove } = freshHome();
const app = await serveApp(home, [path]);
const here = import.meta.dirname;
let ours: { seconds: number[]; latencies: number[] };
try {
  const { caseId, cookie } = await openCaseOver(app.url);
  const list = join(home, 'paths.json');
  writeFileSync(list, JSON.stringify(requests.map((request) => `/tiles/${caseId}/${request.join('/')}`)));
  const client = [join(here, 'display-served.client.ts'), app.url, cookie, list];
  ours = JSON.parse(execFileSync(process.execPath, client).toString());
} finally {
  await app.stop();
}
const list = join(home, 'requests.json');
writeFileSync(list, JSON.stringify(requests));
const openslide: { seconds: number[]; p95: number } = JSON.parse(
  execFileSync('/usr/bin/python3', [join(here, 'display-tiles-openslide.py'), path, list, '3']).toString(),
);
remove();

const rate = count / Math.min(...ours.seconds.slice(1));
const firstRate = count / (ours.seconds[0] ?? Number.NaN);
const their = count / Math.min(...openslide.seconds.slice(1));
const p95 = percentile(ours.latencies, 0.95);
const shown = (n: number): string => Math.round(n).toLocaleString('en');
await record(
  'display-served',
  [
    {
      what: `Display tiles through the web server: ${count} requests, 6 connections`,
      ours: `${shown(rate)} tiles/s (the first time ${shown(firstRate)})`,
      against: `OpenSlide deep zoom in Python, in process, ${shown(their)} tiles/s`,
      result: `${shown(rate / their)} times`,
      target: '40 times',
      reached: rate / their >= 40,
    },
    {
      what: 'The same: 95 of 100 tiles come within',
      ours: `${p95.toFixed(1)} ms`,
      against: `OpenSlide ${openslide.p95.toFixed(1)} ms`,
      result: `${p95.toFixed(1)} ms`,
      target: '5 ms',
      reached: p95 < 5,
    },
  ],
  { rate, firstRate, their, p95 },
  load,
);
