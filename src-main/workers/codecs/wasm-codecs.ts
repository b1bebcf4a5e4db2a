/**
 * JPEG 2000 (OpenJPEG), JPEG-LS (CharLS) and LERC, in WebAssembly: what libvips' binary in sharp does not decode. Each module is
 * loaded when it is first needed. What goes wrong inside is an exception of the codec and leaves the process whole.
 */
import type { PixelType } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs, Raster } from '../../images/image-source.ts';
import { pixelArray } from '../../images/raster.ts';

type WasmCodecs = Pick<Codecs, 'decodeJpeg2000' | 'decodeJpegLs' | 'decodeLerc'>;

export function wasmCodecs(maxPixels: number): WasmCodecs {
  const openJpeg = once('OpenJPEG', async () =>
    (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default(),
  );
  const charLs = once('CharLS', async () =>
    (await import('@cornerstonejs/codec-charls/decodewasmjs')).default(),
  );
  const lerc = once('LERC', async () => {
    const module = await import('lerc');
    await module.load();
    return module;
  });
  return {
    async decodeJpeg2000(bytes, options) {
      const module = await openJpeg();
      const decoder = new module.J2KDecoder();
      try {
        decoder.getEncodedBuffer(bytes.length).set(bytes);
        decoder.readHeader();
        checkSize(decoder.getFrameInfo(), maxPixels);
        const reduce = options?.reduce ?? 0;
        if (reduce > 0) decoder.decodeSubResolution(reduce, 0);
        else decoder.decode();
        return rasterOf(decoder);
      } catch (cause) {
        throw failure('JPEG 2000', cause, module);
      } finally {
        decoder.delete();
      }
    },
    async decodeJpegLs(bytes) {
      const module = await charLs();
      const decoder = new module.JpegLSDecoder();
      try {
        decoder.getEncodedBuffer(bytes.length).set(bytes);
        decoder.decode();
        return rasterOf(decoder);
      } catch (cause) {
        throw failure('JPEG-LS', cause, module);
      } finally {
        decoder.delete();
      }
    },
    async decodeLerc(bytes) {
      const module = await lerc();
      try {
        const { width, height, pixels, pixelType, depthCount } = module.decode(bytes.slice().buffer);
        const dtype = lercTypes[pixelType];
        if (dtype === undefined) throw new Error(`pixel type ${pixelType}`);
        const bands = pixels.length * depthCount;
        const data = pixelArray(dtype, width * height * bands);
        // Bands of one blob lie one after the other, values of one pixel ("depth") side by side.
        for (const [band, plane] of pixels.entries()) {
          for (let i = 0; i < plane.length; i++) {
            const pixel = Math.floor(i / depthCount);
            data[pixel * bands + band * depthCount + (i % depthCount)] = plane[i] ?? 0;
          }
        }
        return { width, height, bands, dtype, data };
      } catch (cause) {
        throw failure('LERC', cause, {});
      }
    },
  };
}

const lercTypes: Readonly<Record<string, PixelType>> = {
  S8: 'int8',
  U8: 'uint8',
  S16: 'int16',
  U16: 'uint16',
  S32: 'int32',
  U32: 'uint32',
  F32: 'float32',
  F64: 'float64',
};

function once<T>(name: string, load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () =>
    (loading ??= load().catch((cause: unknown) => {
      throw new GigatileError('codec-missing', `The image codec ${name} cannot be loaded`, {
        hint: 'Install Gigatile again for this system (npm ci); `gigatile doctor` shows what works.',
        cause,
      });
    }));
}

function checkSize({ width, height }: CornerstoneFrameInfo, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new GigatileError(
    'image-too-large',
    `A compressed image of ${width} x ${height} pixels is larger than the limit of ${maxPixels}`,
  );
}

function rasterOf(decoder: CornerstoneDecoder): Raster {
  const { width, height, componentCount: bands, bitsPerSample, isSigned } = decoder.getFrameInfo();
  const dtype = bitsPerSample <= 8 ? (isSigned ? 'int8' : 'uint8') : isSigned ? 'int16' : 'uint16';
  const decoded = decoder.getDecodedBuffer();
  const data = pixelArray(dtype, width * height * bands);
  if (decoded.byteLength < data.byteLength) {
    throw new Error(`${decoded.byteLength} of ${data.byteLength} bytes came out`);
  }
  // A copy: the codec's memory may move with its next call.
  new Uint8Array(data.buffer).set(decoded.subarray(0, data.byteLength));
  return { width, height, bands, dtype, data };
}

function failure(
  name: string,
  cause: unknown,
  module: { getExceptionMessage?(pointer: number): string },
): GigatileError {
  if (cause instanceof GigatileError) return cause;
  const why =
    typeof cause === 'number' && module.getExceptionMessage !== undefined
      ? module.getExceptionMessage(cause)
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new GigatileError('image-corrupt', `A ${name} stream cannot be decoded: ${why}`, { cause });
}
