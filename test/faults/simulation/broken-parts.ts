/** Parts that are broken on purpose, one way each. A simulation that does not find them finds nothing. */
import type { Rect } from '../../../src-main/contract/run.ts';
import type { RetryPolicy, RetryRule } from '../../../src-main/core/retry.ts';
import { GroupCommit, type GroupCommitEvents } from '../../../src-main/engine/group-commit.ts';
import { TileLedger } from '../../../src-main/engine/tile-ledger.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';
import type { ModelStore } from './model-store.ts';
import { soundParts, type Parts } from './simulate.ts';

class LosesReleased extends TileLedger {
  override release(tile: number): void {
    this.markDone(tile);
  }
}

/** Only what is looked at is worked at. */
class Starves extends TileLedger {
  #looks = false;

  override setViewport(viewport: Rect | null): void {
    this.#looks = viewport !== null;
    super.setViewport(viewport);
  }

  override take(size: number, now: number, worker: object): number[] {
    const tiles = super.take(size, now, worker);
    if (!this.#looks || tiles.length <= 4) return tiles;
    tiles.forEach((tile) => super.release(tile));
    return [];
  }
}

class IgnoresViewport extends TileLedger {
  override setViewport(_viewport: Rect | null): void {
    super.setViewport(null);
  }
}

/** A worker keeps what it has when a person looks elsewhere. */
class KeepsLeases extends TileLedger {
  override get viewWaits(): boolean {
    return false;
  }
}

class ForgetsWakes extends TileLedger {
  override nextWake(): null {
    return null;
  }
}

/** Waiting tiles are tried again at once. */
class WakesEarly extends TileLedger {
  override markWaiting(tile: number, crashed: boolean, _wakeMs: number): void {
    super.markWaiting(tile, crashed, 0);
  }
}

/** Now and then it gives away once more what it gave away before. */
class LeasesTwice extends TileLedger {
  #last: number[] = [];

  override take(size: number, now: number, worker: object): number[] {
    const tiles = super.take(size, now, worker);
    if (tiles.length === 0 || tiles[0]! % 7 !== 3) return (this.#last = tiles);
    return [...new Set([...tiles, ...this.#last])];
  }
}

/** A worker that dies costs every tile in its hands an attempt. */
class ChargesBystanders extends TileLedger {
  override release(tile: number): void {
    super.markWaiting(tile, true, 0);
  }
}

class ShowsFirst extends GroupCommit {
  readonly #shown: GroupCommitEvents;

  constructor(...args: ConstructorParameters<typeof GroupCommit>) {
    super(...args);
    [, , this.#shown] = args;
  }

  override add(change: TileChange, isAwaited?: boolean): void {
    this.#shown.committed([change]);
    super.add(change, isAwaited);
  }
}

/** What could not be written is forgotten. */
class DropsFailedGroups extends GroupCommit {
  override flush(): void {
    try {
      super.flush();
    } catch {
      super.drop();
    }
  }
}

function withoutFence(model: ModelStore): ModelStore {
  model.mayWrite = () => true;
  return model;
}

function withGapsInLog(model: ModelStore): ModelStore {
  const { append } = model.events;
  model.events.append = (run, kind, data) => {
    if (kind !== 'tiles' || model.log.length % 5 !== 3) append(run, kind, data);
  };
  return model;
}

function oneMore({ rules, ...rest }: RetryPolicy): RetryPolicy {
  const more = Object.entries(rules).map(([name, rule]: [string, RetryRule]) => [
    name,
    { ...rule, maxAttempts: rule.maxAttempts + 1 },
  ]);
  return { ...rest, rules: Object.fromEntries(more) as RetryPolicy['rules'] };
}

export const brokenParts: Record<string, Partial<Parts>> = {
  'a released tile is taken for done': { ledger: LosesReleased },
  'a store that takes changes of any epoch and state': { store: withoutFence },
  'the event log has gaps': { store: withGapsInLog },
  'shown before it is written': { commit: ShowsFirst },
  'a group that could not be written is forgotten': { commit: DropsFailedGroups },
  'a late result is signed with the newest epoch': {
    options: (options, model) =>
      Object.defineProperty({ ...options }, 'epoch', { enumerable: true, get: () => model.epoch }),
  },
  'the viewport starves the rest': { ledger: Starves },
  'the viewport is not heeded': { ledger: IgnoresViewport },
  'workers keep what they have when a person looks elsewhere': { ledger: KeepsLeases },
  'wake times are forgotten': { ledger: ForgetsWakes },
  'waiting tiles are tried again at once': { ledger: WakesEarly },
  'a tile is leased to two workers': { ledger: LeasesTwice },
  'tiles are charged for the death of their neighbour': { ledger: ChargesBystanders },
  'one attempt too many': { options: (options) => ({ ...options, policy: oneMore(options.policy) }) },
  'one worker too many': { options: (options) => ({ ...options, workers: options.workers + 1 }) },
  'three leases a worker': {
    options: (options) => ({ ...options, leases: (options.leases ?? 2) + 1 }),
  },
  'nobody looks whether the image is still the one': {
    options: (options) => ({ ...options, checkImage: () => Promise.resolve() }),
  },
  'the run ends one failure early': {
    options: ({ endsEarly, ...options }) => ({
      ...options,
      endsEarly: ({ done, failed }, attempted) =>
        endsEarly?.({ done, failed: failed + 1 }, attempted) ?? false,
    }),
  },
};

export function brokenBy(name: string): Parts {
  const broken = brokenParts[name];
  if (broken === undefined) throw new RangeError(`Nothing is broken by "${name}"`);
  return { ...soundParts, ...broken };
}
