/** Runs on a real PostgreSQL with real workers, of which any may be killed: at the end the case says what one machine alone says. */
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile, startGigatile } from '../../support/cli.ts';
import { TestPostgres } from '../../support/postgres.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let postgres: TestPostgres;
let folder: string;
let image: string;
let alone: string[];
let count = 0;
const started: ChildProcess[] = [];

const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128', '--json'];

/** Each test has tables of its own. */
const queueOf = (schema: string): string => `${postgres.url}?schema=${schema}`;

function findingsOf(casePath: string): string[] {
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.findings.all(1)].map(
      (f) => `${f.ordinal} ${f.id} ${f.x} ${f.y} ${f.width} ${f.height} ${f.classIndex} ${f.score}`,
    );
  } finally {
    file.close();
  }
}

function start(args: string[], dataDir = folder): ChildProcess & { said: () => string } {
  const child = startGigatile(dataDir, args);
  let said = '';
  child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  started.push(child);
  return Object.assign(child, { said: () => said });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  process.kill(-child.pid, signal);
}

const worker = (queue: string, name: string, ...more: string[]): ReturnType<typeof start> =>
  start(['worker', '--queue', queue, '--name', name, '--concurrency', '1', ...more]);

function analyze(queue: string, ...more: string[]): ReturnType<typeof start> & { casePath: string } {
  const casePath = join(folder, `case-${++count}.gigatile`);
  const args = ['analyze', image, ...options, '--case', casePath, '--queue', queue, '--chunk', '12', ...more];
  return Object.assign(start(args), { casePath });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  return new Promise((done) => child.once('exit', done));
}

async function until(
  what: string,
  holds: () => boolean,
  ms = 60_000,
  said = (): string => '',
): Promise<void> {
  for (const from = Date.now(); !holds(); await sleep(200)) {
    if (Date.now() - from > ms) throw new Error(`it did not come to this: ${what}\n${said()}`);
  }
}

const done = (schema: string): number =>
  Number(postgres.sql(`SELECT count(*) FROM ${schema}.chunk WHERE done_at IS NOT NULL`) ?? 0);
const working = (schema: string, name: string): boolean =>
  postgres.sql(`SELECT 1 FROM ${schema}.chunk WHERE taken_by = '${name}' AND done_at IS NULL LIMIT 1`) ===
  '1';

beforeAll(async () => {
  postgres = await TestPostgres.create();
  folder = mkdtempSync(join(tmpdir(), 'gigatile-fleet-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1700, 1300).png);
  const casePath = join(folder, 'alone.gigatile');
  const answer = gigatile(folder, ['analyze', image, ...options, '--case', casePath]);
  expect(answer.code, answer.stderr).toBe(0);
  alone = findingsOf(casePath);
  expect(alone.length).toBeGreaterThan(300);
});

afterEach(() => {
  for (const child of started.splice(0)) killGroup(child);
});

afterAll(async () => {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('a run on workers of a queue', () => {
  it('says what one machine alone says, shows them at work, and lets them end', async () => {
    const queue = queueOf('plain');
    const workers = [worker(queue, 'one'), worker(queue, 'two')];
    const run = analyze(queue);
    expect(await ended(run), run.said()).toBe(0);
    expect(findingsOf(run.casePath)).toEqual(alone);
    expect(run.said()).not.toContain('gigatile@');
    const shown = JSON.parse(gigatile(folder, ['queue', '--queue', queue, '--json']).stdout) as {
      runs: { state: string; chunks: { total: number; done: number }; tiles: { failed: number } }[];
      workers: { name: string; tiles: number }[];
    };
    const { total } = shown.runs[0]!.chunks;
    expect(shown.runs).toMatchObject([
      { state: 'closed', chunks: { total, done: total }, tiles: { failed: 0 } },
    ]);
    expect(total).toBeGreaterThan(5);
    expect(shown.workers.map(({ name }) => name)).toEqual(['one', 'two']);
    const metrics = gigatile(folder, ['queue', '--queue', queue, '--metrics']).stdout;
    expect(metrics).toMatch(/^gigatile_worker_tiles_total\{worker="one"\} \d+$/m);
    expect(metrics.endsWith('# EOF\n')).toBe(true);
    for (const one of workers) {
      killGroup(one, 'SIGTERM');
      expect(await ended(one), one.said()).toBe(0);
    }
    expect(postgres.sql('SELECT count(*) FROM plain.worker')).toBe('0');
  });

  it('takes over what a killed worker had; the rest of its results are kept', async () => {
    const queue = queueOf('killed');
    const victim = worker(queue, 'victim');
    const run = analyze(queue);
    await until('some chunks are done', () => done('killed') >= 2 && working('killed', 'victim'));
    killGroup(victim);
    const killedAt = Date.now();
    worker(queue, 'heir');
    expect(await ended(run), run.said()).toBe(0);
    expect(findingsOf(run.casePath)).toEqual(alone);
    const by = postgres.sql('SELECT DISTINCT done_by FROM killed.chunk ORDER BY 1');
    expect(by).toBe('heir\nvictim');
    const twice = postgres.sql('SELECT count(*) FROM killed.chunk WHERE taken > 1');
    expect(Number(twice)).toBeGreaterThanOrEqual(1);
    // The job's heartbeat ends after 10 s; the rest is looking for it, and the work itself.
    const late = postgres.sql(
      `SELECT extract(epoch FROM max(taken_at)) * 1000 - ${killedAt} FROM killed.chunk WHERE taken > 1`,
    );
    expect(Number(late)).toBeLessThan(30_000);
  });

  it('waits for a server that is not there yet, or goes away: it says since when, and goes on', async () => {
    const queue = queueOf('away');
    await postgres.kill();
    const one = worker(queue, 'one');
    const run = analyze(queue);
    const waits = (): number =>
      run.said().match(/"event":"trouble".*cannot be reached.*\(waiting since [^)]*\d:\d\d/g)?.length ?? 0;
    await until('the worker waits', () => /cannot be reached/.test(one.said()), 60_000, one.said);
    await until('the run says since when it waits', () => waits() === 1, 60_000, run.said);
    expect(run.exitCode).toBe(null);
    await postgres.start();
    await until('some chunks are done', () => done('away') >= 2, 60_000, run.said);
    expect(run.said()).toMatch(/"event":"trouble",[^\n]*"error":null/);

    await postgres.kill();
    await until('the run says so again', () => waits() === 2, 60_000, run.said);
    expect(run.exitCode).toBe(null);
    await postgres.start();
    expect(await ended(run), run.said()).toBe(0);
    expect(findingsOf(run.casePath)).toEqual(alone);
    // Once for each time.
    expect(one.said().match(/is there again/g)).toHaveLength(2);
  });

  it('goes on while the desktop is gone, and is taken up by it later, each tile once', async () => {
    const queue = queueOf('gone');
    worker(queue, 'one');
    const run = analyze(queue);
    await until('some chunks are done', () => done('gone') >= 2);
    killGroup(run);
    const total = Number(postgres.sql('SELECT count(*) FROM gone.chunk'));
    await until('the worker has done it all', () => done('gone') === total);
    const resumed = start(['resume', run.casePath, '--json', '--queue', queue]);
    expect(await ended(resumed), resumed.said()).toBe(0);
    expect(findingsOf(run.casePath)).toEqual(alone);
    expect(postgres.sql('SELECT count(*) FROM gone.run')).toBe('1');
  });

  it('leaves slides that it cannot reach, or that are others, to workers that can', async () => {
    const queue = queueOf('slides');
    const elsewhere = join(folder, 'elsewhere');
    const changed = join(folder, 'changed');
    mkdirSync(elsewhere);
    mkdirSync(changed);
    const moved = join(folder, 'there', 'tissue.png');
    mkdirSync(join(folder, 'there'));
    copyFileSync(image, moved);
    writeFileSync(join(changed, 'tissue.png'), tissuePicture(1700, 1300, 100).png);
    const map = (to: string): string[] => ['--slides', `${join(folder, 'there')}=${to}`];
    const without = worker(queue, 'without', ...map(elsewhere));
    const other = worker(queue, 'other', ...map(changed));
    const casePath = join(folder, 'slides.gigatile');
    const run = start(['analyze', moved, ...options, '--case', casePath, '--queue', queue, '--chunk', '40']);
    await until(
      'both say so',
      () => without.said().includes('is left to others') && other.said().includes('is left to others'),
    );
    expect(without.said()).toMatch(/"tissue.png" is not where it was/);
    expect(other.said()).toMatch(/is another image on this machine/);
    expect(done('slides')).toBe(0);
    copyFileSync(image, join(elsewhere, 'tissue.png'));
    worker(queue, 'with', ...map(elsewhere));
    expect(await ended(run), run.said()).toBe(0);
    expect(postgres.sql('SELECT DISTINCT done_by FROM slides.chunk')).toBe('with');
    expect(findingsOf(casePath)).toEqual(alone);
  });

  it('is paused and gone on with by whoever looks after the queue', async () => {
    const queue = queueOf('paused');
    worker(queue, 'one');
    const run = analyze(queue);
    await until('some chunks are done', () => done('paused') >= 1);
    const id = postgres.sql('SELECT id FROM paused.run') ?? '';
    expect(gigatile(folder, ['queue', 'pause', id.slice(0, 8), '--queue', queue]).code).toBe(0);
    await until('what was begun is done', () => !working('paused', 'one'));
    const before = done('paused');
    await sleep(2500);
    expect(done('paused')).toBe(before);
    expect(gigatile(folder, ['queue', 'resume', id.slice(0, 8), '--queue', queue]).code).toBe(0);
    expect(await ended(run), run.said()).toBe(0);
    expect(findingsOf(run.casePath)).toEqual(alone);
  });
});

describe('what is wrong is said in one sentence', () => {
  const refusal = (args: string[]): string => {
    const answer = gigatile(folder, args);
    expect(answer.code).not.toBe(0);
    expect(answer.stderr.trim().split('\n').at(-1)).not.toMatch(/\bat .*:\d+:\d+/);
    return answer.stderr;
  };

  it.each([
    ['postgres://127.0.0.1:1/none', /cannot be reached/],
    ['mysql://127.0.0.1/none', /no address of a queue/],
    ['postgres://127.0.0.1/x?schema=a;drop', /no name for a queue/],
  ])('%s', (queue, message) => {
    expect(refusal(['queue', '--queue', queue])).toMatch(message);
  });

  it('a database that is not there, and a queue of a newer version', () => {
    const missing = postgres.url.replace(/postgres$/, 'nowhere');
    expect(refusal(['queue', '--queue', missing])).toMatch(/no such database/);
    const newer = queueOf('newer');
    expect(gigatile(folder, ['queue', '--queue', newer]).code).toBe(0);
    postgres.sql('UPDATE newer.version SET version = 99');
    expect(refusal(['queue', '--queue', newer])).toMatch(/newer version of Gigatile/);
  });

  it('a second worker of the same name; a run whose queue is not given', async () => {
    const queue = queueOf('names');
    worker(queue, 'same');
    await until('it is there', () => postgres.sql('SELECT 1 FROM names.worker') === '1');
    expect(refusal(['worker', '--queue', queue, '--name', 'same'])).toMatch(/at work already/);
    const run = analyze(queue);
    await until('it is submitted', () => postgres.sql('SELECT 1 FROM names.run') === '1');
    killGroup(run);
    expect(refusal(['resume', run.casePath])).toMatch(/with the queue postgres:/);
    expect(readFileSync(run.casePath).includes('gigatile@')).toBe(false);
  });
});
