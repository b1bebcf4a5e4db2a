/**
 * `npm test`: everything that can be tested on this machine. Makes sure of the programs that tests compare with, builds the
 * bundles that they drive, runs all suites, and ends with `N passed, N failed`.
 * Arguments go to Vitest: `npm test -- --project unit`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureDebianPackages } from './support/debian-packages.ts';
import { summarize, type TestSummary } from './support/vitest-summary.ts';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'test-results');
const vitest = 'vitest/vitest.mjs';
/** Below that of everything else. */
const soakPriority = 10;

/** Runs a program of a dependency with this Node; its exit code. */
function run(script: string, args: string[]): number {
  const { status, error } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** Options by which a run of Vitest says what came out; a report of before is gone. */
function reporting(name: string): { report: string; options: string[] } {
  const report = join(results, `${name}.json`);
  mkdirSync(results, { recursive: true });
  rmSync(report, { force: true });
  return { report, options: ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] };
}

function outcome(report: string, status: number | null): TestSummary {
  const summary = existsSync(report)
    ? summarize(readFileSync(report, 'utf8'))
    : { passed: 0, failed: 1, skipped: 0 };
  // An error outside of any test fails the run too.
  return status !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary;
}

/**
 * The soak takes three minutes whatever the machine: it goes on beside all others, from what these leave of the processors.
 * Resolves when it has ended, with what came out; what it printed comes after theirs.
 */
function startSoak(): () => Promise<TestSummary> {
  const { report, options } = reporting('soak');
  const log = join(results, 'soak.log');
  const handle = openSync(log, 'w');
  const script = join(root, 'node_modules', vitest);
  const child = spawn(process.execPath, [script, 'run', '--project=soak', ...options], {
    cwd: root,
    stdio: ['ignore', handle, handle],
  });
  closeSync(handle);
  if (child.pid !== undefined) setPriority(child.pid, soakPriority);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  return async () => {
    const [status] = await ended;
    process.stdout.write(readFileSync(log, 'utf8'));
    return outcome(report, status);
  };
}

async function main(): Promise<number> {
  const started = Date.now();
  const missing = ensureDebianPackages();
  if (missing.length > 0) {
    console.log(`Tests that need ${missing.join(', ')} will fail.`);
  }

  console.log('Building the screens and the desktop bundles …');
  if (run('electron-vite/bin/electron-vite.js', ['build', '--logLevel', 'warn']) !== 0) {
    console.log('The build failed.\n0 passed, 1 failed');
    return 1;
  }

  const chosen = process.argv.slice(2);
  const soak = chosen.length === 0 ? startSoak() : null;
  const { report, options } = reporting('vitest');
  const status = run(vitest, ['run', ...options, ...(soak === null ? chosen : ['--project=!soak'])]);
  const summaries = [outcome(report, status), ...(soak === null ? [] : [await soak()])];
  const sum = (name: keyof TestSummary): number => summaries.reduce((all, each) => all + each[name], 0);
  console.log(`${sum('skipped')} skipped, ${Math.round((Date.now() - started) / 1000)} s`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 ? 0 : 1;
}

process.exitCode = await main();
