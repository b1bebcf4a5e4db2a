/**
 * Writes tile changes in groups: one durable transaction every 100 ms (or 512 changes), instead of one fsync a tile.
 * What a group holds is shown to nobody before the group is committed.
 */
import { GigatileError } from '../contract/errors.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { TileChange } from '../store/tile-store.ts';

const intervalMs = 100;
const groupSize = 512;

export interface GroupCommitEvents {
  /** After the commit. */
  committed(changes: readonly TileChange[]): void;
  /** The group could not be written; it is kept and goes with the next flush. */
  failed(error: unknown): void;
}

export class GroupCommit {
  #queue: TileChange[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #case: CaseFile;
  readonly #run: number;
  readonly #events: GroupCommitEvents;

  constructor(caseFile: CaseFile, run: number, events: GroupCommitEvents) {
    this.#case = caseFile;
    this.#run = run;
    this.#events = events;
  }

  add(change: TileChange): void {
    this.#queue.push(change);
    if (this.#queue.length >= groupSize) this.#flushOrReport();
    else this.#timer ??= setTimeout(() => this.#flushOrReport(), intervalMs);
  }

  #flushOrReport(): void {
    try {
      this.flush();
    } catch (error) {
      this.#events.failed(error);
    }
  }

  /** @throws {GigatileError} disk-full, io …; the changes stay in the queue */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#queue.length === 0) return;
    const changes = this.#queue;
    this.#case.transaction(() => {
      const refused = this.#case.tiles.apply(this.#run, changes);
      for (const change of refused) {
        throw new GigatileError(
          'conflict',
          `Tile ${change.kind === 'done' ? change.result.tile : change.tile} of run ${this.#run} was changed by somebody else (${change.kind}, epoch ${change.epoch})`,
          {
            where: this.#case.path,
            hint: 'Close other programs that have this case open, then resume the run.',
          },
        );
      }
      for (const change of changes) {
        if (change.kind === 'wait' || change.kind === 'fail') {
          this.#case.events.append(this.#run, change.kind === 'wait' ? 'tile-waits' : 'tile-failed', {
            tile: change.tile,
            attempts: change.attempts,
            error: change.error,
          });
        }
      }
    });
    this.#queue = [];
    this.#events.committed(changes);
  }

  /** Forgets what was not written (the run is being abandoned in favour of what is on disk). */
  drop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }
}
