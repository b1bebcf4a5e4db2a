/**
 * Blending and polygonising what a segmenter said about 30,000 x 30,000 pixels (five classes, tiles of 512 with an overlap of 64),
 * from the case file and back into it: `node test/bench/segmentation.bench.ts [edge]`. In a process of its own, whose memory is
 * watched (Linux only).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { collectRegions } from '../../src-main/engine/synthesize-regions.ts';
import { synthesize } from '../../src-main/engine/synthesize.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { benchFolder } from './bench-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { record } from './results.ts';

const target = { seconds: 60, megabytes: 500 };

interface Measured {
  regions: number;
  cuts: number;
  tooSmall: number;
  sweepSeconds: number;
  seconds: number;
  cpuSeconds: number;
}

async function measure(path: string): Promise<Measured> {
  const file = CaseFile.open(path, 'write');
  const run = file.runs.get(1);
  const start = performance.now();
  const regions = await collectRegions(file, run);
  if (regions === null) throw new Error('the case has no masks');
  const sweepSeconds = (performance.now() - start) / 1000;
  const { findings } = synthesize(file, run, 'f', regions);
  file.transaction(() => file.findings.replace(run.no, findings));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage();
  const { count, cuts, tooSmall } = regions;
  regions.close();
  file.close();
  return { regions: count, cuts, tooSmall, sweepSeconds, seconds, cpuSeconds: (user + system) / 1e6 };
}

const [mode = '30000', measured = ''] = process.argv.slice(2);
if (mode === '--measure') {
  console.log(JSON.stringify(await measure(measured)));
} else {
  const path = join(benchFolder, `segmentation-${mode}.gigatile`);
  if (!existsSync(path)) {
    mkdirSync(benchFolder, { recursive: true });
    const made = spawnSync(
      process.execPath,
      [join(import.meta.dirname, 'segment-case.ts'), `${path}.part`, mode],
      {
        stdio: 'inherit',
      },
    );
    if (made.status !== 0) throw new Error('the case could not be made');
    spawnSync('mv', [`${path}.part`, path]);
  }
  const load = loadavg()[0] ?? 0;
  const child = spawn(process.execPath, [import.meta.filename, '--measure', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const watch = new ProcessWatch(child.pid ?? 0);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  watch.stop();
  rmSync(`${path}-wal`, { force: true });
  const result = JSON.parse(text) as Measured;
  const peak = Math.max(...[...watch.processes.values()].map((each) => each.peak));
  const what = `Regions of a segmentation of ${mode} x ${mode} pixels, ${result.regions.toLocaleString('en')} of them`;
  await record(
    'segmentation',
    [
      {
        what: `${what}: time`,
        ours: `${result.seconds.toFixed(1)} s (${result.cpuSeconds.toFixed(1)} s of processor time)`,
        against: 'nothing else',
        result: `${result.seconds.toFixed(1)} s`,
        target: `${target.seconds} s`,
        reached: result.seconds <= target.seconds,
      },
      {
        what: `${what}: memory`,
        ours: `${peak.toFixed(0)} MB`,
        against: 'nothing else',
        result: `${peak.toFixed(0)} MB`,
        target: `${target.megabytes} MB`,
        reached: peak <= target.megabytes,
      },
    ],
    { ...result, peak },
    load,
  );
}
