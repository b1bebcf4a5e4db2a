/**
 * Long work in a process that others wait for: the engine answers screens and keeps what is decided and analysed in between. Microtasks
 * alone (`for await` over what is there already) let nobody in.
 */
/** So long nobody waits, milliseconds: less than a frame. */
const turnMs = 12;

export class Turn {
  #began = performance.now();

  /** To be asked before `giveWay`, where a promise for each step would cost more than the step. */
  get isOver(): boolean {
    return performance.now() - this.#began > turnMs;
  }

  /** Lets others have theirs, if this one has lasted long enough. */
  async giveWay(): Promise<void> {
    if (!this.isOver) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#began = performance.now();
  }
}
