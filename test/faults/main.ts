/**
 * `npm run faults`: all proofs that nothing is lost, in their long mode (about an hour on two idle cores), and the report of them.
 * `--only power,kill,io,soak,simulation`: these anew, and the report with what the others last counted. `--report`: only the report.
 * `npm run soak -- --minutes 60`: only the soak, as long as you like.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeReport } from './report.ts';
import { figuresFolder, putFigures } from './support/figures.ts';

const root = resolve(import.meta.dirname, '../..');
/** Four times those of every test run. */
const schedules = 400_000;
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    report: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '60' },
  },
});

const proofs = {
  power: () => tests(['test/faults/power']),
  kill: () => tests(['test/faults/kill.test.ts']),
  io: () => tests(['test/faults/io', 'test/faults/interrupt.test.ts', 'test/faults/image-moves.test.ts']),
  soak: () => tests(['test/faults/soak']),
  simulation: simulate,
} as const;
type Proof = keyof typeof proofs;

function chosen(): Proof[] {
  const all = Object.keys(proofs) as Proof[];
  const names = values.only?.split(',') ?? all;
  const unknown = names.find((name) => !Object.hasOwn(proofs, name));
  if (unknown !== undefined) throw new RangeError(`--only knows ${all.join(', ')}, not ${unknown}`);
  return names as Proof[];
}

function tests(paths: string[], env: NodeJS.ProcessEnv = {}): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const hours = String(6 * 3_600_000);
  const args = [
    vitest,
    'run',
    '--project',
    'faults',
    '--project',
    'soak',
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

function simulate(): boolean {
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

async function main(): Promise<boolean> {
  if (values.soak) {
    const seconds = Number(values.minutes) * 60;
    if (!Number.isFinite(seconds)) throw new RangeError('--minutes takes a number');
    return tests(['test/faults/soak'], { GIGATILE_SOAK_SECONDS: String(seconds), GIGATILE_SOAK_TELL: '1' });
  }
  if (!values.report) {
    if (values.only === undefined) rmSync(figuresFolder, { recursive: true, force: true });
    const failed = chosen().filter((name) => !proofs[name]());
    if (failed.length > 0) {
      console.log(`No report: ${failed.join(', ')} failed.`);
      return false;
    }
  }
  await writeReport(!values.report && values.only === undefined);
  return true;
}

process.exitCode = (await main()) ? 0 : 1;
