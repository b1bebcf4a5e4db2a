/** Schedules of many seeds, on several threads; each seed is a schedule of its own. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { brokenBy } from './broken-parts.ts';
import { simulate, soundParts } from './simulate.ts';

export interface SeedRange {
  from: number;
  count: number;
  /** A name of brokenParts; sound parts where absent. */
  broken?: string | undefined;
  /** Ends at the first schedule that is violated. */
  untilFirst?: boolean;
}

export interface SeedReport {
  schedules: number;
  /** Events in them. */
  steps: number;
  /** Takings-up of their runs: more than schedules, because engines die. */
  engines: number;
  endedEarly: number;
  violations: { seed: number; what: string }[];
}

const nothing: SeedReport = { schedules: 0, steps: 0, engines: 0, endedEarly: 0, violations: [] };
const mostViolations = 20;

export async function runSeeds({ from, count, broken, untilFirst = false }: SeedRange): Promise<SeedReport> {
  const parts = broken === undefined ? soundParts : brokenBy(broken);
  const report: SeedReport = { ...nothing, violations: [] };
  for (let seed = from; seed < from + count; seed++) {
    report.schedules++;
    try {
      const { steps, engines, how } = await simulate(seed, parts);
      report.steps += steps;
      report.engines += engines;
      if (how === 'early') report.endedEarly++;
    } catch (error) {
      report.violations.push({ seed, what: error instanceof Error ? error.message : String(error) });
      if (untilFirst || report.violations.length >= mostViolations) break;
    }
  }
  return report;
}

/** The same, shared between threads. */
export async function runSeedsOnThreads(
  range: Pick<SeedRange, 'from' | 'count'>,
  threads = availableParallelism(),
): Promise<SeedReport> {
  const share = Math.ceil(range.count / threads);
  const parts: SeedRange[] = [];
  for (let from = range.from; from < range.from + range.count; from += share) {
    parts.push({ from, count: Math.min(share, range.from + range.count - from) });
  }
  const reports = await Promise.all(
    parts.map(async (part) => {
      const thread = new Worker(new URL('./seeds.entry.ts', import.meta.url), { workerData: part });
      const [report] = (await once(thread, 'message')) as [SeedReport];
      return report;
    }),
  );
  return reports.reduce(
    (sum, report) => ({
      schedules: sum.schedules + report.schedules,
      steps: sum.steps + report.steps,
      engines: sum.engines + report.engines,
      endedEarly: sum.endedEarly + report.endedEarly,
      violations: [...sum.violations, ...report.violations],
    }),
    nothing,
  );
}

/** For a person: what was violated, and how to see it again. */
export function violationLines({ violations }: SeedReport): string[] {
  return violations.map(
    ({ seed, what }) => `seed ${seed}: ${what}; again: npm run simulate -- --seed ${seed} --tell`,
  );
}
