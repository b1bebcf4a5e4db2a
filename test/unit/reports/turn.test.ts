/** Exports are made in the engine's process: it answers others meanwhile. */
import { expect, it } from 'vitest';
import type { FindingView } from '../../../src-main/contract/finding.ts';
import { shownPages } from '../../../src-main/reports/shown-pages.ts';
import { summarise } from '../../../src-main/reports/summary.ts';
import type { ReportData } from '../../../src-main/reports/report-data.ts';
import { sampleReport, slide } from '../../support/sample-report.ts';

/** How often another got its turn until the work was done. */
async function turnsMeanwhile(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let next = setImmediate(function take() {
    turns++;
    next = setImmediate(take);
  });
  await work;
  clearImmediate(next);
  return turns;
}

/** A hundred of its first finding, a millisecond each. */
async function slowly(data: ReportData): Promise<ReportData> {
  const found: FindingView[] = [];
  for await (const finding of data.findings()) found.push(finding);
  const hundred = Array.from({ length: 128 }, () => found.slice(0, 1)).flat();
  return {
    ...data,
    *findings() {
      for (const finding of hundred) {
        const until = performance.now() + 1;
        while (performance.now() < until);
        yield finding;
      }
    },
  };
}

it('going through findings lets others have their turn', async () => {
  const data = await slowly(sampleReport({ image: slide }));
  const pages = async () => {
    for await (const page of shownPages(data)) expect(page).toHaveLength(64);
  };
  expect(await turnsMeanwhile(pages())).toBeGreaterThan(1);
  expect(await turnsMeanwhile(summarise(data))).toBeGreaterThan(4);
  const given = new AbortController();
  setImmediate(() => given.abort(new Error('nobody waits')));
  await expect(summarise(data, 0, given.signal)).rejects.toThrow('nobody waits');
});
