/**
 * Borders of regions while a sweep goes down the image: chains of corners that grow at both of their ends, are joined, and at last
 * close to rings. Columns of numbers, whose places are used again: nothing of a closed ring stays.
 */
import type { Ring } from './segment-ring.ts';

const none = -1;

export class Chains {
  /** Corners: place, flags, and the next one in the direction of the border. */
  #x = new Int32Array(1024);
  #y = new Int32Array(1024);
  #flags = new Uint8Array(1024);
  #next = new Int32Array(1024);
  #corners = 0;
  #freeCorner = none;
  /** Ends of chains: the corner at the end, and the chain's other end. */
  #corner = new Int32Array(1024);
  #mate = new Int32Array(1024);
  #ends = 0;
  #freeEnd = none;

  /** A chain of one corner. @returns its back end (where the border comes from) and its front end */
  start(x: number, y: number, flags: number): { back: number; front: number } {
    const corner = this.#newCorner(x, y, flags, none);
    const back = this.#newEnd(corner);
    const front = this.#newEnd(corner);
    this.#mate[back] = front;
    this.#mate[front] = back;
    return { back, front };
  }

  /** Goes on at the front. */
  append(front: number, x: number, y: number, flags: number): void {
    const corner = this.#newCorner(x, y, flags, none);
    this.#next[this.#corner[front]!] = corner;
    this.#corner[front] = corner;
  }

  /** What comes before the back. */
  prepend(back: number, x: number, y: number, flags: number): void {
    this.#corner[back] = this.#newCorner(x, y, flags, this.#corner[back]!);
  }

  /** Whether these are the two ends of one chain, so that joining them makes a ring. */
  isRing(front: number, back: number): boolean {
    return this.#mate[front] === back;
  }

  /** The chain that ends at `front` goes on with the one that begins at `back`; both ends are gone. */
  join(front: number, back: number): void {
    this.#next[this.#corner[front]!] = this.#corner[back]!;
    const first = this.#mate[front]!;
    const last = this.#mate[back]!;
    this.#mate[first] = last;
    this.#mate[last] = first;
    this.#dropEnd(front);
    this.#dropEnd(back);
  }

  /** Writes the corners of a chain whose ends meet to `ring`; nothing is left of it here. */
  close(front: number, back: number, ring: Ring): void {
    ring.clear();
    const last = this.#corner[front]!;
    for (let corner = this.#corner[back]!; ;) {
      ring.add(this.#x[corner]!, this.#y[corner]!, this.#flags[corner]!);
      const next = this.#next[corner]!;
      this.#next[corner] = this.#freeCorner;
      this.#freeCorner = corner;
      if (corner === last) break;
      corner = next;
    }
    this.#dropEnd(front);
    this.#dropEnd(back);
  }

  #newCorner(x: number, y: number, flags: number, next: number): number {
    let corner = this.#freeCorner;
    if (corner === none) {
      corner = this.#corners++;
      if (corner === this.#x.length) {
        this.#x = grown(this.#x);
        this.#y = grown(this.#y);
        this.#next = grown(this.#next);
        const flagsOf = new Uint8Array(this.#flags.length * 2);
        flagsOf.set(this.#flags);
        this.#flags = flagsOf;
      }
    } else this.#freeCorner = this.#next[corner]!;
    this.#x[corner] = x;
    this.#y[corner] = y;
    this.#flags[corner] = flags;
    this.#next[corner] = next;
    return corner;
  }

  #newEnd(corner: number): number {
    let end = this.#freeEnd;
    if (end === none) {
      end = this.#ends++;
      if (end === this.#corner.length) {
        this.#corner = grown(this.#corner);
        this.#mate = grown(this.#mate);
      }
    } else this.#freeEnd = this.#mate[end]!;
    this.#corner[end] = corner;
    return end;
  }

  #dropEnd(end: number): void {
    this.#mate[end] = this.#freeEnd;
    this.#freeEnd = end;
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
