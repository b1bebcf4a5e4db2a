/** Time that passes only when somebody asks what happens next. Timers of what has died ring no more. */
import type { Clock, Timer } from '../../../src-main/core/clock.ts';

/** Whoever sets timers: a process of the simulation. */
export interface Owner {
  isAlive: boolean;
}

class Entry implements Timer {
  at: number;
  order: number;
  readonly owner: Owner;
  act: (() => void) | null;
  readonly everyMs: number;

  constructor(at: number, order: number, owner: Owner, act: () => void, everyMs: number) {
    this.at = at;
    this.order = order;
    this.owner = owner;
    this.act = act;
    this.everyMs = everyMs;
  }

  cancel(): void {
    this.act = null;
  }
}

export class VirtualClock {
  #heap: Entry[] = [];
  #order = 0;
  #monotonic = 0;
  /** Of the time of day against the time that passes. */
  #offset = 1_700_000_000_000;

  get now(): number {
    return this.#monotonic;
  }

  get timeOfDay(): number {
    return this.#offset + this.#monotonic;
  }

  /** Somebody sets the system's clock. */
  setTimeOfDay(byMs: number): void {
    this.#offset += byMs;
  }

  /** The machine sleeps, and its clocks go on: everything that was due rings late. */
  oversleep(ms: number): void {
    this.#monotonic += ms;
  }

  add(owner: Owner, ms: number, act: () => void, everyMs = 0): Timer {
    const entry = new Entry(this.#monotonic + Math.max(0, ms), this.#order++, owner, act, everyMs);
    this.#push(entry);
    return entry;
  }

  of(owner: Owner): Clock {
    return {
      now: () => this.timeOfDay,
      monotonic: () => this.#monotonic,
      after: (ms, act) => this.add(owner, ms, act),
      every: (ms, act) => this.add(owner, ms, act, ms),
    };
  }

  /** Lets the next timer ring; false where none is set. */
  step(): boolean {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      const { act, owner, everyMs } = entry;
      if (act === null || !owner.isAlive) continue;
      this.#monotonic = Math.max(this.#monotonic, entry.at);
      if (everyMs > 0) {
        entry.at = this.#monotonic + everyMs;
        entry.order = this.#order++;
        this.#push(entry);
      }
      act();
      return true;
    }
    return false;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/**
 * Lets timers ring one after the other until it is over. Between two of them, promises say everything that they have to say to each
 * other. What `isOver` throws ends it.
 */
export function playOut(clock: VirtualClock, isOver: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    // A tick that is asked for among the promises comes after all of them.
    const next = (): void => queueMicrotask(() => process.nextTick(turn));
    const turn = (): void => {
      try {
        if (isOver()) resolve();
        else if (clock.step()) next();
        else throw new Error('It is not over, and nobody does anything any more');
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    next();
  });
}
