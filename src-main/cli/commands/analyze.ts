/** `gigatile analyze`, `resume` and `rerun`: conducts a run in this process, and leaves it resumable when interrupted. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import type { Rect, RunView } from '../../contract/run.ts';
import { isUrl } from '../../core/image-address.ts';
import { findImages } from '../../engine/batch/find-images.ts';
import type { CaseSession } from '../../engine/case-session.ts';
import type { EngineParts } from '../../engine/engine.ts';
import type { RunConductor } from '../../engine/run-conductor.ts';
import type { Room } from '../../engine/room.ts';
import { runNoOf } from '../../engine/run-id.ts';
import { megabytes } from '../../store/files.ts';
import { withEngine } from '../environment.ts';
import { progressPrinter } from '../progress.ts';
import { queueOptions, withFleet, type QueueOptions } from '../queue-options.ts';
import { readRegionFiles, regionsOf } from '../region-files.ts';
import { readBudget, readRunOptions } from '../run-options.ts';
import { whoIsHere } from '../who-is-here.ts';
import { writeOutputs } from '../write-outputs.ts';
import { analyzeBatch } from './analyze-batch.ts';

const exitCode: Partial<Record<RunView['state'], number>> = {
  complete: 0,
  'complete-with-gaps': 3,
  paused: 130,
  interrupted: 130,
};

async function follow(conductor: RunConductor, json: boolean): Promise<RunView> {
  const printer = progressPrinter(json);
  const interrupt = (): void => {
    void conductor.stop({ state: 'interrupted', reason: 'Interrupted by the person' });
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const done = new AbortController();
  const watching = (async () => {
    for await (const event of conductor.watchable.watch(() => conductor.event(), done.signal))
      printer.show(event);
  })();
  await conductor.ended;
  done.abort();
  conductor.watchable.changed();
  await watching;
  printer.end();
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
  return conductor.event().run;
}

function finishedLine(run: RunView): string {
  const { total, done, skipped, failed } = run.tiles;
  return JSON.stringify({
    event: 'finished',
    run: run.id,
    state: run.state === 'paused' || run.state === 'cancelled' ? 'interrupted' : run.state,
    tiles: { total, done, skipped, failed },
    findings: run.findings,
    seconds: Number(run.seconds.toFixed(3)),
    ...(run.reason === null ? {} : { reason: run.reason }),
  });
}

async function conduct(
  engine: EngineParts,
  session: CaseSession,
  conductor: RunConductor,
  options: { json: boolean; out?: string | undefined },
): Promise<number> {
  const notes = [...session.file.runs.get(conductor.no).fit.notes];
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ event: 'started', run: conductor.event().run.id, case: session.file.path })}\n`,
    );
  } else {
    process.stderr.write(`${conductor.event().run.id} in ${session.file.path}\n`);
    for (const note of notes) process.stderr.write(`note: ${note}\n`);
  }
  const run = await follow(conductor, options.json);
  if (!options.json) {
    for (const note of session.file.runs.get(conductor.no).fit.notes) {
      if (!notes.includes(note)) process.stderr.write(`note: ${note}\n`);
    }
  }
  const ended = run.step === 'finished';
  if (options.out !== undefined && ended) {
    await writeOutputs(engine, session, conductor.no, options.out, (path) => {
      if (!options.json) process.stdout.write(`wrote ${path}\n`);
    });
  }
  if (options.json) {
    process.stdout.write(`${finishedLine(run)}\n`);
  } else {
    const reason = run.reason === null ? '' : `: ${run.reason}`;
    const { done, skipped, failed } = run.tiles;
    process.stdout.write(
      `${run.id} ${run.state}${reason}\n${done} tiles done, ${skipped} skipped, ${failed} failed; ${run.findings} findings at ${run.threshold} or more; ${run.seconds.toFixed(1)} s\n`,
    );
    if (!ended) process.stdout.write(`Go on with: gigatile resume ${session.file.path} --run ${run.id}\n`);
  }
  const error = conductor.event().lastError;
  if (run.state === 'paused' && error) throw GigatileError.fromPlain(error);
  return exitCode[run.state] ?? 1;
}

export async function analyze(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      case: { type: 'string' },
      out: { type: 'string' },
      tile: { type: 'string' },
      grid: { type: 'string' },
      overlap: { type: 'string' },
      mpp: { type: 'string' },
      roi: { type: 'string' },
      exclude: { type: 'string' },
      workers: { type: 'string' },
      tolerate: { type: 'string' },
      'min-successful': { type: 'string' },
      'fail-fast': { type: 'boolean', default: false },
      'full-image': { type: 'boolean', default: false },
      stain: { type: 'string' },
      'tile-timeout': { type: 'string' },
      threshold: { type: 'string' },
      merge: { type: 'string' },
      jpeg: { type: 'string' },
      provider: { type: 'string' },
      threads: { type: 'string' },
      batch: { type: 'string' },
      budget: { type: 'string' },
      describe: { type: 'string' },
      'allow-remote': { type: 'boolean', default: false },
      gate: { type: 'string' },
      order: { type: 'string' },
      ...queueOptions,
      follow: { type: 'string' },
      each: { type: 'boolean', default: false },
      'at-once': { type: 'string' },
      continue: { type: 'boolean', default: false },
      anew: { type: 'boolean', default: false },
      'retry-failed': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.follow !== undefined) return followInQueue(values.follow, positionals, values);
  if (positionals.length === 0 || values.model === undefined) {
    throw new GigatileError('usage', 'analyze takes an image, or several, and --model', {
      hint: 'For instance: gigatile analyze slide.svs --model he-nuclei',
    });
  }
  const { model } = values;
  if (values.continue && values.anew) {
    throw new GigatileError('usage', '--continue and --anew exclude each other');
  }
  const chosen = readRunOptions(values);
  const regions = readRegionFiles(values);
  return withFleet(values, async (fleet) => {
    const forAll = fleet ? { ...chosen, queue: fleet.label } : chosen;
    const images = findImages(positionals, { each: values.each });
    const [image = ''] = images;
    if (!isOnlyImage(positionals, images)) {
      const atOnce = values['at-once'] === undefined ? undefined : readAtOnce(values['at-once']);
      const order = {
        images,
        model,
        parameters: forAll,
        regions,
        cases: values.case,
        out: values.out,
        atOnce,
        retryFailed: values['retry-failed'],
        anew: values.anew,
        consentBy: values['allow-remote'] ? whoIsHere() : null,
        json: values.json,
      };
      return withEngine((engine) => analyzeBatch(engine, order), fleet);
    }
    return withEngine(async (engine) => {
      const session = await engine.cases.open(image, values.case);
      const parameters = { ...forAll, ...(await regionsOf(regions, session.image.info)) };
      const room = await session.estimate(model, parameters);
      if (!values.json) process.stderr.write(`${roomLine(room)}\n`);
      if (values['allow-remote']) await session.consent(model, whoIsHere());
      const retryFailed = values['retry-failed'];
      if (!values.continue && !retryFailed) {
        return conduct(engine, session, await session.startRun(model, parameters), values);
      }
      const { conductor, how } = await session.takeUpRun(model, parameters, { retryFailed, anew: false });
      if (how === 'found' && !values.json) process.stderr.write('This analysis is there already.\n');
      return conduct(engine, session, conductor, values);
    }, fleet);
  });
}

/** The results of a run that another desktop submitted, into a case of this one. */
async function followInQueue(
  run: string,
  [image, ...more]: readonly string[],
  values: QueueOptions & { case?: string | undefined; out?: string | undefined; json: boolean },
): Promise<number> {
  if (image === undefined || more.length > 0 || values.queue === undefined) {
    throw new GigatileError('usage', 'analyze --follow takes one image, --queue, and a run of that queue', {
      hint: 'See the runs with "gigatile queue".',
    });
  }
  return withFleet(values, (fleet) =>
    withEngine(async (engine) => {
      const session = await engine.cases.open(image, values.case);
      const followed = await session.followRun(run);
      const rests = !followed.active && followed.event().run.step !== 'finished';
      return conduct(engine, session, rests ? session.resumeRun(followed.no, false) : followed, values);
    }, fleet),
  );
}

/** Named by its path or address, and not found in a folder or by a pattern. */
function isOnlyImage(texts: readonly string[], images: readonly string[]): boolean {
  const [text = ''] = texts;
  return texts.length === 1 && images.length === 1 && (isUrl(text) || images[0] === resolve(text));
}

function readAtOnce(text: string): number {
  if (!/^[1-8]$/.test(text))
    throw new GigatileError('usage', `--at-once ${text} is not a number from 1 to 8`);
  return Number(text);
}

function roomLine({ tiles, bytes, freeBytes }: Room): string {
  return `at most ${tiles} tiles; they need up to ${megabytes(bytes)} on the disk (${megabytes(freeBytes)} free)`;
}

/** The run that is meant where nobody says: the newest one that can be gone on with. */
function runToResume(session: CaseSession, id: string | undefined, retryFailed: boolean): number {
  if (id !== undefined) return runNoOf(id);
  const run = session.file.runs
    .list()
    .findLast(
      ({ no, state }) =>
        ['paused', 'interrupted', 'running'].includes(state) ||
        (retryFailed && session.file.tiles.counts(no).failed > 0),
    );
  if (!run) {
    throw new GigatileError('run-not-found', 'No run of this case is waiting to be gone on with', {
      where: session.file.path,
      hint: 'See "gigatile runs <case>"; --retry-failed tries failed tiles again.',
    });
  }
  return run.no;
}

export async function resume(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string' },
      'retry-failed': { type: 'boolean', default: false },
      budget: { type: 'string' },
      image: { type: 'string' },
      model: { type: 'string' },
      ...queueOptions,
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1)
    throw new GigatileError('usage', 'resume takes one case file');
  return withFleet(values, (fleet) =>
    withEngine(async (engine) => {
      const session = await engine.cases.openCase(path, values.image);
      const no = runToResume(session, values.run, values['retry-failed']);
      if (values.model !== undefined) await session.relocateModel(no, values.model);
      if (fleet) session.file.runs.setParameters(no, { queue: fleet.label });
      const budget = values.budget === undefined ? undefined : readBudget(values.budget);
      return conduct(engine, session, session.resumeRun(no, values['retry-failed'], budget), values);
    }, fleet),
  );
}

/** x,y,width,height in level-0 pixels. @throws {GigatileError} usage */
function readRegion(text: string | undefined): Rect {
  const numbers = text
    ?.split(',')
    .map((part) => (/^\s*-?[0-9]{1,9}(\.[0-9]{1,6})?\s*$/.test(part) ? Number(part) : NaN));
  const [x = NaN, y = NaN, width = NaN, height = NaN] = numbers ?? [];
  if (numbers?.length !== 4 || numbers.some(Number.isNaN) || !(width > 0) || !(height > 0)) {
    throw new GigatileError('usage', 'rerun takes --region x,y,width,height in pixels of the full image', {
      hint: 'For instance: gigatile rerun slide.gigatile --region 12000,8000,2048,2048',
    });
  }
  return { x, y, width, height };
}

export async function rerun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string' },
      region: { type: 'string' },
      image: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1)
    throw new GigatileError('usage', 'rerun takes one case file and --region');
  const region = readRegion(values.region);
  return withEngine(async (engine) => {
    const session = await engine.cases.openCase(path, values.image);
    const newest = session.file.runs.list().at(-1);
    if (values.run === undefined && newest === undefined) {
      throw new GigatileError('run-not-found', 'This case has no run', { where: path });
    }
    const no = values.run === undefined ? (newest?.no ?? 0) : runNoOf(values.run);
    return conduct(engine, session, await session.rerunRegion(no, region), values);
  });
}
