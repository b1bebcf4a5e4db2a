/**
 * `npm test`: everything that can be tested on this machine. Makes sure of the programs that tests compare with, builds the
 * bundles that they drive, runs all suites, and ends with `N passed, N failed`.
 * Arguments go to Vitest: `npm test -- --project unit`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureDebianPackages } from './support/debian-packages.ts';
import { summarize } from './support/vitest-summary.ts';

const root = resolve(import.meta.dirname, '..');
const report = join(root, 'test-results', 'vitest.json');

/** Runs a program of a dependency with this Node; its exit code. */
function run(script: string, args: string[]): number {
  const { status, error } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

function main(): number {
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

  mkdirSync(join(root, 'test-results'), { recursive: true });
  rmSync(report, { force: true });
  const status = run('vitest/vitest.mjs', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ]);
  const result = existsSync(report)
    ? summarize(readFileSync(report, 'utf8'))
    : { passed: 0, failed: 1, skipped: 0 };
  // An error outside of any test fails the run too.
  const failed = status !== 0 && result.failed === 0 ? 1 : result.failed;
  console.log(`${result.skipped} skipped, ${Math.round((Date.now() - started) / 1000)} s`);
  console.log(`${result.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
