/**
 * A tile table in memory that keeps what the real one promises: changes are compare-and-set on the tile's state and the run's epoch, a transaction happens
 * as a whole or not at all. Written from the promise and not from the SQL, so that the two can be held against each other.
 */
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import type { GroupStore } from '../../../src-main/engine/group-commit.ts';
import { skippedTiles } from '../../../src-main/engine/tile-moves.ts';
import type { CaseEvent } from '../../../src-main/store/event-log.ts';
import type { TileChange, TileRow } from '../../../src-main/store/tile-store.ts';

const { pending, done, waiting, failed, skipped } = tileStateCode;

export interface TileRecord {
  state: number;
  attempts: number;
  crashes: number;
  epoch: number;
  wakeMs: number | null;
  /** Results that lie in the file. */
  results: number;
}

export const tileOf = (change: TileChange): number =>
  change.kind === 'done' ? change.result.tile : change.tile;

/** What a simulated engine needs of a case file. */
export interface SimStore extends GroupStore {
  takeUp(): number;
  load(): Iterable<TileRow>;
}

export class ModelStore implements SimStore {
  readonly path = 'simulated.gigatile';
  readonly records: TileRecord[];
  epoch = 0;
  /** Every transaction is refused, with its changes undone. */
  isFull = false;
  /** Hears of each change as it is written. */
  onWrite: (change: TileChange, before: number) => void = () => undefined;
  readonly log: Pick<CaseEvent, 'kind' | 'data'>[] = [];
  readonly events = {
    append: (_run: number | null, kind: string, data: unknown = {}): void =>
      void this.log.push({ kind, data }),
  };
  readonly tiles = { apply: (_run: number, changes: readonly TileChange[]) => this.apply(changes) };
  #undo: { tile: number; record: TileRecord }[] = [];
  #written: { change: TileChange; before: number }[] = [];
  readonly #content: Float32Array;

  constructor(skip: Uint8Array, content: Float32Array) {
    this.#content = content;
    this.events.append(1, 'preprocessed', { tiles: skip.length, skipped: skippedTiles(skip) });
    this.records = Array.from(skip, (reason) => ({
      state: reason === 0 ? pending : skipped,
      attempts: 0,
      crashes: 0,
      epoch: 0,
      wakeMs: null,
      results: 0,
    }));
  }

  transaction<T>(work: () => T): T {
    this.#undo = [];
    this.#written = [];
    const logged = this.log.length;
    try {
      const value = work();
      if (this.isFull) throw new GigatileError('disk-full', 'The disk is full', { where: this.path });
      for (const { change, before } of this.#written) this.onWrite(change, before);
      return value;
    } catch (error) {
      for (const { tile, record } of this.#undo.toReversed()) this.records[tile] = record;
      this.log.length = logged;
      throw error;
    }
  }

  takeUp(): number {
    return this.transaction(() => {
      this.events.append(1, 'taken-up');
      if (!this.isFull) this.epoch++;
      return this.epoch;
    });
  }

  *load(): Generator<TileRow> {
    for (const [idx, { state, attempts, crashes, wakeMs }] of this.records.entries()) {
      const content = this.#content[idx] ?? 0;
      const skip = state === skipped ? 1 : 0;
      yield { idx, state, attempts, crashes, wakeMs, skip, content, score: null, classIndex: null };
    }
  }

  apply(changes: readonly TileChange[]): Set<TileChange> {
    const refused = new Set<TileChange>();
    for (const change of changes) {
      if (!this.mayWrite(change)) refused.add(change);
      else this.#write(change);
    }
    return refused;
  }

  /** The compare of compare-and-set. */
  mayWrite(change: TileChange): boolean {
    const record = this.records[tileOf(change)];
    if (record === undefined || change.epoch !== this.epoch) return false;
    return record.state === pending || record.state === waiting;
  }

  #write(change: TileChange): void {
    const tile = tileOf(change);
    const record = this.records[tile]!;
    this.#written.push({ change, before: record.state });
    switch (change.kind) {
      case 'grant':
        break;
      case 'done':
        this.#set(tile, {
          ...record,
          state: done,
          epoch: change.epoch,
          wakeMs: null,
          results: record.results + 1,
        });
        break;
      case 'release':
        this.#set(tile, { ...record, state: pending, wakeMs: null });
        break;
      case 'wait':
      case 'fail': {
        const { attempts, crashes } = change;
        const isWait = change.kind === 'wait';
        const wakeMs = isWait ? change.wakeMs : null;
        const { epoch } = change;
        this.#set(tile, { ...record, state: isWait ? waiting : failed, epoch, attempts, crashes, wakeMs });
        break;
      }
    }
  }

  #set(tile: number, record: TileRecord): void {
    this.#undo.push({ tile, record: this.records[tile]! });
    this.records[tile] = record;
  }
}
