/** What machines have of their own, and people do meanwhile: clocks that are wrong, runs that are taken away. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gigatile } from '../../support/cli.ts';
import { isLong, putFigures } from '../support/figures.ts';
import { ended, FleetUnderTest, isGone, until } from './fleet.ts';

const day = 86_400_000;
let fleet: FleetUnderTest;
const figures: Record<string, string> = {};

beforeAll(async () => {
  fleet = await FleetUnderTest.create();
});
afterAll(async () => {
  putFigures('fleet-odd', figures);
  await fleet.remove();
});

// Who waits for whom, and for how long, is told by the server's clock alone.
it.runIf(isLong)('a clock that is a day ahead or behind changes nothing', { timeout: 0 }, async () => {
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
  figures['clocks a day ahead and a day behind on two workers, an hour ahead on the desktop'] =
    `${by('ahead')} and ${by('behind')} chunks, none taken away, none lost or doubled`;
});

it('a run that is taken out of the queue while it is worked on ends no worker', { timeout: 0 }, async () => {
  const queue = await fleet.queue('removed');
  const worker = queue.worker('one', 200);
  const desktop = queue.desktop(16);
  await until('it is at work', async () => (await queue.done()) > 0, worker, desktop);
  const [row] = await queue.rows<{ id: string }>('SELECT id FROM {}.run');
  const removed = gigatile(fleet.folder, ['queue', 'remove', row?.id ?? '', '--queue', queue.address]);
  expect(removed.code, removed.stderr).toBe(0);
  expect(await ended(desktop)).not.toBe(0);
  expect(desktop.said()).toMatch(/taken out of the queue/);
  const again = queue.desktop(64);
  expect(await ended(again), `${again.said()}\n${worker.said()}`).toBe(0);
  expect(isGone(worker), worker.said()).toBe(false);
  // What was removed is in the case, and in the queue no more.
  const faults = (await queue.faults()).filter((text) => !text.startsWith('the queue has'));
  expect(faults).toEqual([]);
  figures['a run that was taken out of the queue while it was worked on'] =
    'its worker went on; resumed, it gave the same exports';
});
