/**
 * Analyze, from pixels on the disk to durable results, against `session.run` alone on ready tensors of the same tiles in as
 * many processes, turn by turn in one run. `node test/bench/analyze.bench.ts [rounds] [workers] [WxH]`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { analyzeByCli, type AnalyzeOutcome } from './analyze-cli.ts';
import { benchFolder, benchSample } from './bench-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { record } from './results.ts';
import type { RunAloneAnswer, RunAloneOrder } from './run-alone.entry.ts';

const target = 0.8;
const rounds = Number(process.argv[2] ?? 3);
const workers = Number(process.argv[3] ?? 2);
const [width, height] = (process.argv[4] ?? '12000x9000').split('x').map(Number) as [number, number];

const image = await benchSample(width, height);

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    child.once('message', (message) => done(message as T));
    child.once('exit', (code) => fail(new Error(`session.run alone ended with exit code ${code}`)));
  });
}

/** Seconds until the last of the processes was through with its share, and the processor time of all of them. */
async function runAlone(outcome: AnalyzeOutcome): Promise<RunAloneAnswer> {
  const entry = join(import.meta.dirname, 'run-alone.entry.ts');
  const children = Array.from({ length: workers }, () => fork(entry, { serialization: 'advanced' }));
  try {
    await Promise.all(
      children.map((child, i) => {
        const order: RunAloneOrder = {
          image,
          modelPath: outcome.modelPath,
          plan: outcome.plan,
          tiles: outcome.tiles.filter((_, at) => at % workers === i),
        };
        child.send(order);
        return answer(child);
      }),
    );
    const times = await Promise.all(
      children.map((child) => {
        child.send('go');
        return answer<RunAloneAnswer>(child);
      }),
    );
    return {
      seconds: Math.max(...times.map((time) => time.seconds)),
      cpuSeconds: times.reduce((sum, time) => sum + time.cpuSeconds, 0),
    };
  } finally {
    for (const child of children) {
      child.removeAllListeners('exit');
      child.kill();
    }
  }
}

/** Analyze with the processor time of all its processes, from their start to their end. */
async function analyzeWatched(): Promise<AnalyzeOutcome & { cpuSeconds: number }> {
  const watches: ProcessWatch[] = [];
  const outcome = await analyzeByCli(image, join(benchFolder, 'analyze.gigatile'), workers, (child) => {
    if (child.pid !== undefined) watches.push(new ProcessWatch(child.pid, 50));
  });
  let cpuSeconds = 0;
  for (const watch of watches) {
    watch.stop();
    for (const process of watch.processes.values()) cpuSeconds += process.cpuSeconds;
  }
  return { ...outcome, cpuSeconds };
}

const measured: {
  analyze: number;
  total: number;
  alone: number;
  analyzeCpu: number;
  aloneCpu: number;
}[] = [];
let tiles = 0;
for (let round = 0; round < rounds; round++) {
  const outcome = await analyzeWatched();
  const alone = await runAlone(outcome);
  tiles = outcome.tiles.length;
  measured.push({
    analyze: outcome.analyzeSeconds,
    total: outcome.totalSeconds,
    alone: alone.seconds,
    analyzeCpu: outcome.cpuSeconds,
    aloneCpu: alone.cpuSeconds,
  });
  console.log(
    `round ${round + 1}: ${tiles} tiles, analyze ${outcome.analyzeSeconds.toFixed(2)} s ` +
      `(all steps ${outcome.totalSeconds.toFixed(2)} s), session.run alone ${alone.seconds.toFixed(2)} s; ` +
      `processor time ${outcome.cpuSeconds.toFixed(2)} s and ${alone.cpuSeconds.toFixed(2)} s`,
  );
}

// The best of each counts: on a busy machine the others measure the neighbours.
const best = (key: keyof (typeof measured)[number]): number =>
  Math.min(...measured.map((round) => round[key]));
const rate = (seconds: number): string => `${(tiles / seconds).toFixed(1)} tiles/s`;
const against = `session.run alone, ${workers} processes, ${rate(best('alone'))}`;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const step = best('alone') / best('analyze');
const whole = best('alone') / best('total');
await record(
  'analyze',
  [
    {
      what: `Analyze, he-nuclei on ${tiles} tiles of ${width} x ${height} px`,
      ours: rate(best('analyze')),
      against,
      result: percent(step),
      target: percent(target),
      reached: step >= target,
    },
    {
      what: 'The whole run: preprocess, analyze, synthesize, store',
      ours: rate(best('total')),
      against,
      result: percent(whole),
      target: 'none yet',
      reached: true,
    },
    {
      what: 'Processor time of all processes, from start to end (hardly depends on the neighbours)',
      ours: `${best('analyzeCpu').toFixed(1)} s`,
      against: `session.run alone, ${best('aloneCpu').toFixed(1)} s`,
      result: percent(best('aloneCpu') / best('analyzeCpu')),
      target: 'none yet',
      reached: true,
    },
  ],
  { tiles, workers, rounds: measured },
  loadavg()[0] ?? 0,
);
