/**
 * Sends results to the engine. Where the model is so quick that a message a batch would be felt on both sides, results of several
 * batches go together; how many, the engine is told beforehand, so that it knows which tiles may have ended a worker that crashes.
 */
import { ResultPacker, type PlainResult } from '../../core/packed-results.ts';
import type { FromInference } from '../../core/worker-protocol.ts';

/** Results are held back for no longer than about this, where the lease says nothing else. */
const usualHoldMs = 50;
const mostBatches = 128;

interface Lease {
  lease: number;
  epoch: number;
  tiles: ArrayLike<number>;
  holdMs?: number;
}

export class ResultPost {
  readonly #post: (message: FromInference) => void;
  readonly #now: () => number;
  readonly #held = new ResultPacker();
  #batches = 0;
  #together = 1;
  #postedAt: number | null = null;

  constructor(post: (message: FromInference) => void, now: () => number = () => performance.now()) {
    this.#post = post;
    this.#now = now;
  }

  /** After each batch, in its order; `results` may be empty, where all of it failed. */
  add(lease: Lease, results: readonly PlainResult[]): void {
    for (const result of results) this.#held.add(result);
    this.#batches++;
    if (this.#batches >= this.#together || lease.tiles.length === 1) this.#send(lease);
  }

  /** Before a lease ends, for whatever reason. */
  flush(lease: Lease): void {
    if (this.#held.count > 0) this.#send(lease);
    this.#batches = 0;
    // The pause until the next lease is no batch's time.
    this.#postedAt = null;
  }

  #send({ lease, epoch, holdMs = usualHoldMs }: Lease): void {
    const batches = this.#batches;
    this.#batches = 0;
    const now = this.#now();
    const since = this.#postedAt;
    this.#postedAt = now;
    // Without a message the engine would not learn of another number.
    if (this.#held.count === 0) return;
    if (since !== null && batches > 0) {
      const batchMs = (now - since) / batches;
      this.#together = Math.max(1, Math.min(mostBatches, Math.floor(holdMs / batchMs)));
    }
    this.#post({ kind: 'tiles', lease, epoch, results: this.#held.take(), together: this.#together });
  }
}
