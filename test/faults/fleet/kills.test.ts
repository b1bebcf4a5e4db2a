/**
 * kill -9 of a worker, of PostgreSQL, of the desktop, one after the other, at random moments of real runs on a queue. What comes out is what
 * one machine alone gives, to the byte, with each chunk recorded once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../simulation/random.ts';
import { again, isLong, putFigures, seed } from '../support/figures.ts';
import { ended, FleetUnderTest, isGone, isIdle, load, signalGroup, until } from './fleet.ts';
import type { HeldChunk, Machine } from './fleet.ts';

/** Kills in a row. */
const wanted = Number(process.env['GIGATILE_FLEET_KILLS'] ?? (isLong ? 60 : 4));
/** After so many a run is left in peace. */
const mostPerRun = 6;
const workers = isLong ? 3 : 2;
const chunk = 8;
const slowMs = 150;
/** Another worker has taken a chunk of one that went silent within this, whatever it had in hand itself. */
const takeoverMs = 20_000;
const victims = ['worker', 'server', 'worker', 'desktop'] as const;

let fleet: FleetUnderTest;

/** How much of that time there was no server to take anything from. */
const awayWithin = (away: readonly { from: number; to: number }[], start: number, end: number): number =>
  away.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);

const most = (ms: number[]): string =>
  ms.length === 0 ? '-' : `at most ${(Math.max(...ms) / 1000).toFixed(1)} s (${ms.length} of them)`;

beforeAll(async () => {
  fleet = await FleetUnderTest.create();
});
afterEach(() => fleet.endAll());
afterAll(() => fleet.remove());

it('ends with the exports of one machine alone, whatever is killed and when', { timeout: 0 }, async () => {
  const killed = new Map<string, number>(victims.map((victim) => [victim, 0]));
  const takeovers: { free: number; taken: number }[] = [];
  let [kills, runs] = [0, 0];
  while (kills < wanted) {
    const no = runs++;
    const random = seededRandom(seed + no);
    const queue = await fleet.queue(`kills_${no}`);
    const crew = new Map<string, Machine>();
    let names = 0;
    const hire = (): void => {
      const name = `w${names++}`;
      crew.set(name, queue.worker(name, slowMs));
    };
    for (let i = 0; i < workers; i++) hire();
    // Also with chunks that workers cut to their own size.
    const size = no % 2 === 0 ? chunk : null;
    let desktop = queue.desktop(size);
    const story: string[] = [];
    const told = (): string =>
      `${again}, run ${no}: ${story.join('; ')}\n${desktop.said()}\n${[...crew.values()].map(({ said }) => said()).join('\n')}`;
    const orphans: (HeldChunk & { at: number })[] = [];
    const away: { from: number; to: number }[] = [];
    // Now and then also while everything comes up, and while the run is given to the queue.
    if (no % 3 !== 2)
      await until('a chunk is done', async () => (await queue.done()) > 0, desktop, ...crew.values());
    for (let blows = 0; blows < mostPerRun && kills < wanted; blows++) {
      await sleep(random.next() * 2500);
      if (isGone(desktop)) break;
      // Each in turn in the short form, so that each is tried.
      const victim = isLong ? random.pick(victims) : (victims[kills % victims.length] ?? 'worker');
      const from = Date.now();
      if (victim === 'worker') {
        const name = random.pick([...crew.keys()]);
        const worker = crew.get(name);
        const held = await queue.inHand(name);
        if (worker !== undefined) {
          expect(isGone(worker), told()).toBe(false);
          signalGroup(worker, 'SIGKILL');
        }
        crew.delete(name);
        if (held !== null) orphans.push({ ...held, at: from });
        hire();
        story.push(`${name} killed${held === null ? '' : ` at chunk ${held.no}`}`);
      } else if (victim === 'server') {
        await fleet.postgres.kill();
        await sleep(random.next() * 1500);
        await fleet.postgres.start();
        away.push({ from, to: Date.now() });
        story.push('server killed');
      } else {
        signalGroup(desktop, 'SIGKILL');
        await ended(desktop);
        await sleep(random.next() * 1500);
        desktop = queue.desktop(size);
        story.push('desktop killed');
      }
      kills++;
      killed.set(victim, (killed.get(victim) ?? 0) + 1);
    }
    expect(await ended(desktop), told()).toBe(0);
    expect(await queue.faults(), told()).toEqual([]);
    for (const worker of crew.values()) expect(isGone(worker), told()).toBe(false);
    for (const orphan of orphans) {
      const { free, taken } = await queue.takeover(orphan, orphan.at);
      // The worker had just finished it.
      if (free === null) continue;
      const without = (ms: number): number => ms - awayWithin(away, orphan.at, orphan.at + ms);
      takeovers.push({ free: without(free), taken: without(taken ?? free) });
      const how = `chunk ${orphan.no} was free after ${free} ms, taken after ${taken} ms; ${told()}`;
      if (isLong && isIdle()) expect(without(taken ?? free), how).toBeLessThanOrEqual(takeoverMs);
    }
    fleet.endAll();
  }
  putFigures('fleet-kills', {
    'kills (SIGKILL), one after the other': `${kills} in ${runs} runs: ${[...killed].map(([victim, n]) => `${victim} ${n}`).join(', ')}`,
    'runs whose exports differ from those of one machine, lost or doubled chunks': 0,
    'chunks of killed workers: free for others after (without the time in which there was no server)': `${most(takeovers.map(({ free }) => free))}; load of the machine ${load()}`,
    'the same: taken by another worker, which may have had a chunk of its own to end first, after': most(
      takeovers.map(({ taken }) => taken),
    ),
    seed,
  });
});

it('would notice one result that was changed on its way', { timeout: 0 }, async () => {
  const queue = await fleet.queue('tampered');
  // As a worker would whose model finds nothing in full tiles.
  await queue.rows(`CREATE FUNCTION {}.tamper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF length(NEW.detections) > 120 THEN NEW.detections := ''; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER tamper BEFORE INSERT ON {}.tile_result FOR EACH ROW EXECUTE FUNCTION {}.tamper()`);
  queue.worker('one', 0);
  expect(await ended(queue.desktop(64))).toBe(0);
  expect((await queue.faults()).join()).toMatch(/exports differ/);
});
