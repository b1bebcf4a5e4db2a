/**
 * kill -9 of a worker, of the engine, of all, at random moments of every step of the real command line, and in the middle of the steps
 * that are too short to be hit by chance. What comes out at the end is what an undisturbed run gives, to the byte, in every format.
 */
import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from './simulation/random.ts';
import { blowAtStep, blowName, randomBlow, shortSteps } from './support/blows.ts';
import type { Blow, ShortStep } from './support/blows.ts';
import { again, isLong, putFigures, seed } from './support/figures.ts';
import { KilledReviews, robTile, type Place } from './support/killed-review.ts';
import { stepOf, strike } from './support/strike.ts';

/** Kills that found their victim. */
const wanted = isLong ? 240 : 6;
/** Of each step that is too short for them. */
const wantedAtStep = isLong ? 40 : 1;
/** After so many a case is left in peace. */
const mostPerCase = 5;
const lanes = 2;
const lanesAtStep = Math.min(lanes, wantedAtStep);

let reviews: KilledReviews;

beforeAll(async () => {
  reviews = await KilledReviews.prepare();
});
afterAll(() => reviews.close());

function counter(): { add: (name: string) => void; words: () => string } {
  const counts = new Map<string, number>();
  return {
    add: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    words: () => [...counts].map(([name, n]) => `${name} ${n}`).join(', '),
  };
}

/** Where a kill found the run. @param told by the process itself, once it had taken the run up */
function whereOf({ casePath }: Place, told: string | null): string {
  const step = told ?? stepOf(casePath);
  return step === null ? 'before the run was there' : step === 'finished' ? 'exports' : step;
}

it('ends with the exports of an undisturbed run, whatever is killed and when', { timeout: 0 }, async () => {
  const victims = counter();
  const steps = counter();
  let [kills, cases] = [0, 0];
  const lane = async (): Promise<void> => {
    while (kills < wanted) {
      const no = cases++;
      const random = seededRandom(seed + no);
      const place = reviews.place(`case-${no}`);
      const story: string[] = [];
      for (
        let blows = 0;
        blows < mostPerCase * 3 && story.length < mostPerCase && !reviews.isComplete(place);
        blows++
      ) {
        const blow: Blow = randomBlow(random, reviews.calls, reviews.wholeMs);
        const { isHit, code, step, stderr } = await strike(reviews.next(place), place.casePath, blow);
        // What was not killed went well.
        if (code !== null) expect(code, `${again}, ${blowName(blow)}: ${stderr}`).toBe(0);
        if (!isHit) continue;
        kills++;
        victims.add(blow.at === 'call' ? 'engine at a system call' : blow.at);
        const where = whereOf(place, step);
        if (blow.at !== 'worker') steps.add(where);
        story.push(`${blowName(blow)} (${where})`);
      }
      await reviews.toTheEnd(place);
      await reviews.expectLikeUndisturbed(place, `${again}, case ${no}: ${story.join('; ')}`);
      rmSync(place.dataDir, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  putFigures('kill', {
    'kills (SIGKILL)': `${kills} in ${cases} cases: ${victims.words()}`,
    'the run was at': steps.words(),
    'exports that differ from the undisturbed run': 0,
    seed,
  });
});

/** A review that was killed where a step begins: copies of it are gone on with. */
async function stoppedAt(step: ShortStep): Promise<Place> {
  if (step === 'exports') return reviews.ended(`stopped-at-${step}`);
  const place = reviews.place(`stopped-at-${step}`);
  const blow: Blow = { at: 'step', step, victim: 'all', afterMs: 0 };
  await strike(reviews.next(place), place.casePath, blow);
  expect(stepOf(place.casePath)).toBe(step);
  return place;
}

/** Two hours pass: what a killed export has left is nobody's any more. */
function age(folder: string): void {
  if (!existsSync(folder)) return;
  const before = Date.now() / 1000 - 2 * 3600;
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.')) utimesSync(join(folder, name), before, before);
  }
}

it.each(shortSteps)('the same in the middle of %s', { timeout: 0 }, async (step) => {
  const template = await stoppedAt(step);
  const calls = step === 'exports' ? reviews.exportCalls : (reviews.calls.at.get(step) ?? new Map());
  const how = counter();
  let [kills, cases] = [0, 0];
  const lane = async (): Promise<void> => {
    while (kills < wantedAtStep) {
      const no = cases++;
      expect(no, `${again}: the kills miss ${step}`).toBeLessThan(wantedAtStep * 5);
      const random = seededRandom(seed + 7919 * (no + 1));
      const place = reviews.place(`${step}-${no}`, template);
      const story: string[] = [];
      // Also twice: what is taken up after a kill is killed.
      for (let blows = 0; blows < 4 && (story.length === 0 || random.chance(0.3)); blows++) {
        if (step !== 'exports' && stepOf(place.casePath) === 'finished') break;
        const blow = blowAtStep(random, step, calls);
        const command = step === 'exports' ? reviews.exportAll(place) : reviews.next(place);
        const struck = await strike(command, place.casePath, blow);
        if (struck.code !== null) {
          expect(struck.code, `${again}, ${blowName(blow)}: ${struck.stderr}`).toBe(0);
        }
        expect(reviews.broken(place), `${again}, ${blowName(blow)}`).toEqual([]);
        if (!struck.isHit || struck.step !== step) continue;
        kills++;
        how.add('call' in blow ? `at ${blow.call}` : 'at a moment');
        story.push(blowName(blow));
      }
      age(join(place.dataDir, 'all'));
      await reviews.toTheEnd(place);
      await reviews.expectLikeUndisturbed(place, `${again}, ${step} ${no}: ${story.join('; ')}`);
      rmSync(place.dataDir, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: lanesAtStep }, lane));
  putFigures(`kill-${step}`, { [`in the middle of ${step}`]: `${kills}: ${how.words()}` });
});

it('would notice one tile that was lost', async () => {
  const place = reviews.ended('robbed');
  robTile(place);
  await reviews.toTheEnd(place);
  expect((await reviews.differences(place)).length).toBeGreaterThan(5);
});
