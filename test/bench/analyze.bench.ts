/**
 * Analyze, from pixels on the disk to durable results, against `session.run` alone on ready tensors of the same tiles in as
 * many processes, turn by turn in one run. `node test/bench/analyze.bench.ts [rounds] [workers] [WxH]`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { analyzeByCli, type AnalyzeOutcome } from './analyze-cli.ts';
import { benchFolder, benchSample } from './bench-sample.ts';
import { record } from './results.ts';
import type { RunAloneOrder } from './run-alone.entry.ts';

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

/** Seconds until the last of the processes was through with its share. */
async function runAlone(outcome: AnalyzeOutcome): Promise<number> {
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
        return answer<{ seconds: number }>(child);
      }),
    );
    return Math.max(...times.map((time) => time.seconds));
  } finally {
    for (const child of children) {
      child.removeAllListeners('exit');
      child.kill();
    }
  }
}

const measured: { analyze: number; total: number; alone: number }[] = [];
let tiles = 0;
for (let round = 0; round < rounds; round++) {
  const outcome = await analyzeByCli(image, join(benchFolder, 'analyze.gigatile'), workers);
  const alone = await runAlone(outcome);
  tiles = outcome.tiles.length;
  measured.push({ analyze: outcome.analyzeSeconds, total: outcome.totalSeconds, alone });
  console.log(
    `round ${round + 1}: ${tiles} tiles, analyze ${outcome.analyzeSeconds.toFixed(2)} s ` +
      `(all steps ${outcome.totalSeconds.toFixed(2)} s), session.run alone ${alone.toFixed(2)} s`,
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
  ],
  { tiles, workers, rounds: measured },
  loadavg()[0] ?? 0,
);
