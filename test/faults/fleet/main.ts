/**
 * `npm run faults:fleet`: machines are killed, frozen and cut off, servers killed and filled, in long form (about half an hour on two idle
 * cores); then the report of it. `-- --report`: only the report, of what was last counted. GIGATILE_FLEET_KILLS: so many kills.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { figuresFolder } from '../support/figures.ts';

const root = resolve(import.meta.dirname, '../../..');
const report = resolve(import.meta.dirname, '../results/fleet.md');
const { values } = parseArgs({ options: { report: { type: 'boolean', default: false } } });

const sections = [
  {
    title: 'Kills',
    what: '`kill -9` of a worker, of PostgreSQL, of the desktop, one after the other, at random moments of real runs of a real slide on three workers; what was killed is started again. The exports must be those of one machine alone, to the byte (but for the address of the queue in them), each chunk recorded once, and the event log of the case must say the same as its tiles. A result that is changed on its way must be noticed, and is.',
    proof: 'fleet-kills',
  },
  {
    title: 'Silence',
    what: 'A worker with a chunk in hand is frozen, or cut off from the server: connections that nothing comes through and that never work again, connections that are refused and broken off, a cable that is pulled (a network namespace) and put back. Another worker takes its chunk; it goes on by itself; its late results change nothing. A worker without the fence must be noticed, and is.',
    proof: 'fleet-silence',
  },
  {
    title: 'A full disk',
    what: 'The whole cluster lies on a small file system, which is filled in the middle of a run, and cleared again.',
    proof: 'fleet-disk',
  },
  {
    title: 'Odd machines',
    what: 'Clocks that are wrong, and a run that somebody takes away while it is worked on.',
    proof: 'fleet-odd',
  },
] as const;

function figuresOf(proof: string): [string, string | number][] {
  const path = join(figuresFolder, `${proof}.json`);
  if (!existsSync(path)) return [];
  return Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string | number>);
}

/** @param inOnePiece all of it was run just now, one after the other, on the sources as they are */
async function writeReport(inOnePiece: boolean): Promise<void> {
  const memory = Math.round(totalmem() / 2 ** 30);
  const lines = [
    '# A fleet: what was tried, and what came of it',
    '',
    `Written by \`npm run faults:fleet\` on ${new Date().toISOString().slice(0, 10)}: ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${memory} GiB of memory, Node ${process.versions.node}.`,
    ...(inOnePiece
      ? []
      : [
          'The proofs were run one by one, not in one piece, on a machine that others kept busy: sources and load may have changed between them.',
        ]),
    'All of it, workers, server and desktop, on this one machine. What was lost or counted twice: nothing; a single tile fails the run.',
  ];
  for (const { title, what, proof } of sections) {
    const figures = figuresOf(proof);
    lines.push('', `## ${title}`, '', what, '');
    if (figures.length === 0) lines.push('Not run.');
    else lines.push('| | |', '| --- | --- |', ...figures.map(([name, figure]) => `| ${name} | ${figure} |`));
  }
  const style = await resolveConfig(report);
  writeFileSync(report, await format(lines.join('\n'), { ...style, parser: 'markdown' }));
  console.log(`wrote ${report}`);
}

function run(): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const hours = String(6 * 3_600_000);
  const args = [vitest, 'run', '--project', 'faults', '--testTimeout', hours, '--no-file-parallelism'];
  const { status } = spawnSync(process.execPath, [...args, 'test/faults/fleet'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, GIGATILE_FAULTS: 'long' },
  });
  return status === 0;
}

if (values.report || run()) await writeReport(!values.report);
else {
  console.log('No report: something was lost, or not told.');
  process.exitCode = 1;
}
