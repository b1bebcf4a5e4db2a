/**
 * The real scheduler, ledger, group commit and worker handling in a made-up world: workers die, hang and lie in wait, engines crash and are
 * fenced, disks fill, clocks jump, images change, people look elsewhere. A schedule follows from its seed.
 */
import { describe, expect, it } from 'vitest';
import { brokenParts } from './simulation/broken-parts.ts';
import { isLong, putFigures, seed } from './support/figures.ts';
import { runSeeds, runSeedsOnThreads, violationLines } from './simulation/run-seeds.ts';

/** The same ones in each short run; others in each long one. */
const schedules = isLong ? 1_000_000 : 100_000;
const from = isLong ? seed : 1;
/** Each broken part must be found within so many. */
const enough = 1000;

it(`no tile is lost, doubled or starved in ${schedules} schedules, and nothing is shown that is not durable`, async () => {
  const report = await runSeedsOnThreads({ from, count: schedules });
  expect(violationLines(report)).toEqual([]);
  expect(report.schedules).toBe(schedules);
  // Otherwise nothing went wrong in them, and nothing was put to the test.
  expect(report.engines).toBeGreaterThan(schedules * 1.2);
  expect(report.endedEarly).toBeGreaterThan(schedules / 20);
  putFigures('simulation', {
    'schedules of scheduler, leases, clock and store': report.schedules,
    'events in them': report.steps,
    'takings-up of their runs': report.engines,
    seeds: `${from} to ${from + schedules - 1}`,
    'that broke a promise': report.violations.length,
    'parts broken on purpose, all found': Object.keys(brokenParts).length,
  });
}, 3_600_000);

describe('a simulation that cannot fail proves nothing: it finds', () => {
  it.each(Object.keys(brokenParts))('%s', async (broken) => {
    const { violations } = await runSeeds({ from: 1, count: enough, broken, untilFirst: true });
    expect(violations).toHaveLength(1);
  });
});

it('a seed is a schedule: the same one twice is the same to the event', async () => {
  const once = await runSeeds({ from: 4000, count: 50 });
  expect(await runSeeds({ from: 4000, count: 50 })).toEqual(once);
});
