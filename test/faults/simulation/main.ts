/**
 * `npm run simulate -- [--from n] [--count n] [--threads n] [--broken name]`, or one schedule again: `--seed n [--tell]`
 *
 * Simulates schedules of the scheduler, its leases, the clock and the store, and fails where any of them breaks what is promised.
 */
import { parseArgs } from 'node:util';
import { brokenBy, brokenParts } from './broken-parts.ts';
import { runSeeds, runSeedsOnThreads, violationLines } from './run-seeds.ts';
import { simulate, soundParts } from './simulate.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '100000' },
    threads: { type: 'string' },
    seed: { type: 'string' },
    tell: { type: 'boolean', default: false },
    broken: { type: 'string' },
  },
});
const { broken } = values;
if (broken !== undefined && brokenParts[broken] === undefined) {
  throw new RangeError(`--broken is one of: ${Object.keys(brokenParts).join('; ')}`);
}

if (values.seed !== undefined) {
  const parts = broken === undefined ? soundParts : brokenBy(broken);
  const tell = values.tell ? (line: string): void => console.log(line) : undefined;
  console.log(await simulate(Number(values.seed), parts, tell));
} else {
  const range = { from: Number(values.from), count: Number(values.count) };
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  const report = await (broken === undefined
    ? runSeedsOnThreads(range, threads)
    : runSeeds({ ...range, broken, untilFirst: true }));
  for (const line of violationLines(report)) console.log(line);
  const { schedules, steps, engines, violations } = report;
  console.log(
    `${schedules} schedules, ${steps} events, ${engines} takings-up; violated: ${violations.length}`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
