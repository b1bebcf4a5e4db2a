/**
 * The fields of protobuf messages that lie in memory (https://protobuf.dev/programming-guides/encoding/), of files that were checked
 * before (check-onnx.ts). That looks into graphs and nodes, not into all that stands in those: a field here that is longer than what it
 * stands in is the end of it, for onnxruntime to complain of. Files that nobody has checked are read by wire.ts.
 */

/** A part of the bytes, [start, end). */
export interface Span {
  start: number;
  end: number;
}

export interface Field {
  number: number;
  /** With its key and length: what is copied where the field is. */
  whole: Span;
  /** What stands in it; of a number, its bytes. */
  content: Span;
  /** Of a whole number that stands there by itself; null for all else. */
  value: number | null;
}

/** Each field of a message, in the order in which they lie there. */
export function* fields(bytes: Uint8Array, { start, end }: Span): Generator<Field> {
  for (let at = start; at < end;) {
    const from = at;
    const key = varint(bytes, at);
    const type = key.value % 8;
    let content: Span;
    let value: number | null = null;
    if (type === 0) {
      const found = varint(bytes, key.end);
      value = found.value;
      content = { start: key.end, end: found.end };
    } else if (type === 1 || type === 5) {
      content = { start: key.end, end: key.end + (type === 1 ? 8 : 4) };
    } else {
      const length = varint(bytes, key.end);
      content = { start: length.end, end: length.end + length.value };
    }
    at = content.end;
    if (!(at <= end)) return;
    yield { number: Math.floor(key.value / 8), whole: { start: from, end: at }, content, value };
  }
}

export function textOf(bytes: Uint8Array, { start, end }: Span): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

/** Whole numbers, each in a field of its own or packed into one. */
export function intsOf(bytes: Uint8Array, { content, value }: Field): number[] {
  if (value !== null) return [value];
  const ints: number[] = [];
  for (let at = content.start; at < content.end;) {
    const found = varint(bytes, at);
    ints.push(found.value);
    at = found.end;
  }
  return ints;
}

/** A field that holds bytes, or another message. */
export function field(number: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([writtenVarint(number * 8 + 2), writtenVarint(length), ...content]);
}

/** A field that holds a whole number, not below 0. */
export function intField(number: number, value: number): Uint8Array {
  return Buffer.concat([writtenVarint(number * 8), writtenVarint(value)]);
}

function writtenVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}

function varint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * shift;
    if (byte < 128) return { value, end: at };
  }
}
