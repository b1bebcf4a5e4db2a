/**
 * Writes tile changes in groups: a durable transaction at most so often as the run's pace says (or after 4,096 changes), instead of one
 * fsync a tile. What somebody waits for takes its group along sooner.
 * What a group holds is shown to nobody before the group is committed.
 */
import { GigatileError } from '../contract/errors.ts';
import { systemClock } from '../core/clock.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { EventLog } from '../store/event-log.ts';
import type { TileChange, TileStore } from '../store/tile-store.ts';
import { unwatchedPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { tileMoves } from './tile-moves.ts';

const groupSize = 4096;
/** Two groups that somebody waits for lie so far apart. */
const awaitedMs = 15;

/** What it needs of a case file. */
export interface GroupStore {
  readonly path: string;
  readonly tiles: Pick<TileStore, 'apply'>;
  readonly events: Pick<EventLog, 'append'>;
  transaction<T>(work: () => T): T;
}

export interface GroupCommitEvents {
  /** After the commit. */
  committed(changes: readonly TileChange[]): void;
  /** The group could not be written; it is kept and goes with the next flush. */
  failed(error: unknown): void;
}

export class GroupCommit {
  #queue: TileChange[] = [];
  #timer: Timer | null = null;
  #due = 0;
  #flushedAt = -Infinity;
  readonly #case: GroupStore;
  readonly #run: number;
  readonly #events: GroupCommitEvents;
  readonly #pace: () => Pace;
  readonly #clock: Clock;

  constructor(
    caseFile: GroupStore,
    run: number,
    events: GroupCommitEvents,
    { pace = () => unwatchedPace, clock = systemClock }: { pace?: () => Pace; clock?: Clock } = {},
  ) {
    this.#case = caseFile;
    this.#run = run;
    this.#events = events;
    this.#pace = pace;
    this.#clock = clock;
  }

  /**
   * What became of a tile is written at once, with all that was added before it, unless a group was written a moment ago; a grant, which
   * promises nothing, waits for what comes next.
   * @param isAwaited a person waits for it: a shorter moment
   */
  add(change: TileChange, isAwaited = false): void {
    this.#queue.push(change);
    if (this.#queue.length >= groupSize) {
      this.#flushOrReport();
      return;
    }
    const now = this.#clock.monotonic();
    const intervalMs = this.#pace().settleMs;
    const due =
      change.kind === 'grant' && !isAwaited
        ? now + intervalMs
        : Math.max(now, this.#flushedAt + (isAwaited ? awaitedMs : intervalMs));
    if (this.#timer !== null && this.#due <= due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#clock.after(due - now, () => this.#flushOrReport());
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
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#queue.length === 0) return;
    this.#flushedAt = this.#clock.monotonic();
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
      const { epoch } = changes[0] ?? { epoch: 0 };
      this.#case.events.append(this.#run, 'tiles', { epoch, moves: tileMoves(changes) });
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
    this.#timer?.cancel();
    this.#timer = null;
    this.#queue = [];
  }
}
