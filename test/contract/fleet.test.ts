/** What the contract promises a screen about other machines, over each transport: the real engine over a fleet that is made up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDefinedError, ORPCError } from '@orpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GigatileError } from '../../src-main/contract/errors.ts';
import type { FleetAct, FleetEvent, FleetView } from '../../src-main/contract/fleet.ts';
import { ChildWorkerHost } from '../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../src-main/engine/engine.ts';
import type { Fleet } from '../../src-main/engine/fleet.ts';
import type { Engine } from '../../src-main/engine/shell.ts';
import { transports, type Screen } from './transports.ts';

const view: FleetView = {
  runs: [
    {
      id: 'r1',
      image: 'a.svs',
      fingerprint: '0123456789ab',
      model: 'Nuclei',
      state: 'open',
      priority: 0,
      createdAt: '2026-01-01T00:00:00.000Z',
      chunks: { total: 3, done: 1, working: 1, waiting: 0, dead: 1 },
      tiles: { total: 9, done: 3, failed: 0 },
      tilesPerSecond: 1.5,
      etaSeconds: 4,
    },
  ],
  workers: [],
  totals: { runs: 1, open: 1, tilesPerSecond: 1.5 },
};

/** A queue that answers, and goes away when it is told to. */
class MadeUpFleet implements Fleet {
  readonly label: string;
  readonly acts: FleetAct[] = [];
  isAway = false;
  isClosed = false;

  constructor(label: string) {
    this.label = label;
  }

  map = (): never => {
    throw new Error('nothing is run here');
  };
  analysis = (): never => {
    throw new GigatileError('run-not-found', '0 runs of this queue are meant by "x"');
  };
  model = this.map;

  view(): Promise<FleetView> {
    return this.isAway
      ? Promise.reject(
          new GigatileError('queue-unreachable', 'The queue cannot be reached', { where: this.label }),
        )
      : Promise.resolve(view);
  }

  act(order: FleetAct): Promise<number> {
    this.acts.push(order);
    return Promise.resolve(order.act === 'redrive' ? 1 : 0);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

describe.each(transports)('other machines over $name', ({ connect }) => {
  const fleets: MadeUpFleet[] = [];
  const asked: string[] = [];
  let folder: string;
  let engine: Engine;
  let screen: Screen;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gigatile-contract-'));
    engine = await createEngine({
      host: new ChildWorkerHost(),
      shell: { kind: 'web' },
      dataDir: join(folder, 'data'),
      modelsDir: resolve(import.meta.dirname, '../../models'),
      version: '1.2.3',
      connectFleet: (address) => {
        asked.push(address);
        if (!address.startsWith('postgres://'))
          throw new GigatileError('usage', 'This is no address of a queue');
        const fleet = new MadeUpFleet(new URL(address).host);
        fleet.isAway = address.includes('away');
        fleets.push(fleet);
        return Promise.resolve(fleet);
      },
    });
    screen = await connect(engine);
  });
  afterAll(async () => {
    await screen.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function eventually(holds: (event: FleetEvent) => boolean): Promise<FleetEvent> {
    for await (const event of await screen.api.fleet.watch()) if (holds(event)) return event;
    throw new Error('the stream has ended');
  }

  it('starts with none, and takes one only where it answers', async () => {
    expect(await screen.api.fleet.setting()).toEqual({ queue: null, fixedBy: null, passwordKept: false });
    expect(await eventually(() => true)).toMatchObject({ queue: null, view: null, problem: null });
    const refused: unknown = await screen.api.fleet
      .choose({ address: 'postgres://away.example/x' })
      .catch((e: unknown) => e);
    if (!(refused instanceof ORPCError)) throw new Error('not a typed error');
    expect(isDefinedError(refused)).toBe(true);
    expect(refused.data).toMatchObject({ code: 'queue-unreachable', where: 'away.example' });
    expect(fleets[0]?.isClosed).toBe(true);
    expect((await screen.api.app.info()).queue).toBeNull();
    await expect(screen.api.fleet.choose({ address: 'nonsense' })).rejects.toThrow(/no address/);
    await expect(screen.api.fleet.act({ act: 'redrive' })).rejects.toThrow(/No queue is chosen/);
  });

  it('shows what its machines do, does what is asked, and says since when it is away', async () => {
    const order = { address: 'postgres://anna@there.example/x', password: 'p/w' };
    expect(await screen.api.fleet.choose(order)).toMatchObject({ queue: 'there.example' });
    expect(asked.at(-1)).toBe('postgres://anna:p%2Fw@there.example/x');
    expect((await screen.api.app.info()).queue).toBe('there.example');
    const fleet = fleets.at(-1)!;
    expect(await eventually((event) => event.view !== null)).toMatchObject({
      view,
      problem: null,
      since: null,
    });
    expect(await screen.api.fleet.act({ act: 'priority', run: 'r1', priority: 3 })).toEqual({ redriven: 0 });
    expect(await screen.api.fleet.act({ act: 'redrive', run: 'r1' })).toEqual({ redriven: 1 });
    expect(fleet.acts).toEqual([
      { act: 'priority', run: 'r1', priority: 3 },
      { act: 'redrive', run: 'r1' },
    ]);
    await expect(screen.api.fleet.act({ act: 'priority', run: 'r1', priority: 1e9 })).rejects.toThrow();
    fleet.isAway = true;
    // Whatever is done is looked at at once.
    await screen.api.fleet.act({ act: 'pause', run: 'r1' });
    const away = await eventually(({ problem }) => problem !== null);
    expect(away).toMatchObject({ view, problem: { code: 'queue-unreachable' } });
    expect(Date.parse(away.since ?? '')).toBeGreaterThan(0);
    fleet.isAway = false;
    await screen.api.fleet.act({ act: 'resume', run: 'r1' });
    expect(await eventually(({ problem }) => problem === null)).toMatchObject({ view, since: null });
  });

  it('another one takes its place, and none after that', async () => {
    const before = fleets.at(-1)!;
    await screen.api.fleet.choose({ address: 'postgres://other.example/x' });
    expect(before.isClosed).toBe(true);
    expect(await screen.api.fleet.leave()).toMatchObject({ queue: null });
    expect(fleets.at(-1)!.isClosed).toBe(true);
    expect(await eventually(() => true)).toMatchObject({ queue: null, view: null });
  });
});
