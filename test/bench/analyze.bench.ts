/**
 * Analyze, from pixels on the disk to durable results, against `session.run` alone on ready tensors of the same tiles in as many
 * processes, and against the bound: that, and the time that libjpeg-turbo alone takes for the same stored tiles. Turn by turn, in
 * one run. `node test/bench/analyze.bench.ts [rounds] [WxH] [he-nuclei|small]`; needs Debian's libturbojpeg0.
 *
 * `session.run` alone, and the bare loop, are given the model's file as it is. Gigatile takes off its front what the kernel does quicker
 * (models/onnx-file/split-front.ts): of the small model that is a fiftieth, of he-nuclei, which begins with
 * logarithms, a tenth; and it is part of what is measured here.
 *
 * The bare loop beside them, which reads and runs and does nothing else, tells how much of the bound can be had on this machine with two
 * processes at work. Each over an image that takes long enough: what a run costs at its start and end does not grow with it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { workingOrder } from '../../src-main/core/tile-order.ts';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { analyzeByCli, type AnalyzeOutcome } from './analyze-cli.ts';
import { benchFolder, benchSample } from './bench-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { record, type Figure } from './results.ts';
import type { RunAloneAnswer, RunAloneOrder } from './run-alone.entry.ts';
import { smallModel, smallModelGflop } from './small-model.ts';
import { decodeAlone, writeStreams } from './stored-tiles.ts';

const targets = { alone: 0.92, bound: 0.97, secondCore: 1.85 };
const rounds = Number(process.argv[2] ?? 3);
const models = [
  {
    name: `a classifier of ${smallModelGflop().toFixed(1)} GFLOP`,
    model: smallModel(),
    key: 'small',
    size: '50400x49800',
  },
  { name: 'he-nuclei', model: 'he-nuclei', key: 'he-nuclei', size: '32000x31250' },
].filter(({ key }) => process.argv[4] === undefined || process.argv[4] === key);
const workers = Math.min(2, availableParallelism());
const caseFile = join(benchFolder, 'analyze.gigatile');

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    child.once('message', (message) => done(message as T));
    child.once('exit', (code) => fail(new Error(`session.run alone ended with exit code ${code}`)));
  });
}

/** The tiles of each of `workers` processes. */
function shares(tiles: readonly number[]): number[][] {
  return Array.from({ length: workers }, (_, i) => tiles.filter((_tile, at) => at % workers === i));
}

/** The same as workers take them: along their own bands. */
function bandShares({ plan, tiles }: AnalyzeOutcome): number[][] {
  const wanted = new Set(tiles);
  const order = workingOrder(plan, new Float32Array(plan.columns * plan.rows).fill(1));
  const along = order.flatMap(({ band }) => [...band.tiles]).filter((tile) => wanted.has(tile));
  const each = Math.ceil(along.length / workers);
  return Array.from({ length: workers }, (_, i) => along.slice(i * each, (i + 1) * each));
}

/** Seconds until the last of the processes was through with its share, and the processor time of all of them. */
async function runAlone(
  image: string,
  outcome: AnalyzeOutcome,
  { reads = false, processes = workers } = {},
): Promise<RunAloneAnswer> {
  const entry = join(import.meta.dirname, 'run-alone.entry.ts');
  const { modelPath, plan } = outcome;
  const given = (reads ? bandShares(outcome) : shares(outcome.tiles)).slice(0, processes);
  const children = given.map((tiles) => {
    const child = fork(entry, { serialization: 'advanced' });
    child.send({ image, modelPath, plan, tiles, reads } satisfies RunAloneOrder);
    return child;
  });
  try {
    await Promise.all(children.map((child) => answer(child)));
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
async function analyzeWatched(
  image: string,
  model: string,
  count: number,
): Promise<AnalyzeOutcome & { cpuSeconds: number }> {
  const watches: ProcessWatch[] = [];
  const observe = (child: ChildProcess): void => {
    if (child.pid !== undefined)
      watches.push(new ProcessWatch(child.pid, { intervalMs: 250, withMemory: false }));
  };
  const outcome = await analyzeByCli(image, caseFile, count, observe, model);
  let cpuSeconds = 0;
  for (const watch of watches) {
    watch.stop();
    for (const process of watch.processes.values()) cpuSeconds += process.cpuSeconds;
  }
  return { ...outcome, cpuSeconds };
}

interface Round {
  analyze: number;
  total: number;
  one: number;
  alone: number;
  /** Of one of the shares, when nobody computes the others. */
  shareAlone: number;
  bare: number;
  decode: number;
  analyzeCpu: number;
  aloneCpu: number;
}

const codecs = await createCodecs();

for (const { name, model, key, size } of models) {
  const [width, height] = (process.argv[3] ?? size).split('x').map(Number) as [number, number];
  const image = await benchSample(width, height);
  const source = await openImage(image, codecs);
  const measured: Round[] = [];
  let tiles = 0;
  for (let round = 0; round < rounds; round++) {
    const outcome = await analyzeWatched(image, model, workers);
    const alone = await runAlone(image, outcome);
    const aloneInOne = await runAlone(image, outcome, { processes: 1 });
    const bare = await runAlone(image, outcome, { reads: true });
    const files = shares(outcome.tiles).map((_, i) => join(benchFolder, `analyze-${i}.streams`));
    // A worker goes along bands, so that hardly any stored tile is needed by both: halves, not every other one.
    const half = Math.ceil(outcome.tiles.length / workers);
    for (const [i, file] of files.entries()) {
      await writeStreams(source, outcome.plan, outcome.tiles.slice(i * half, (i + 1) * half), file);
    }
    const decode = await decodeAlone(files);
    for (const file of files) rmSync(file);
    const one = workers > 1 ? (await analyzeByCli(image, caseFile, 1, undefined, model)).analyzeSeconds : 0;
    tiles = outcome.tiles.length;
    measured.push({
      analyze: outcome.analyzeSeconds,
      total: outcome.totalSeconds,
      one,
      alone: alone.seconds,
      shareAlone: aloneInOne.seconds,
      bare: bare.seconds,
      decode,
      analyzeCpu: outcome.cpuSeconds,
      aloneCpu: alone.cpuSeconds,
    });
    console.log(
      `${name}, round ${round + 1}: ${tiles} tiles, analyze ${outcome.analyzeSeconds.toFixed(2)} s (all steps ${outcome.totalSeconds.toFixed(2)} s, ` +
        `one worker ${one.toFixed(2)} s), session.run alone ${alone.seconds.toFixed(2)} s, decode alone ${decode.toFixed(2)} s, ` +
        `bare loop ${bare.seconds.toFixed(2)} s; ` +
        `processor time ${outcome.cpuSeconds.toFixed(2)} s and ${alone.cpuSeconds.toFixed(2)} s`,
    );
  }
  source.close();
  const figures = figuresOf(name, `${tiles} tiles of ${width} x ${height} px`, tiles, measured);
  await record(`analyze-${key}`, figures, { workers, tiles, rounds: measured }, loadavg()[0] ?? 0);
}

function figuresOf(name: string, of: string, tiles: number, measured: readonly Round[]): Figure[] {
  // The best of each counts: on a busy machine the others measure the neighbours.
  const best = (key: keyof Round): number => Math.min(...measured.map((round) => round[key]));
  const rate = (seconds: number): string => `${(tiles / seconds).toFixed(1)} tiles/s`;
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  const against = `session.run alone, ${workers} processes, ${rate(best('alone'))}`;
  const bound = best('alone') + best('decode');
  const toAlone = best('alone') / best('analyze');
  const toBound = bound / best('analyze');
  const secondCore = best('one') / best('analyze');
  const toBare = best('bare') / best('analyze');
  return [
    {
      what: `Analyze, ${name}, ${of}`,
      ours: rate(best('analyze')),
      against,
      result: percent(toAlone),
      target: percent(targets.alone),
      reached: toAlone >= targets.alone,
    },
    {
      what: `The same, ${name}`,
      ours: rate(best('analyze')),
      against: `the bound, with the decoding of the same stored tiles by libjpeg-turbo alone, ${rate(bound)}`,
      result: percent(toBound),
      target: percent(targets.bound),
      reached: toBound >= targets.bound,
    },
    {
      what: `The same, ${name}`,
      ours: rate(best('analyze')),
      against: `a bare loop that reads and runs, and makes, tells and stores nothing, ${rate(best('bare'))}, itself ${percent(bound / best('bare'))} of the bound`,
      result: percent(toBare),
      target: 'none yet',
      reached: true,
    },
    ...(workers > 1
      ? [
          {
            what: `The second core, ${name}`,
            ours: rate(best('analyze')),
            against: `one worker, ${rate(best('one'))}; session.run alone: ${((workers * best('shareAlone')) / best('alone')).toFixed(2)} times`,
            result: `${secondCore.toFixed(2)} times`,
            target: `${targets.secondCore} times`,
            reached: secondCore >= targets.secondCore,
          },
        ]
      : []),
    {
      what: `The whole run, ${name}: preprocess, analyze, synthesize, store`,
      ours: rate(best('total')),
      against,
      result: percent(best('alone') / best('total')),
      target: 'none yet',
      reached: true,
    },
    {
      what: `Processor time of all processes, ${name}, from start to end (hardly depends on the neighbours)`,
      ours: `${best('analyzeCpu').toFixed(1)} s`,
      against: `session.run alone, ${best('aloneCpu').toFixed(1)} s`,
      result: percent(best('aloneCpu') / best('analyzeCpu')),
      target: 'none yet',
      reached: true,
    },
  ];
}
