/** At most so many at a time; the others wait in line, urgent ones at its front. */
export class Turns {
  #free: number;
  readonly #line: (() => void)[] = [];
  readonly #urgent: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @returns to be called when done */
  async take(urgent: boolean): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => (urgent ? this.#urgent : this.#line).push(go));
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const next = this.#urgent.shift() ?? this.#line.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
