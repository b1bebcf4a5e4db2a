/**
 * The n-th call of a kind fails, once or from then on: an error that a person can act on, a sound case, no attempt spent, and the same
 * end once the disk works again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../simulation/random.ts';
import { again, isLong, putFigures, seed } from '../support/figures.ts';
import { exportsOf, review } from '../support/review.ts';
import { whyNoTrace } from '../support/strace.ts';
import { countCalls, faultName, prepare, reviewWithFault, troubles } from './failing-call.ts';
import type { Fault } from './failing-call.ts';

const reason = whyNoTrace();
if (reason !== null) console.log(`skipped: ${reason}`);

/** At once: they wait for their disks more than they compute. */
const lanes = 3;
/** Each kind of trouble twice. */
const sample = 2 * troubles.length;

let folder: string;
let undisturbed: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-io-'));
  const place = prepare(join(folder, 'undisturbed'));
  expect(await review(place)).toMatchObject({ code: 0 });
  undisturbed = exportsOf(place);
  expect(undisturbed[0]?.split('\n').length).toBeGreaterThan(100);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every call of a short review that can fail, in every way. */
async function allFaults(): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const onCase of [false, true]) {
    const kinds = troubles.filter((trouble) => trouble.onCase === onCase);
    const calls = [...new Set(kinds.map(({ call }) => call))];
    const counts = await countCalls(prepare(join(folder, 'counted')), calls, onCase);
    for (const trouble of kinds) {
      for (let n = 1; n <= (counts.get(trouble.call) ?? 0); n++) {
        for (const forGood of [false, true]) faults.push({ ...trouble, n, forGood });
      }
    }
  }
  return faults;
}

/** Kinds of trouble as often as each other, however many calls there are of each. */
function sampled(faults: readonly Fault[]): Fault[] {
  const random = seededRandom(seed);
  return Array.from({ length: sample }, (_, i) => {
    const { call, error } = troubles[i % troubles.length]!;
    return random.pick(faults.filter((fault) => fault.call === call && fault.error === error));
  });
}

it.skipIf(reason !== null)(
  'tells the trouble, keeps the case sound, and goes on to the same end',
  async () => {
    const all = await allFaults();
    const faults = isLong ? all : sampled(all);
    const counts = { well: 0, told: 0 };
    const problems: string[] = [];
    const codes = new Map<string, number>();
    const rest = faults.values();
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (const fault of rest) {
          const place = prepare(join(folder, `lane-${lane}`));
          const { ended, problem } = await reviewWithFault(place, fault, undisturbed);
          counts[ended.code === 0 ? 'well' : 'told']++;
          if (ended.error) codes.set(ended.error.code, (codes.get(ended.error.code) ?? 0) + 1);
          if (problem !== null) problems.push(`${faultName(fault)}: ${problem}`);
        }
      }),
    );
    expect(problems, again).toEqual([]);
    expect(counts.told, again).toBeGreaterThan(faults.length / 3);
    putFigures('io', {
      'calls that failed': `${faults.length} of ${all.length} (${[...new Set(all.map(({ call }) => call))].join(', ')}; each once and for good)`,
      'reviews that were stopped by it': `${counts.told} (${[...codes].map(([code, n]) => `${code} ${n}`).join(', ')})`,
      'reviews that did without': counts.well,
      'damaged cases, lost results, attempts spent': 0,
    });
  },
);

it.skipIf(reason !== null)('would notice: an engine that forgets what could not be written', async () => {
  const careless = { GIGATILE_TEST_CARELESS: '1' };
  const problems: (string | null)[] = [];
  for (const n of [70, 85, 100]) {
    const fault: Fault = { call: 'pwrite64', error: 'ENOSPC', onCase: true, n, forGood: false };
    const place = prepare(join(folder, 'careless'));
    problems.push((await reviewWithFault(place, fault, undisturbed, careless)).problem);
  }
  expect(problems.filter((problem) => problem !== null)).not.toEqual([]);
});
