/** What this window did to the open case, in order, so that undo takes back what was done last, whatever it was. */
import type { Annotation } from '../../src-main/contract/annotation.ts';

/** null: it was not there. */
export interface AnnotationChange {
  before: Annotation | null;
  after: Annotation | null;
}

/** Decisions are undone by the case itself, which knows those of other days too. */
export type Act = { kind: 'decision' } | { kind: 'annotations'; changes: readonly AnnotationChange[] };

/** As many can be taken back. */
const mostActs = 200;

export class Acts {
  #done: Act[] = [];
  #undone: Act[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** One after the other: an undo that follows at once on a change, or on another undo, waits until that is stored. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    // Whoever asked is told of a failure; who comes next has nothing to do with it.
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Something was done: what was undone before can't be done again. */
  record(act: Act): void {
    this.#done = [...this.#done, act].slice(-mostActs);
    this.#undone = [];
  }

  /** What undo takes back; null where this window did nothing (yet). */
  get last(): Act | null {
    return this.#done.at(-1) ?? null;
  }

  /** What redo does again. */
  get lastUndone(): Act | null {
    return this.#undone.at(-1) ?? null;
  }

  undone(): void {
    const act = this.#done.pop();
    if (act !== undefined) this.#undone.push(act);
  }

  redone(): void {
    const act = this.#undone.pop();
    if (act !== undefined) this.#done.push(act);
  }

  /** Another case. */
  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}

/** Those of the open case. */
export const acts = new Acts();
