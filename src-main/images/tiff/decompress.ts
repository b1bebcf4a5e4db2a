/** The lossless compressions of TIFF: stored bytes to a tile's bytes, never more than the tile can hold. */
import { constants, inflateSync, zstdDecompressSync } from 'node:zlib';
import { decodeLzw } from './lzw.ts';
import { compression as codes } from './tags.ts';

/** Some writers pad a tile's last rows: that much beyond the tile's size is tolerated and dropped. */
const slack = 64 * 1024;

/** PackBits (TIFF 6.0 section 9); returns the bytes written, or -1 where a run reaches beyond the stream. */
export function decodePackBits(source: Uint8Array, target: Uint8Array): number {
  let at = 0;
  let written = 0;
  while (at < source.length && written < target.length) {
    const head = source[at++] ?? 0;
    if (head === 128) continue;
    const length = head < 128 ? head + 1 : 257 - head;
    const end = Math.min(target.length, written + length);
    if (head < 128) {
      if (at + length > source.length) return -1;
      target.set(source.subarray(at, at + (end - written)), written);
      at += length;
    } else {
      if (at >= source.length) return -1;
      target.fill(source[at++] ?? 0, written, end);
    }
    written = end;
  }
  return written;
}

/**
 * Fills `target` (a tile's size) from the stored bytes; returns how many bytes came out, which a caller compares with what it
 * needs. A damaged stream gives -1. Compressions: none, LZW, Deflate, PackBits, ZSTD.
 */
export function decompress(code: number, source: Uint8Array, target: Uint8Array): number {
  switch (code) {
    case codes.none: {
      const length = Math.min(source.length, target.length);
      target.set(source.subarray(0, length));
      return length;
    }
    case codes.lzw:
      return decodeLzw(source, target);
    case codes.packBits:
      return decodePackBits(source, target);
    case codes.deflate:
    case codes.oldDeflate:
      return copyFrom(target, () =>
        inflateSync(source, {
          maxOutputLength: target.length + slack,
          // A missing checksum at the end is no reason to lose the pixels: the length is checked by the caller.
          finishFlush: constants.Z_SYNC_FLUSH,
          chunkSize: Math.max(64, Math.min(target.length, 4 * 1024 * 1024)),
        }),
      );
    case codes.zstd:
      return copyFrom(target, () => zstdDecompressSync(source, { maxOutputLength: target.length + slack }));
    default:
      return -1;
  }
}

function copyFrom(target: Uint8Array, inflate: () => Uint8Array): number {
  let bytes: Uint8Array;
  try {
    bytes = inflate();
  } catch {
    // What zlib says ("incorrect header check") helps nobody: the caller names the file and the tile.
    return -1;
  }
  const length = Math.min(bytes.length, target.length);
  target.set(bytes.length > length ? bytes.subarray(0, length) : bytes);
  return length;
}
