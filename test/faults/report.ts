/** test/faults/results/durability.md, from what the proofs counted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { figuresFolder } from './support/figures.ts';

const report = resolve(import.meta.dirname, 'results/durability.md');

/** In the report's order: heading, what is done, and the files with its figures. */
const sections = [
  {
    title: 'Power cuts',
    what: 'A whole review (open, analyze, decide, export, close) is recorded call by call. The power goes between any two calls; what was written and not synced is dropped, kept, torn or reordered by sectors of 512 or 4096 bytes. Each time the case must open, pass `integrity_check`, and hold exactly what had been shown before. `synchronous=NORMAL` and `OFF` must fail, and do.',
    proofs: ['power-full', 'power-network', 'power-real', 'power-control-normal', 'power-control-off'],
  },
  {
    title: 'Kills',
    what: '`kill -9` of a worker, of the engine, of all, at random moments and system calls of the command line; then the next command that a person would type. The exports must be those of an undisturbed run, to the byte and in every format (but for the time of day in them), and the event log must say the same as the tiles. Steps that are over too soon to be hit by chance are held where they begin, and the engine is killed at one of their system calls; what a killed export left under a file’s name must be the whole file.',
    proofs: ['kill', 'kill-synthesize', 'kill-store', 'kill-exports'],
  },
  {
    title: 'Failing disks',
    what: 'The n-th call fails, once or from then on, with ENOSPC, EIO, EMFILE, EACCES, ENOMEM, for every n of a short review. A person must be told the trouble in one line, the case must be sound, no attempt spent, and the review must go on to the same exports once the disk works.',
    proofs: ['io'],
  },
  {
    title: 'Simulated schedules',
    what: 'Scheduler, leases, group commit and retries in a made-up world with its own clock; a schedule follows from its seed (test/faults/simulation).',
    proofs: ['simulation'],
  },
  {
    title: 'Soak',
    what: 'Reviews one after the other in one engine, while workers and the engine are killed, runs are paused, the disk fills and the clock is set.',
    proofs: ['soak'],
  },
] as const;

function figuresOf(proof: string): [string, string | number][] {
  const path = join(figuresFolder, `${proof}.json`);
  if (!existsSync(path)) return [];
  return Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string | number>);
}

/** @param inOnePiece all proofs were run just now, one after the other, on the sources as they are */
export async function writeReport(inOnePiece: boolean): Promise<void> {
  const memory = Math.round(totalmem() / 2 ** 30);
  const lines = [
    '# Nothing is lost: what was tried',
    '',
    `Written by \`npm run faults\` on ${new Date().toISOString().slice(0, 10)}: ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${memory} GiB of memory, Node ${process.versions.node}.`,
    ...(inOnePiece
      ? []
      : [
          'The proofs were run one by one, not in one piece: sources and load of the machine may have changed between them.',
        ]),
    'What was lost: nothing. A single loss fails the run, and then there is no report.',
  ];
  for (const { title, what, proofs } of sections) {
    const figures = proofs.flatMap(figuresOf);
    lines.push('', `## ${title}`, '', what, '');
    if (figures.length === 0) lines.push('Not run.');
    else lines.push('| | |', '| --- | --- |', ...figures.map(([name, figure]) => `| ${name} | ${figure} |`));
  }
  const style = await resolveConfig(report);
  writeFileSync(report, await format(lines.join('\n'), { ...style, parser: 'markdown' }));
  console.log(`wrote ${report}`);
}
