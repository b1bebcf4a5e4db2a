/**
 * Machines that fall silent while they have a chunk in hand: frozen, cut off without a word, refused by the network. Their chunk is taken
 * over; they go on by themselves; what they bring late changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLong, putFigures } from '../support/figures.ts';
import { CutProxy, type Cut } from './cut-proxy.ts';
import {
  ended,
  FleetUnderTest,
  isGone,
  isIdle,
  seize,
  signalGroup,
  until,
  type Machine,
  type QueueUnderTest,
} from './fleet.ts';
import { ownNetwork, type OwnNetwork } from './network.ts';

/** A chunk is taken over within this. */
const limitMs = 20_000;
const cutMs = isLong ? 60_000 : 10_000;
const chunk = 16;
/** So that a chunk takes seconds. */
const slowMs = 400;

let fleet: FleetUnderTest;
/** Or why there is none. */
let network: OwnNetwork | string;
const figures: Record<string, string> = {};

beforeAll(async () => {
  network = isLong ? ownNetwork() : 'not asked for';
  fleet = await FleetUnderTest.create({ listen: typeof network === 'string' ? [] : [network.here] });
});
afterAll(async () => {
  putFigures('fleet-silence', figures);
  await fleet.remove();
  if (typeof network !== 'string') network.remove();
});

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The victim has a chunk in hand and is frozen; an heir takes it over and ends it; then the victim goes on. */
async function freeze(
  queue: QueueUnderTest,
  hooks: string[],
): Promise<{ victim: Machine; takeoverMs: number }> {
  const victim = queue.worker('victim', slowMs, { hooks });
  const heir = queue.worker('heir', slowMs / 4);
  const desktop = queue.desktop(chunk);
  const held = await seize(
    queue,
    'victim',
    () => signalGroup(victim, 'SIGSTOP'),
    () => signalGroup(victim, 'SIGCONT'),
  );
  const isDone = async (): Promise<boolean> =>
    (await queue.diary()).some(({ run, no, what }) => run === held.run && no === held.no && what === 'done');
  await until('the chunk is done by another worker', isDone, victim, heir, desktop);
  expect(await queue.inHand('victim')).toBe(null);
  signalGroup(victim, 'SIGCONT');
  // The rest need not take long.
  queue.worker('last', 0);
  expect(await ended(desktop), desktop.said()).toBe(0);
  return { victim, takeoverMs: (await queue.takeover(held, held.at)).free ?? Number.NaN };
}

/** One worker beyond the cut, another one this side of it. */
async function cutAndMend(
  queue: QueueUnderTest,
  far: string,
  prefix: string[],
  cut: () => void,
  mend: () => void,
  what: string,
): Promise<void> {
  const beyond = queue.worker('beyond', slowMs, { queue: far, prefix });
  const desktop = queue.desktop(chunk);
  const held = await seize(queue, 'beyond', cut, mend);
  const here = queue.worker('here', slowMs);
  await sleep(Math.max(0, cutMs - (Date.now() - held.at)));
  expect(isGone(beyond), beyond.said()).toBe(false);
  mend();
  const mendedAt = Date.now();
  // By itself, while there is work.
  const back = async (): Promise<number | undefined> =>
    (await queue.diary()).find(({ by, at, what: did }) => by === 'beyond' && did === 'taken' && at > mendedAt)
      ?.at;
  await until(
    'the worker beyond works again',
    async () => (await back()) !== undefined,
    beyond,
    here,
    desktop,
  );
  const backMs = ((await back()) ?? Number.NaN) - mendedAt;
  // The rest need not take long.
  queue.worker('last', 0);
  expect(await ended(desktop), desktop.said()).toBe(0);
  expect(await queue.faults(), beyond.said()).toEqual([]);
  expect(isGone(beyond), beyond.said()).toBe(false);
  const { free: takeover } = await queue.takeover(held, held.at);
  if (isLong && isIdle() && takeover !== null) expect(takeover).toBeLessThanOrEqual(limitMs);
  figures[`network of one worker cut for ${cutMs / 1000} s: ${what}`] =
    `its chunk was ${takeover === null ? 'still its own afterwards' : `free for others after ${seconds(takeover)}`}; it worked again ${seconds(backMs)} after the end of the cut; nothing lost or doubled`;
}

/** A worker that is stopped while nothing comes through ends all the same. */
async function leaveInSilence(queue: QueueUnderTest, far: string, proxy: CutProxy): Promise<void> {
  const worker = queue.worker('leaving', 0, { queue: far });
  await until(
    'it is there',
    async () => (await queue.count(`{}.worker WHERE name = 'leaving'`)) === 1,
    worker,
  );
  proxy.cut('hole');
  signalGroup(worker, 'SIGTERM');
  const from = Date.now();
  expect(await ended(worker), worker.said()).toBe(0);
  figures['a worker that is stopped while nothing comes through'] =
    `ended after ${seconds(Date.now() - from)}`;
}

// They mostly wait.
describe.concurrent('a worker that falls silent', { timeout: 0 }, () => {
  it('hangs, and is taken over; when it goes on, its results come too late', async () => {
    const queue = await fleet.queue('frozen');
    const { victim, takeoverMs } = await freeze(queue, []);
    // What it still had to do, and a heartbeat after that.
    await sleep(4000);
    expect(await queue.faults()).toEqual([]);
    expect(isGone(victim), victim.said()).toBe(false);
    if (isLong && isIdle()) expect(takeoverMs).toBeLessThanOrEqual(limitMs);
    figures['a worker that was frozen (SIGSTOP)'] =
      `its chunk was free for others after ${seconds(takeoverMs)}; its late results were dropped`;
  });

  it('would be noticed where a late one is not held off', async () => {
    const queue = await fleet.queue('unfenced');
    const { victim } = await freeze(queue, ['careless-worker.mjs']);
    await until('the late one has written', async () => (await queue.faults()).length > 0, victim);
    expect((await queue.faults()).join()).toMatch(/recorded twice/);
  });

  it.each<Cut>(['hole', 'reset'])('has its network cut: %s', async (how) => {
    const queue = await fleet.queue(`cut_${how}`);
    const proxy = await CutProxy.to(fleet.postgres.port);
    try {
      const far = queue.address.replace(String(fleet.postgres.port), String(proxy.port));
      const words = { hole: 'nothing comes through', reset: 'everything is refused' }[how];
      await cutAndMend(
        queue,
        far,
        [],
        () => proxy.cut(how),
        () => proxy.mend(),
        words,
      );
      if (isLong && how === 'hole') await leaveInSilence(queue, far, proxy);
    } finally {
      await proxy.close();
    }
  });

  it('has its cable pulled and put back', async ({ skip }) => {
    skip(!isLong, 'only in the long form: npm run faults:fleet');
    const cable = network;
    if (typeof cable === 'string') {
      skip(cable);
      return;
    }
    const queue = await fleet.queue('cable');
    const far = queue.address.replace('127.0.0.1', cable.here);
    await cutAndMend(
      queue,
      far,
      cable.prefix,
      () => cable.pull(),
      () => cable.plug(),
      'cable pulled (network namespace)',
    );
  });
});
