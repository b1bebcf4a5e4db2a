/** JPEG-LS (ISO/IEC 14495-1) by CharLS in WebAssembly. */
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs, Raster } from '../../images/image-source.ts';
import { pixelArray } from '../../images/raster.ts';
import { WasmModule, whyOf } from './wasm-module.ts';

interface Frame {
  width: number;
  height: number;
  bands: number;
  bits: number;
}

/** Start of frame, JPEG-LS. */
const startOfFrame = 0xf7;
const endOfImage = [0xff, 0xd9] as const;
/** CharLS' interleave mode for bands that lie one after the other. */
const bandByBand = 0;

export function jpegLsCodec(maxPixels: number): Codecs['decodeJpegLs'] {
  const charLs = new WasmModule('CharLS', async () =>
    (await import('@cornerstonejs/codec-charls/decodewasmjs')).default({ print: quiet, printErr: quiet }),
  );
  return async (bytes) => {
    const frame = frameOf(bytes);
    if (frame === null) throw failure('it has no header');
    if (frame.width * frame.height > maxPixels || frame.bands > 255) {
      throw new GigatileError(
        'image-too-large',
        `A JPEG-LS image of ${frame.width} x ${frame.height} pixels is larger than the limit of ${maxPixels}`,
      );
    }
    return charLs.run((module) => {
      const decoder = new module.JpegLSDecoder();
      try {
        // With an end of its own: CharLS counts down from 2^31 where a stream stops in the middle of a code without one.
        const buffer = decoder.getEncodedBuffer(bytes.length + endOfImage.length);
        buffer.set(bytes);
        buffer.set(endOfImage, bytes.length);
        decoder.decode();
        return rasterOf(decoder, frame);
      } catch (cause) {
        throw cause instanceof GigatileError ? cause : failure(whyOf(cause, module));
      } finally {
        decoder.delete();
      }
    });
  };
}

function quiet(): void {
  // What the module prints is in the exception as well.
}

/** The size that the stream claims, before a decoder allocates it. */
function frameOf(bytes: Uint8Array): Frame | null {
  const word = (at: number): number => ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  if (word(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 <= bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1] ?? 0;
    if (code === startOfFrame) {
      const frame = {
        bits: bytes[at + 4] ?? 0,
        height: word(at + 5),
        width: word(at + 7),
        bands: bytes[at + 9] ?? 0,
      };
      const isSane =
        frame.width > 0 && frame.height > 0 && frame.bands > 0 && frame.bits >= 2 && frame.bits <= 16;
      return isSane ? frame : null;
    }
    at += 2 + Math.max(2, word(at + 2));
  }
  return null;
}

function rasterOf(decoder: CornerstoneDecoder & { getInterleaveMode(): number }, frame: Frame): Raster {
  const { width, height, bands, bits } = frame;
  const dtype = bits <= 8 ? 'uint8' : 'uint16';
  const data = pixelArray(dtype, width * height * bands);
  const decoded = decoder.getDecodedBuffer();
  if (decoded.byteLength !== data.byteLength) {
    throw failure(`${decoded.byteLength} of ${data.byteLength} bytes came out`);
  }
  new Uint8Array(data.buffer).set(decoded);
  if (bands === 1 || decoder.getInterleaveMode() !== bandByBand) return { width, height, bands, dtype, data };
  const mixed = pixelArray(dtype, data.length);
  for (let band = 0, from = 0; band < bands; band++) {
    for (let to = band; to < data.length; to += bands, from++) mixed[to] = data[from] ?? 0;
  }
  return { width, height, bands, dtype, data: mixed };
}

function failure(why: string): GigatileError {
  return new GigatileError('image-corrupt', `The JPEG-LS image is damaged: ${why}`);
}
