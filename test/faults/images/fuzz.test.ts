/** A share of the fuzzer's full run (`npm run fuzz:images`), bounded in files and in time, on a seed of its own. */
import { expect, it } from 'vitest';
import { fuzzLimits } from './fuzz/limits.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { makeSeeds } from './fuzz/seeds.ts';
import { findingLines } from './fuzz/summary.ts';

it('damaged files of every format are opened or clearly refused: no crash, no hang, no flood of memory', async () => {
  const seeds = await makeSeeds();
  const report = await runFuzz(seeds, {
    ...fuzzLimits,
    seed: 20_260_101,
    files: 1000,
    seconds: 90,
    processes: 2,
    keepIn: null,
  });
  expect(findingLines(report)).toEqual([]);
  // A busy machine does fewer; that all formats had their turn is what must hold.
  expect(report.files).toBeGreaterThan(seeds.length * 4);
  expect([...report.byFormat.keys()].toSorted()).toEqual(
    [...new Set(seeds.map(({ format }) => format))].toSorted(),
  );
  const refused = [...report.byFormat.values()].reduce((sum, tally) => sum + tally.files - tally.opened, 0);
  expect(refused).toBeGreaterThan(report.files / 10);
});
