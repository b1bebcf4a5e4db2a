/** The workers of an engine: runs that go on side by side share the cores, anew whenever one begins, ends or wants another number. */
import { fairShares } from '../core/fair-shares.ts';
import type { Claim } from '../core/fair-shares.ts';

/** A run's part of the workers. */
export interface WorkerShare {
  /** As of now. */
  readonly workers: number;
  /** It could use another number from now on. */
  claim(claim: Claim): void;
  /** It needs none any more. Idempotent. */
  leave(): void;
}

interface Party {
  claim: Claim;
  workers: number;
  changed: (workers: number) => void;
}

export class WorkerBudget {
  readonly cores: number;
  readonly #parties = new Set<Party>();

  constructor(cores: number) {
    this.cores = cores;
  }

  /** How many share it now. */
  get runs(): number {
    return this.#parties.size;
  }

  /** @param changed the share is another one from now on; not called for the first */
  join(claim: Claim, changed: (workers: number) => void): WorkerShare {
    const party: Party = { claim, workers: 0, changed: () => undefined };
    this.#parties.add(party);
    this.#share();
    party.changed = changed;
    return {
      get workers() {
        return party.workers;
      },
      claim: (next) => {
        party.claim = next;
        if (this.#parties.has(party)) this.#share();
      },
      leave: () => {
        if (this.#parties.delete(party)) this.#share();
      },
    };
  }

  #share(): void {
    const parties = [...this.#parties];
    const shares = fairShares(
      parties.map(({ claim }) => claim),
      this.cores,
    );
    // Those that give come before those that get: there are never more workers than cores for longer than it takes to end some.
    const changes = parties
      .map((party, i) => ({ party, workers: shares[i]! }))
      .filter(({ party, workers }) => workers !== party.workers)
      .sort((a, b) => a.workers - a.party.workers - (b.workers - b.party.workers));
    for (const { party, workers } of changes) {
      party.workers = workers;
      party.changed(workers);
    }
  }
}
