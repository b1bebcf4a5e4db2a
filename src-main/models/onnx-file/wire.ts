/**
 * Protobuf's wire format over positioned reads of a file (https://protobuf.dev/programming-guides/encoding/): only what is asked
 * for is read, whatever is between is jumped over. The bytes are a stranger's: every length, depth and count is checked.
 *
 * Reads are synchronous on purpose: a model's description is some hundred kilobytes that lie between its weights, and a promise
 * for each number in it would cost more than the reading.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { GigatileError } from '../../contract/errors.ts';

/** A part of the file, [start, end). */
export interface Span {
  start: number;
  end: number;
}

/** What stands in a field: a number (varint, or fixed as its bits), or a part of the file. */
export type FieldValue = number | Span;

const windowBytes = 65_536;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Messages in messages; graphs in graphs (bodies of loops and conditions) take three levels each. */
const deepest = 100;

/** More than any model has (its weights are one field each, not many), and read in about a second. */
const mostFields = 2 ** 24;

export class WireReader {
  readonly #file: string;
  readonly #fd: number;
  readonly size: number;
  readonly #window = Buffer.alloc(windowBytes);
  #windowStart = 0;
  #windowEnd = 0;
  #at = 0;
  #fields = 0;
  readonly #place: string[] = [];

  /** @throws {GigatileError} model-not-found, model-invalid */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#fd = openSync(file, 'r');
    } catch (cause) {
      const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      throw new GigatileError(
        missing ? 'model-not-found' : 'model-invalid',
        missing ? 'There is no such model file' : 'The model file cannot be opened',
        { where: file, hint: cause instanceof Error ? `${cause.message}.` : undefined, cause },
      );
    }
    const stat = fstatSync(this.#fd);
    this.size = stat.size;
    if (!stat.isFile()) {
      this.close();
      throw new GigatileError('model-invalid', 'This is no file', { where: file });
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** @param what happened, as the end of a sentence that begins with the file */
  damaged(what: string, at = this.#at): GigatileError {
    const inside = this.#place.length === 0 ? '' : `, in ${this.#place.join('.')}`;
    return new GigatileError('model-invalid', `This is no whole ONNX file: ${what}`, {
      where: `${this.#file}, byte ${at}${inside}`,
      hint: 'Download or export it again.',
    });
  }

  /** The first bytes, to tell what a file that is no ONNX is instead. */
  head(length: number): Buffer {
    const head = Buffer.alloc(Math.min(length, this.size));
    return head.subarray(0, readSync(this.#fd, head, 0, head.length, 0));
  }

  /**
   * Each field of a message, in the order of the file. A `Span` that is not read is jumped over.
   * @throws {GigatileError} model-invalid, and whatever `take` throws
   */
  message(span: Span, name: string, take: (field: number, value: FieldValue) => void): void {
    this.#place.push(name);
    if (this.#place.length > deepest) throw this.damaged(`it is nested more than ${deepest} levels deep`);
    this.#at = span.start;
    while (this.#at < span.end) {
      if (++this.#fields > mostFields) throw this.damaged(`it has more than ${mostFields} fields`);
      const began = this.#at;
      const key = this.#varint(span.end);
      const field = Math.floor(key / 8);
      if (field < 1 || field >= 2 ** 29) throw this.damaged(`there is no field ${field}`, began);
      const value = this.#value(key % 8, span.end, began);
      const next = typeof value === 'number' ? this.#at : value.end;
      take(field, value);
      this.#at = next;
    }
    this.#place.pop();
  }

  #value(wire: number, end: number, began: number): FieldValue {
    if (wire === 0) return this.#varint(end);
    if (wire === 1 || wire === 5) {
      const start = this.#at;
      const length = wire === 1 ? 8 : 4;
      this.#need(start + length, end, began);
      this.#at = start + length;
      return { start, end: start + length };
    }
    if (wire !== 2) throw this.damaged(`a field has the type ${wire}, which ONNX does not use`, began);
    const length = this.#varint(end);
    const start = this.#at;
    if (length < 0) throw this.damaged('a field has a negative length', began);
    this.#need(start + length, end, began);
    return { start, end: start + length };
  }

  #need(upTo: number, end: number, began: number): void {
    if (upTo <= end) return;
    if (upTo > this.size) {
      throw this.damaged(
        `it is cut off, ${this.size} bytes are there and at least ${upTo} were announced`,
        began,
      );
    }
    throw this.damaged('a field is longer than what it stands in', began);
  }

  /** Signed 64 bits; beyond 2^53 the nearest double. */
  #varint(end: number): number {
    let low = 0;
    let high = 0;
    const began = this.#at;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= end) {
        if (end >= this.size) throw this.damaged('it is cut off in the middle of a number', began);
        throw this.damaged('a number is longer than what it stands in', began);
      }
      const byte = this.#byte(this.#at++);
      const bits = byte & 0x7f;
      if (shift < 28) low += bits * 2 ** shift;
      else high += bits * 2 ** (shift - 28);
      if (byte < 0x80) {
        // low holds 28 bits, high the 36 above them (of 42 that ten bytes can carry).
        const top = high % 2 ** 36;
        return (top >= 2 ** 35 ? top - 2 ** 36 : top) * 2 ** 28 + low;
      }
    }
    throw this.damaged('a number has more than 64 bits', began);
  }

  #byte(at: number): number {
    if (at < this.#windowStart || at >= this.#windowEnd) {
      this.#fill(at);
      if (at >= this.#windowEnd) throw this.damaged('it became shorter while it was read', at);
    }
    return this.#window[at - this.#windowStart] ?? 0;
  }

  /** Disks on a network may give less than is asked for, at a time. @returns the bytes that were read up to the end of the file */
  #read(into: Buffer, at: number): number {
    let done = 0;
    for (;;) {
      const read = readSync(this.#fd, into, done, into.length - done, at + done);
      done += read;
      if (read === 0 || done === into.length) return done;
    }
  }

  #fill(at: number): void {
    this.#windowStart = at;
    this.#windowEnd = at + this.#read(this.#window, at);
  }

  /** @throws {GigatileError} model-invalid where it is longer than `most` bytes or no UTF-8 */
  text(value: FieldValue, what: string, most: number): string {
    const span = this.span(value, what);
    const length = span.end - span.start;
    if (length > most)
      throw this.damaged(`${what} has ${length} bytes; at most ${most} are read`, span.start);
    if (length === 0) return '';
    try {
      return utf8.decode(this.#bytes(span));
    } catch (cause) {
      if (cause instanceof GigatileError) throw cause;
      throw this.damaged(`${what} is no text`, span.start);
    }
  }

  /** A view of the window, where it fits in: to be used at once. */
  #bytes({ start, end }: Span): Buffer {
    if (end - start > windowBytes) {
      const bytes = Buffer.alloc(end - start);
      if (this.#read(bytes, start) === bytes.length) return bytes;
      throw this.damaged('it became shorter while it was read', start);
    }
    if (start < this.#windowStart || end > this.#windowEnd) this.#fill(start);
    if (end > this.#windowEnd) throw this.damaged('it became shorter while it was read', start);
    return this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
  }

  /** @throws {GigatileError} model-invalid where a number stands in its place */
  span(value: FieldValue, what: string): Span {
    if (typeof value === 'number') throw this.damaged(`${what} is a number`);
    return value;
  }

  /** @throws {GigatileError} model-invalid where something else stands in its place */
  int(value: FieldValue, what: string): number {
    if (typeof value !== 'number') throw this.damaged(`${what} is no whole number`, value.start);
    return value;
  }

  /** Whole numbers, in one field each or packed into one. */
  ints(value: FieldValue, what: string, most: number): number[] {
    if (typeof value === 'number') return [value];
    const found: number[] = [];
    this.#at = value.start;
    while (this.#at < value.end) {
      if (found.length >= most) throw this.damaged(`${what} has more than ${most} numbers`);
      found.push(this.#varint(value.end));
    }
    return found;
  }
}
