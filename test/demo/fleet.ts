/**
 * `npm run demo:fleet`: a PostgreSQL of Debian's package, three workers, a sample slide. One worker is killed in the middle; the findings are those
 * of one machine alone. Prints what each worker did.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestPostgres } from '../support/postgres.ts';

const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'src-main/cli/main.ts');
const folder = join(root, 'demo');
const slide = join(folder, 'fleet-slide.tif');

function gigatile(...args: string[]): void {
  console.log(`$ gigatile ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [main, ...args], { stdio: 'inherit', cwd: folder });
  if (status !== 0) throw new Error(`gigatile ${args[0]} ended with exit code ${status}`);
}

function start(...args: string[]): ChildProcess {
  console.log(`$ gigatile ${args.join(' ')} &`);
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
}

const analyze = (name: string, ...more: string[]): string[] => [
  'analyze',
  slide,
  '--model',
  'he-nuclei',
  '--case',
  join(folder, `${name}.gigatile`),
  '--out',
  join(folder, name),
  ...more,
];

mkdirSync(folder, { recursive: true });
for (const name of ['fleet', 'fleet-alone']) {
  for (const end of ['', '.gigatile', '.gigatile-wal', '.gigatile-shm']) {
    rmSync(join(folder, name + end), { recursive: true, force: true });
  }
}
if (!existsSync(slide)) gigatile('sample', 'pathology', '--size', '6000x5000', '--out', slide);

const postgres = await TestPostgres.create();
const workers: ChildProcess[] = [];
try {
  for (const name of ['anna', 'ben', 'carl']) {
    workers.push(start('worker', '--queue', postgres.url, '--name', name, '--concurrency', '1'));
  }
  const run = start(...analyze('fleet', '--queue', postgres.url, '--chunk', '12'));
  const ended = new Promise<number | null>((done) => run.once('exit', done));
  const doneBy = (name: string): number =>
    Number(postgres.sql(`SELECT count(*) FROM gigatile.chunk WHERE done_by = '${name}'`) ?? 0);
  while (run.exitCode === null && doneBy('ben') < 1) await sleep(100);
  console.log('-- ben is killed');
  workers[1]?.kill('SIGKILL');
  const code = await ended;
  if (code !== 0) throw new Error(`the run ended with exit code ${code}`);
  gigatile('queue', '--queue', postgres.url);
  console.log(postgres.sql('SELECT done_by, count(*) FROM gigatile.chunk GROUP BY 1 ORDER BY 1'));
  gigatile(...analyze('fleet-alone'));
  const [fleet, alone] = ['fleet', 'fleet-alone'].map((name) =>
    readFileSync(join(folder, name, 'findings.csv'), 'utf8'),
  );
  const same = fleet === alone;
  console.log(same ? 'The same findings as on one machine, byte for byte.' : 'The findings differ.');
  process.exitCode = same ? 0 : 1;
} finally {
  for (const worker of workers) worker.kill('SIGKILL');
  await postgres.remove();
}
