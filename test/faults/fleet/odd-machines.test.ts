/** Machines whose clocks are wrong: who waits for whom, and for how long, is told by the server's clock alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { putFigures } from '../support/figures.ts';
import { ended, FleetUnderTest, until } from './fleet.ts';

const day = 86_400_000;
let fleet: FleetUnderTest;

beforeAll(async () => {
  fleet = await FleetUnderTest.create();
});
afterAll(() => fleet.remove());

it('a clock that is a day ahead or behind changes nothing', { timeout: 0 }, async () => {
  const queue = await fleet.queue('skewed');
  const skewed = (ms: number): { hooks: string[]; env: NodeJS.ProcessEnv } => ({
    hooks: ['shifted-clock.mjs'],
    env: { GIGATILE_TEST_SHIFT_MS: String(ms) },
  });
  const ahead = queue.worker('ahead', 100, skewed(day));
  const behind = queue.worker('behind', 100, skewed(-day));
  await until('both are there', async () => (await queue.count('{}.worker')) === 2, ahead, behind);
  const desktop = queue.desktop(8, skewed(3_600_000));
  expect(await ended(desktop), `${desktop.said()}\n${ahead.said()}\n${behind.said()}`).toBe(0);
  expect(await queue.faults()).toEqual([]);
  const diary = await queue.diary();
  const by = (name: string): number => diary.filter((one) => one.by === name && one.what === 'done').length;
  expect([by('ahead') > 0, by('behind') > 0]).toEqual([true, true]);
  // No chunk was taken from somebody whose clock made it look silent.
  expect(diary.filter(({ what }) => what === 'taken')).toHaveLength(by('ahead') + by('behind'));
  putFigures('fleet-odd', {
    'clocks a day ahead and a day behind on two workers, an hour ahead on the desktop': `${by('ahead')} and ${by('behind')} chunks, none taken away, none lost or doubled`,
  });
});
