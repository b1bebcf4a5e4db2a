import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { bandOf } from '../../../src-main/core/tile-order.ts';
import { TileLedger } from '../../../src-main/engine/tile-ledger.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import type { TileRow } from '../../../src-main/store/tile-store.ts';

const plan = planGrid({
  imageWidth: 90,
  imageHeight: 70,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 10,
  tileHeight: 10,
  overlap: 0,
});
const row = (idx: number, state = tileStateCode.pending as number): TileRow => ({
  idx,
  state,
  attempts: 0,
  crashes: 0,
  wakeMs: state === tileStateCode.waiting ? 0 : null,
  skip: 0,
  content: 1,
  score: null,
  classIndex: null,
});
const rows = (states: (number | undefined)[] = []): TileRow[] =>
  Array.from({ length: 63 }, (_, i) => row(i, states[i] ?? tileStateCode.pending));

const worker = { name: 'a' };
const other = { name: 'b' };

describe('the ledger', () => {
  it('hands out every open tile until it has ended, none twice at a time, whatever happens to them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('done', 'wait', 'crash', 'fail', 'release', 'suspect'), { maxLength: 400 }),
        fc.array(
          fc.constantFrom(
            tileStateCode.pending,
            tileStateCode.done,
            tileStateCode.skipped,
            tileStateCode.waiting,
            tileStateCode.failed,
          ),
          { maxLength: 63 },
        ),
        (fates, states) => {
          const ledger = new TileLedger(plan, rows(states));
          const held = new Set<number>();
          const ended = new Set<number>();
          let now = 0;
          let turn = 0;
          for (let guard = 0; !ledger.finished; guard++) {
            expect(guard).toBeLessThan(5000);
            now += 100;
            for (const tile of ledger.take(16, now, worker)) {
              expect(held.has(tile) || ended.has(tile)).toBe(false);
              held.add(tile);
            }
            for (const tile of held) {
              const fate = fates[turn++] ?? 'done';
              held.delete(tile);
              if (fate === 'wait') ledger.markWaiting(tile, false, now + 50);
              else if (fate === 'crash') ledger.markWaiting(tile, true, now + 50);
              else if (fate === 'release') ledger.release(tile);
              else if (fate === 'suspect') ledger.releaseSuspect(tile);
              else {
                ended.add(tile);
                if (fate === 'fail') ledger.markFailed(tile, false);
                else ledger.markDone(tile);
              }
            }
          }
          const open = rows(states).filter(
            ({ state }) => state === tileStateCode.pending || state === tileStateCode.waiting,
          );
          expect(ended.size).toBe(open.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leases suspects alone, before all others, with no attempt spent', () => {
    const ledger = new TileLedger(plan, rows());
    const tiles = ledger.take(3, 0, worker);
    for (const tile of tiles) ledger.releaseSuspect(tile);
    ledger.setViewport({ x: 60, y: 50, width: 20, height: 20 });
    const alone = tiles.map(() => ledger.take(16, 0, worker));
    expect(alone).toEqual(tiles.map((tile) => [tile]));
    expect(tiles.map((tile) => ledger.attempts(tile))).toEqual([0, 0, 0]);
    expect(ledger.take(16, 0, worker).length).toBeGreaterThan(1);
  });

  it('takes what is looked at first, a few at a time', () => {
    const ledger = new TileLedger(plan, rows());
    ledger.setViewport({ x: 60, y: 50, width: 20, height: 20 });
    const first = ledger.take(16, 0, worker);
    expect([...first].sort((a, b) => a - b)).toEqual([51, 52, 60, 61]);
    expect(ledger.take(16, 0, worker).length).toBeGreaterThan(4);
  });

  it('sends each worker along a band of its own, and lets one that has none left help another', () => {
    const tall = planGrid({ ...plan, imageHeight: 320 });
    const ledger = new TileLedger(
      tall,
      Array.from({ length: 288 }, (_, i) => row(i)),
    );
    const bandsOf = (tiles: number[]) => new Set(tiles.map((tile) => bandOf(tall, tile)));
    const [a, b] = [ledger.take(16, 0, worker), ledger.take(16, 0, other)];
    expect(bandsOf([...a, ...ledger.take(16, 0, worker)])).toEqual(new Set([0]));
    expect(bandsOf([...b, ...ledger.take(16, 0, other)])).toEqual(new Set([1]));
    let left = 288 - 64;
    for (let tiles = ledger.take(16, 0, worker); tiles.length > 0; tiles = ledger.take(16, 0, worker))
      left -= tiles.length;
    expect(left).toBe(0);
  });

  it('leases a tile whose worker crashed alone, and not before its time', () => {
    const ledger = new TileLedger(plan, rows());
    const [suspect = -1] = ledger.take(16, 0, worker);
    ledger.markWaiting(suspect, true, 1000);
    expect(ledger.take(16, 999, worker)).not.toContain(suspect);
    expect(ledger.nextWake()).toBe(1000);
    expect(ledger.take(16, 1000, worker)).toEqual([suspect]);
    expect(ledger.crashes(suspect)).toBe(1);
  });
});
