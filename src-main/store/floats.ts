/** float32 lists as SQLite blobs: little-endian, as all machines are that Node runs on. */

export const nothing = new Uint8Array(0);

export function asBytes(values: Float32Array): Uint8Array {
  return values.length === 0 ? nothing : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Copies, because SQLite's buffers need not be aligned for floats. */
export function asFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
