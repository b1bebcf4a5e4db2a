/**
 * How often what workers say becomes durable and can be seen. Each time that the engine wakes up, it takes a core from a worker, and what
 * that had in its caches: so it does only as often as somebody would notice.
 */
export interface Pace {
  /** A lease is work for about so long: short enough that the person's eyes lead, long enough that messages cost little. */
  leaseMs: number;
  mostTiles: number;
  /** Workers hold results of quick models back for no longer than about this. */
  holdMs: number;
  /** Outcomes that come within so long are believed by one look at the image, and written in one group. */
  settleMs: number;
}

/** A person has the run's image on the screen. */
const watchedPace: Pace = { leaseMs: 200, mostTiles: 128, holdMs: 50, settleMs: 100 };

/** Nobody has: what is seen of the run is how far it is. A crash costs what workers did in the meantime, which they do again. */
export const unwatchedPace: Pace = { leaseMs: 600, mostTiles: 512, holdMs: 200, settleMs: 500 };

/**
 * @param isWatched a person has the run's image on the screen
 * @param isPaid each result has cost money: none waits longer than it must until a crash cannot take it
 */
export function paceOf({ isWatched, isPaid = false }: { isWatched: boolean; isPaid?: boolean }): Pace {
  return isWatched || isPaid ? watchedPace : unwatchedPace;
}
