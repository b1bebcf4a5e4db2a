/**
 * JPEG 2000 in TIFF tiles: what the codestream's header says (ISO/IEC 15444-1, annex A.5.1: SIZ), checked before anything is
 * decoded, and the colours that TIFF gives its components.
 */
import type { Raster } from '../image-source.ts';

export interface Jpeg2000Size {
  width: number;
  height: number;
  components: number;
  /** Bits a sample of the first component. */
  bits: number;
}

/** A JP2 file around the codestream has a few boxes before it; one that has more is none that belongs into a tile. */
const searchBytes = 64 * 1024;
const codestreamStart = Buffer.from([0xff, 0x4f, 0xff, 0x51]);
const fixedBytes = 42;

/** null: no codestream, or one that is cut off in its header. */
export function jpeg2000Size(bytes: Buffer): Jpeg2000Size | null {
  const start = bytes.subarray(0, searchBytes).indexOf(codestreamStart);
  if (start < 0 || start + fixedBytes > bytes.length) return null;
  const header = bytes.subarray(start);
  const components = header.readUInt16BE(40);
  if (components < 1 || header.length < fixedBytes + components * 3) return null;
  return {
    width: header.readUInt32BE(8) - header.readUInt32BE(16),
    height: header.readUInt32BE(12) - header.readUInt32BE(20),
    components,
    bits: ((header[fixedBytes] ?? 0) & 0x7f) + 1,
  };
}

/** In place; the full-range BT.601 of JFIF, which Aperio's YCbCr is. */
export function ycbcrToRgb(raster: Raster): void {
  const { data } = raster;
  if (!(data instanceof Uint8Array) || raster.bands !== 3) {
    throw new TypeError(`YCbCr of ${raster.bands} bands of ${raster.dtype}`);
  }
  // The view clamps and rounds.
  const clamped = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < data.length; i += 3) {
    const y = data[i] ?? 0;
    const cb = (data[i + 1] ?? 0) - 128;
    const cr = (data[i + 2] ?? 0) - 128;
    clamped[i] = y + 1.402 * cr;
    clamped[i + 1] = y - 0.344_136 * cb - 0.714_136 * cr;
    clamped[i + 2] = y + 1.772 * cb;
  }
}
