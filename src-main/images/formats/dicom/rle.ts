/**
 * DICOM's run-length encoding (PS3.5 annex G): a header of 16 numbers (count of segments, their offsets), then one PackBits
 * segment for each byte of each sample, the most significant byte first.
 */
import { decodePackBits } from '../../tiff/decompress.ts';

const headerBytes = 64;

/**
 * @param target interleaved, little endian
 * @returns null, or what is wrong
 */
export function decodeRle(
  source: Buffer,
  target: Uint8Array,
  samples: number,
  bytesPerSample: number,
): string | null {
  const segments = samples * bytesPerSample;
  if (source.length < headerBytes) return 'has no RLE header';
  const count = source.readUInt32LE(0);
  if (count !== segments) return `has ${count} RLE segments instead of ${segments}`;
  const pixels = target.length / segments;
  const plane = new Uint8Array(pixels);
  for (let segment = 0; segment < segments; segment++) {
    const start = source.readUInt32LE(4 + segment * 4);
    const end = segment + 1 < segments ? source.readUInt32LE(8 + segment * 4) : source.length;
    if (start < headerBytes || start > end || end > source.length) {
      return `puts its RLE segment ${segment + 1} at bytes ${start} to ${end} of ${source.length}`;
    }
    const written = decodePackBits(source.subarray(start, end), plane);
    if (written !== pixels) return `gives ${written} of ${pixels} bytes in RLE segment ${segment + 1}`;
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    let to = sample * bytesPerSample + byte;
    for (let pixel = 0; pixel < pixels; pixel++, to += segments) target[to] = plane[pixel] ?? 0;
  }
  return null;
}
