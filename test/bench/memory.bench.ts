/**
 * Memory of the engine and of each worker while a slide of 0.1 and one of 1 gigapixel are analysed: it must not follow the
 * image's size. `node test/bench/memory.bench.ts [smallWxH] [largeWxH]`. Linux only: reads /proc.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { analyzeByCli } from './analyze-cli.ts';
import { benchFolder, benchSample } from './bench-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { record, type Figure } from './results.ts';

const workers = 2;
/** MB that the figure may be over: garbage that was not yet collected. */
const slack = 1.15;
/** MB: the design's limits, the worker's without its model. */
const limits = { engine: 300, worker: 250 };

const sizes = [process.argv[2] ?? '10000x10000', process.argv[3] ?? '32000x31250'];

async function measure(size: string) {
  const [width, height] = size.split('x').map(Number) as [number, number];
  const image = await benchSample(width, height);
  let watch: ProcessWatch | null = null;
  const outcome = await analyzeByCli(image, join(benchFolder, 'memory.gigatile'), workers, (child) => {
    if (child.pid !== undefined) watch = new ProcessWatch(child.pid);
  });
  const seen = watch as ProcessWatch | null;
  if (!seen) throw new Error('gigatile analyze could not be started');
  seen.stop();
  const processes = [...seen.processes.values()];
  const peak = (role: 'engine' | 'worker'): number =>
    Math.max(...processes.filter((each) => each.role === role).map((each) => each.peak));
  console.log(
    `${size}: ${outcome.tiles.length} tiles, ${outcome.findings} findings, ${outcome.totalSeconds.toFixed(1)} s`,
  );
  for (const each of processes) {
    console.log(
      `  ${each.role} ${each.peak.toFixed(0)} MB (${each.anonymous.toFixed(0)} MB anonymous, ${each.proportional.toFixed(0)} MB with its share of mapped files): ${each.command.split('/').slice(-1)[0]}`,
    );
  }
  return {
    size,
    gigapixels: (width * height) / 1e9,
    tiles: outcome.tiles.length,
    findings: outcome.findings,
    seconds: outcome.totalSeconds,
    engine: peak('engine'),
    worker: peak('worker'),
    processes,
  };
}

const small = await measure(sizes[0] as string);
const large = await measure(sizes[1] as string);
const figures = (['engine', 'worker'] as const).flatMap((role): Figure[] => {
  const ratio = large[role] / small[role];
  const what = `Memory of ${role === 'engine' ? 'the engine' : 'each worker'}, ${large.gigapixels.toFixed(1)} gigapixel`;
  const ours = `${large[role].toFixed(0)} MB`;
  return [
    {
      what,
      ours,
      against: `${small.gigapixels.toFixed(1)} gigapixel, ${small[role].toFixed(0)} MB`,
      result: `${ratio.toFixed(2)} times`,
      target: `${slack} times`,
      reached: ratio <= slack,
    },
    {
      what: `${what}, resident, mapped files of the runtime included`,
      ours,
      against: 'the design',
      result: ours,
      target: `${limits[role]} MB`,
      reached: large[role] <= limits[role],
    },
  ];
});
await record('memory', figures, { small, large }, loadavg()[0] ?? 0);
