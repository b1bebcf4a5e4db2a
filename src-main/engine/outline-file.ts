/**
 * Outlines of regions on the disk while they are put together: a scene can have more of them than fit into memory. The file lies
 * beside the case, where they are written afterwards, and is gone when it is closed; on POSIX it has no name from the start.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { RingStore } from '../core/segment-sweep.ts';

const bufferNumbers = 1 << 18;

/** Lists of numbers, found again by where they begin. float32: whole and half model pixels up to 8,388,608 are exact. */
export class OutlineFile implements RingStore {
  readonly #path: string;
  readonly #file: number;
  readonly #isNamed: boolean;
  readonly #buffer = new Float32Array(bufferNumbers);
  /** Numbers in the buffer, and in the file before it. */
  #held = 0;
  #written = 0;

  /** @param casePath the case file that the outlines will be written to */
  constructor(casePath: string) {
    this.#path = join(dirname(casePath), `.${basename(casePath)}.${randomBytes(6).toString('hex')}.outlines`);
    this.#file = this.#onDisk(() => openSync(this.#path, 'wx+'));
    this.#isNamed = process.platform === 'win32';
    if (!this.#isNamed) rmSync(this.#path);
  }

  put(numbers: Float64Array): number {
    const at = this.#written + this.#held;
    this.#add(numbers.length);
    for (const number of numbers) this.#add(number);
    return at;
  }

  /** The numbers that were put at `at`. */
  get(at: number): number[] {
    if (this.#held > 0) this.#flush();
    const head = new Float32Array(64);
    this.#read(head, at);
    const length = head[0] ?? 0;
    if (length < head.length) return [...head.subarray(1, 1 + length)];
    const all = new Float32Array(length);
    this.#read(all, at + 1);
    return [...all];
  }

  close(): void {
    closeSync(this.#file);
    if (this.#isNamed) rmSync(this.#path, { force: true });
  }

  #add(number: number): void {
    this.#buffer[this.#held++] = number;
    if (this.#held === bufferNumbers) this.#flush();
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#held * 4);
    for (let done = 0; done < bytes.length;) {
      const place = this.#written * 4 + done;
      done += this.#onDisk(() => writeSync(this.#file, bytes, done, bytes.length - done, place));
    }
    this.#written += this.#held;
    this.#held = 0;
  }

  /** Up to the end of the file. */
  #read(into: Float32Array, at: number): void {
    const bytes = new Uint8Array(into.buffer);
    for (let done = 0; done < bytes.length;) {
      const more = this.#onDisk(() => readSync(this.#file, bytes, done, bytes.length - done, at * 4 + done));
      if (more === 0) return;
      done += more;
    }
  }

  #onDisk<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      const isFull = code === 'ENOSPC' || code === 'EDQUOT';
      throw new GigatileError(
        isFull ? 'disk-full' : 'io',
        isFull
          ? 'The disk is full: the outlines of the regions found no room'
          : `The outlines of the regions could not be kept beside the case (${code || String(cause)})`,
        { where: dirname(this.#path), hint: 'Make room on this disk, then resume.', cause },
      );
    }
  }
}
