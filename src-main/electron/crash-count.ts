/** How often something has died lately: what dies again and again is not simply started anew. */
const withinMs = 60_000;

export class CrashCount {
  readonly #tolerated: number;
  readonly #now: () => number;
  #at: number[] = [];

  /** @param tolerated so many within a minute are mended without a word more */
  constructor(tolerated: number, now: () => number = Date.now) {
    this.#tolerated = tolerated;
    this.#now = now;
  }

  /** @returns whether it may be started anew without asking */
  add(): boolean {
    const now = this.#now();
    this.#at = [...this.#at.filter((at) => now - at < withinMs), now];
    return this.#at.length <= this.#tolerated;
  }

  forget(): void {
    this.#at = [];
  }
}
