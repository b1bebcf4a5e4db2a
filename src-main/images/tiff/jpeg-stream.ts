/**
 * JPEG tiles in TIFF (technical note 2) are abbreviated: their tables are stored once, in tag 347. A complete stream is the
 * header made here, followed by the stored tile without its SOI. Nothing of the tile itself is changed or decoded.
 */
import { GigatileError } from '../../contract/errors.ts';

const startOfImage = Buffer.from([0xff, 0xd8]);

/**
 * Adobe's APP14 with transform 0: the three components are stored as they are (RGB). Without it every decoder takes
 * components 1, 2, 3 for YCbCr. Layout: Adobe technical note 5116, "Adobe" marker.
 */
const adobeRgb = Buffer.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]);

/** SOI, the RGB marker where asked for, and the shared tables (tag 347; null where tiles carry their own). */
export function jpegTileHeader(tables: Buffer | null, rgb: boolean, where: string): Buffer {
  const parts: Buffer[] = rgb ? [startOfImage, adobeRgb] : [startOfImage];
  if (tables !== null && tables.length > 0) {
    if (tables.length < 4 || tables[0] !== 0xff || tables[1] !== 0xd8) {
      throw new GigatileError('image-corrupt', 'The shared JPEG tables do not start like JPEG', { where });
    }
    const closed = tables[tables.length - 2] === 0xff && tables[tables.length - 1] === 0xd9;
    parts.push(tables.subarray(2, closed ? tables.length - 2 : tables.length));
  }
  return Buffer.concat(parts);
}

/** Whether a header made by `jpegTileHeader` says RGB. */
export function saysRgb(header: Buffer): boolean {
  return header.length >= 18 && header.subarray(2, 18).equals(adobeRgb);
}

/**
 * Where the tile's own markers would overrule the header's RGB (a JFIF or Adobe segment of the tile), how many bytes after
 * its SOI to leave out; else 0. `at` is the position after the SOI.
 */
export function colourMarkersLength(bytes: Uint8Array, at: number): number {
  let end = at;
  while (
    end + 4 <= bytes.length &&
    bytes[end] === 0xff &&
    (bytes[end + 1] === 0xe0 || bytes[end + 1] === 0xee)
  ) {
    end += 2 + ((bytes[end + 2] ?? 0) << 8) + (bytes[end + 3] ?? 0);
  }
  return Math.min(end, bytes.length) - at;
}

export interface JpegFrame {
  width: number;
  height: number;
  components: number;
  /** Bits a sample. */
  precision: number;
}

/** The frame header (SOFn) of a stream, without decoding: what a decoder would allocate. null where there is none. */
export function jpegFrame(bytes: Uint8Array): JpegFrame | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // Markers without a length: TEM, RSTn, SOI.
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      if (at + 10 > bytes.length) return null;
      return {
        precision: bytes[at + 4] ?? 0,
        height: ((bytes[at + 5] ?? 0) << 8) | (bytes[at + 6] ?? 0),
        width: ((bytes[at + 7] ?? 0) << 8) | (bytes[at + 8] ?? 0),
        components: bytes[at + 9] ?? 0,
      };
    }
    at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return null;
}
