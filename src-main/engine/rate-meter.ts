/** Tiles per second over the last ten seconds, and what that means for the rest. */
const windowMs = 10_000;

export class RateMeter {
  readonly #samples: { at: number; ended: number }[] = [];

  add(at: number, ended: number): void {
    this.#samples.push({ at, ended });
    while (this.#samples.length > 2 && (this.#samples[0]?.at ?? 0) < at - windowMs) this.#samples.shift();
  }

  /** null until half a second has been seen. */
  tilesPerSecond(now: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || now - first.at < 500) return null;
    return ((last.ended - first.ended) * 1000) / (now - first.at);
  }
}
