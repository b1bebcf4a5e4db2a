/** What a screen is told of a run that goes on: the newest, not too often, and of each tile that changed once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTileFrame, tileFrameRecordBytes } from '../../../src-main/contract/tile-frame.ts';
import { VisibleTiles } from '../../../src-main/engine/visible-tiles.ts';
import { Watchable } from '../../../src-main/engine/watch.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';
import { playOut, VirtualClock } from '../../faults/simulation/virtual-clock.ts';
import { tileResult } from '../store/stored-run.ts';

const done = (tile: number): TileChange => ({ kind: 'done', epoch: 1, result: tileResult(tile) });
const grant = (tile: number): TileChange => ({ kind: 'grant', tile, epoch: 1 });

function tilesOf(frame: Uint8Array): number[] {
  const { records, recordCount } = decodeTileFrame(frame);
  return Array.from({ length: recordCount }, (_, i) => records.getUint32(i * tileFrameRecordBytes, true));
}

describe('tile states by revision', () => {
  it('tell of each tile that changed since, once, whatever the screen has', () => {
    const changes = fc.array(fc.array(fc.nat(19), { maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(changes, fc.nat(16), (groups, since) => {
        const visible = new VisibleTiles([], 20);
        const changed = new Map(Array.from({ length: 20 }, (_, tile) => [tile, 1]));
        for (const tiles of groups) {
          visible.committed(tiles.flatMap((tile) => [grant(tile), done(tile)]));
          for (const tile of tiles) changed.set(tile, visible.revision);
        }
        const wanted = [...changed].filter(([, revision]) => revision > since).map(([tile]) => tile);
        expect(tilesOf(visible.frame(since))).toEqual(wanted);
      }),
    );
  });

  it('also to a screen that was away for longer than changes are remembered', () => {
    const visible = new VisibleTiles([], 40_000);
    for (let tile = 0; tile < 40_000; tile += 100) {
      visible.committed(Array.from({ length: 100 }, (_, i) => grant(tile + i)));
      visible.committed(Array.from({ length: 100 }, (_, i) => done(tile + i)));
    }
    const first = 100;
    expect(tilesOf(visible.frame(3))).toHaveLength(40_000 - first);
    expect(tilesOf(visible.frame(visible.revision - 1))).toHaveLength(100);
    expect(tilesOf(visible.frame(visible.revision))).toEqual([]);
    expect(tilesOf(visible.frame(0))).toHaveLength(40_000);
  });
});

describe('the stream of events', () => {
  it('has the newest at most ten times a second, and the last word', async () => {
    const clock = new VirtualClock();
    const alive = { isAlive: true };
    const watchable = new Watchable(clock.of(alive));
    let value = 0;
    // 2,000 changes in a second.
    for (let ms = 0; ms < 1000; ms += 0.5) {
      clock.add(alive, ms, () => {
        value++;
        watchable.changed();
      });
    }
    clock.add(alive, 1500, () => watchable.close());
    const seen: number[] = [];
    let isOver = false;
    const watching = (async () => {
      for await (const newest of watchable.watch(() => value)) seen.push(newest);
      isOver = true;
    })();
    await playOut(clock, () => isOver);
    await watching;
    expect(seen.length).toBeGreaterThan(8);
    // With the state of now at the beginning, and the end.
    expect(seen.length).toBeLessThanOrEqual(13);
    expect(seen.at(-1)).toBe(2000);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('says nothing while nothing changes', async () => {
    const clock = new VirtualClock();
    const watchable = new Watchable(clock.of({ isAlive: true }));
    const seen: number[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const now of watchable.watch(() => clock.now, stop.signal)) seen.push(now);
    })();
    clock.add({ isAlive: true }, 60_000, () => stop.abort());
    await playOut(clock, () => stop.signal.aborted);
    await watching;
    expect(seen).toEqual([0]);
  });
});
