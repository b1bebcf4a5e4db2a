/** One run in a queue, two desktops: each takes every result once, and either may be closed for as long as it likes. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile, startGigatile } from '../../support/cli.ts';
import { TestPostgres } from '../../support/postgres.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const password = 'word-that-nobody-keeps';
let postgres: TestPostgres;
let folder: string;
let image: string;
const started: ChildProcess[] = [];
const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128'];

function start(data: string, args: string[]): ChildProcess & { said: () => string } {
  const child = startGigatile(join(folder, data), args);
  let said = '';
  child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  started.push(child);
  return Object.assign(child, { said: () => said });
}

function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
    process.kill(-child.pid, signal);
}

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? new Promise((done) => child.once('exit', done));

async function until(what: string, holds: () => boolean, said = (): string => ''): Promise<void> {
  for (const from = Date.now(); !holds(); await sleep(200)) {
    if (Date.now() - from > 120_000) throw new Error(`it did not come to this: ${what}\n${said()}`);
  }
}

/** Findings, and how often the log says that a tile was done. */
function contentOf(name: string): { findings: string[]; tiles: number; done: number } {
  const file = CaseFile.openReadOnly(join(folder, name));
  try {
    const findings = [...file.findings.all(1)].map(
      (f) => `${f.ordinal} ${f.id} ${f.x} ${f.y} ${f.width} ${f.height} ${f.classIndex} ${f.score}`,
    );
    return { findings, tiles: file.runs.list().length, done: file.tiles.counts(1).done };
  } finally {
    file.close();
  }
}

beforeAll(async () => {
  postgres = await TestPostgres.create();
  folder = mkdtempSync(join(tmpdir(), 'gigatile-twice-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1400, 1000).png);
  const alone = gigatile(folder, ['analyze', image, ...options, '--case', join(folder, 'alone.gigatile')]);
  expect(alone.code, alone.stderr).toBe(0);
  expect(contentOf('alone.gigatile').findings.length).toBeGreaterThan(150);
});

afterEach(() => {
  for (const child of started.splice(0)) kill(child);
});

afterAll(async () => {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
});

it('gives both the findings of one machine; one is closed for a week, and the password is in none of their files', async () => {
  const queue = `${postgres.url.replace('gigatile@', `gigatile:${password}@`)}?schema=twice`;
  const first = start('desk-a', [
    'analyze',
    image,
    ...options,
    '--case',
    join(folder, 'a.gigatile'),
    '--queue',
    queue,
  ]);
  await until('it is submitted', () => postgres.sql('SELECT 1 FROM twice.run') === '1', first.said);
  kill(first);
  const id = postgres.sql('SELECT id FROM twice.run') ?? '';
  const second = start('desk-b', [
    'analyze',
    image,
    '--follow',
    id.slice(0, 8),
    '--case',
    join(folder, 'b.gigatile'),
    '--queue',
    queue,
    '--json',
  ]);
  start('machine', ['worker', '--queue', queue, '--name', 'one', '--concurrency', '1']);
  expect(await ended(second), second.said()).toBe(0);
  const alone = contentOf('alone.gigatile');
  expect(contentOf('b.gigatile')).toEqual(alone);
  // The size of chunks was the worker's: a probe first.
  expect(Number(postgres.sql('SELECT size FROM twice.chunk WHERE no = 0'))).toBe(32);
  expect(postgres.sql('SELECT state FROM twice.run')).toBe('open');

  // A week goes by: what the job table keeps ages with it.
  const week = "interval '8 days'";
  postgres.sql(`UPDATE twice.run SET created_at = created_at - ${week};
    UPDATE twice.chunk SET taken_at = taken_at - ${week}, done_at = done_at - ${week};
    UPDATE twice_jobs.job_common SET created_on = created_on - ${week}, started_on = started_on - ${week},
      completed_on = completed_on - ${week}, keep_until = keep_until - ${week}`);
  const resumed = start('desk-a', ['resume', join(folder, 'a.gigatile'), '--queue', queue]);
  expect(await ended(resumed), resumed.said()).toBe(0);
  expect(contentOf('a.gigatile')).toEqual(alone);
  expect(postgres.sql('SELECT count(*) FROM twice.run')).toBe('1');
  // Followed again, it is there already.
  const again = gigatile(join(folder, 'desk-b'), [
    'analyze',
    image,
    '--follow',
    id,
    '--case',
    join(folder, 'b.gigatile'),
    '--queue',
    queue,
  ]);
  expect(again.code, again.stderr).toBe(0);
  expect(contentOf('b.gigatile')).toEqual(alone);
  for (const name of readdirSync(folder).filter((one) => one.includes('.gigatile'))) {
    expect(readFileSync(join(folder, name)).includes(password), name).toBe(false);
  }
});

it('says what a run in the queue came to that is not there, is of another image, or was ended', async () => {
  const queue = `${postgres.url}?schema=ended`;
  const follow = (path: string, run: string, name: string) =>
    gigatile(join(folder, 'desk-c'), [
      'analyze',
      path,
      '--follow',
      run,
      '--case',
      join(folder, name),
      '--queue',
      queue,
    ]);
  const first = start('desk-a', [
    'analyze',
    image,
    ...options,
    '--case',
    join(folder, 'c.gigatile'),
    '--queue',
    queue,
  ]);
  await until('it is submitted', () => postgres.sql('SELECT 1 FROM ended.run') === '1', first.said);
  const id = postgres.sql('SELECT id FROM ended.run') ?? '';
  const other = join(folder, 'other.png');
  writeFileSync(other, tissuePicture(1400, 1000, 7).png);
  expect(follow(image, 'nosuchrun', 'd.gigatile').stderr).toMatch(/0 runs of this queue are meant/);
  expect(follow(other, id, 'e.gigatile').stderr).toMatch(/is of another image \(tissue.png\)/);
  expect(gigatile(folder, ['queue', 'cancel', id, '--queue', queue]).code).toBe(0);
  // Who submitted it, and who follows it, rest with the reason.
  expect(await ended(first), first.said()).toBe(1);
  expect(first.said()).toMatch(/was ended in the queue; \d+ tiles have no result/);
  const late = follow(image, id, 'f.gigatile');
  expect(late.code).toBe(1);
  expect(late.stderr + late.stdout).toMatch(/was ended in the queue; \d+ tiles have no result/);
});
