/**
 * `npm run faults`: all proofs that nothing is lost, in their long mode (about an hour on two cores), and the report of them.
 * `--report`: only the report, from the figures that are there. `npm run soak -- --minutes 60`: only the soak, as long as you like.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeReport } from './report.ts';
import { figuresFolder, putFigures } from './support/figures.ts';

const root = resolve(import.meta.dirname, '../..');
/** Beyond the ones that every test run simulates. */
const schedules = 1_000_000;
const { values } = parseArgs({
  options: {
    report: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    minutes: { type: 'string' },
  },
});

function tests(paths: string[], env: NodeJS.ProcessEnv): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const hours = String(6 * 3_600_000);
  const args = [
    vitest,
    'run',
    '--project',
    'faults',
    '--testTimeout',
    hours,
    '--no-file-parallelism',
    ...paths,
  ];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, GIGATILE_FAULTS: 'long', ...env },
  });
  return status === 0;
}

function simulation(): boolean {
  const main = join(root, 'test/faults/simulation/main.ts');
  const { status, stdout } = spawnSync(process.execPath, [main, '--count', String(schedules)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout);
  const said = stdout.trim().split('\n').at(-1) ?? '';
  if (status === 0) putFigures('simulation', { 'seeds 1 and following': said });
  return status === 0;
}

function main(): boolean {
  if (values.report) {
    writeReport();
    return true;
  }
  if (values.soak) {
    const seconds = Number(values.minutes ?? 60) * 60;
    if (!Number.isFinite(seconds)) throw new RangeError('--minutes takes a number');
    return tests(['test/faults/soak'], { GIGATILE_SOAK_SECONDS: String(seconds), GIGATILE_SOAK_TELL: '1' });
  }
  if (existsSync(figuresFolder)) rmSync(figuresFolder, { recursive: true });
  mkdirSync(figuresFolder, { recursive: true });
  const passed = [tests([], {}), simulation()].every(Boolean);
  if (passed) writeReport();
  else console.log('No report: something failed.');
  return passed;
}

process.exitCode = main() ? 0 : 1;
