/**
 * LZW as TIFF 6.0 section 13 has it: codes of 9 to 12 bits, most significant bit first, and the width grows one code early.
 * Strings are not stored: each code remembers where in the output it was written, so that decoding is copying.
 */
const clearCode = 256;
const endCode = 257;
const firstCode = 258;

/** Decodes into `target` until it is full or the stream ends; returns the bytes written, or -1 where the stream is damaged. */
export function decodeLzw(source: Uint8Array, target: Uint8Array): number {
  const starts = new Uint32Array(4097);
  const lengths = new Uint16Array(4097);
  let next = firstCode;
  let width = 9;
  let bits = 0;
  let available = 0;
  let at = 0;
  let written = 0;
  let previousStart = 0;
  let previousLength = 0;
  const size = target.length;
  while (written < size) {
    while (available < width) {
      if (at >= source.length) return written;
      bits = ((bits << 8) | (source[at++] ?? 0)) & 0xffffff;
      available += 8;
    }
    available -= width;
    const code = (bits >>> available) & ((1 << width) - 1);
    if (code === endCode) return written;
    if (code === clearCode) {
      next = firstCode;
      width = 9;
      previousLength = 0;
      continue;
    }
    const start = written;
    let length: number;
    if (code < clearCode) {
      target[written++] = code;
      length = 1;
    } else {
      // A code that is being defined right now is the previous string and its first byte again.
      const known = code < next;
      if (previousLength === 0 || (!known && code !== next)) return -1;
      let from = known ? (starts[code] ?? 0) : previousStart;
      length = known ? (lengths[code] ?? 0) : previousLength + 1;
      const end = Math.min(size, written + length);
      while (written < end) target[written++] = target[from++] ?? 0;
    }
    if (previousLength > 0 && next < 4096) {
      starts[next] = previousStart;
      lengths[next] = previousLength + 1;
      next++;
      if (next + 1 >= 1 << width && width < 12) width++;
    }
    previousStart = start;
    previousLength = length;
  }
  return written;
}
