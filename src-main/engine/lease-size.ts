/** How many tiles a worker is given at once, by how long a tile has taken so far. */

import type { Pace } from './pace.ts';

/** Until it is known how long a tile takes. */
const firstTiles = 16;

export class LeaseSize {
  /** Tiles that had a result, and since when they are counted. */
  #counted = 0;
  #since: number | null = null;

  /** @param now monotonic milliseconds */
  count(results: number, now: number): void {
    if (this.#since === null) this.#since = now;
    else this.#counted += results;
  }

  /**
   * Towards the end smaller and smaller, so that no worker is left with a rest while the others idle; whole batches.
   * @param open tiles that have not ended
   */
  next(
    { open, workers, leases, batch }: { open: number; workers: number; leases: number; batch: number },
    now: number,
    { leaseMs, mostTiles }: Pick<Pace, 'leaseMs' | 'mostTiles'>,
  ): number {
    const tileMs =
      this.#since === null || this.#counted === 0 ? null : ((now - this.#since) * workers) / this.#counted;
    const timely = tileMs === null ? firstTiles : Math.floor(leaseMs / tileMs);
    const share = Math.ceil(open / (workers * leases * 2));
    return Math.ceil(Math.max(1, Math.min(timely, share, mostTiles)) / batch) * batch;
  }
}
