/**
 * The native codecs, loaded only inside workers: libjpeg-turbo for JPEG (several times faster than anything else, and
 * synchronous), sharp for everything else, which is loaded when it is first needed: of slides with JPEG tiles it never is, and it
 * takes 20 MB. One that cannot be loaded is an error where it is needed, not before.
 */
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type * as TurboModule from '@julusian/jpeg-turbo';
import type Sharp from 'sharp';
import { GigatileError } from '../../contract/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { JpegDecoder } from '../../contract/run.ts';
import type { Codecs, Raster } from '../../images/image-source.ts';
import { jpegFrame, type JpegFrame } from '../../images/tiff/jpeg-stream.ts';
import { openFlatImage } from '../image/flat-image.ts';
import { asBytes, sharpFailure, toRaster } from '../image/sharp-raster.ts';
import { loadExactJpeg } from './exact-jpeg.ts';
import { buildOf, loadSharp } from './load-sharp.ts';
import { openSlideReport } from '../openslide/report.ts';
import { openSlide } from '../openslide/slide.ts';
import { wasmCodecs } from './wasm-codecs.ts';
import { versionOf, wasmReport } from './wasm-report.ts';

type Turbo = typeof TurboModule.default;

/** A codec, or why there is none. */
type Loaded<T> = { module: T } | { missing: GigatileError };

async function load<T>(name: string, importIt: () => Promise<T>): Promise<Loaded<T>> {
  try {
    return { module: await importIt() };
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    return {
      missing: new GigatileError('codec-missing', `The image codec ${name} cannot be loaded: ${why}`, {
        hint: 'Install Gigatile again for this system (npm ci); `gigatile doctor` shows what works.',
        cause,
      }),
    };
  }
}

const loadTurbo = (): Promise<Loaded<Turbo>> =>
  load('jpeg-turbo', async () => (await import('@julusian/jpeg-turbo')).default);

const trySharp = (): Promise<Loaded<typeof Sharp>> => load('sharp', loadSharp);

function need<T>(loaded: Loaded<T>): T {
  if ('missing' in loaded) throw loaded.missing;
  return loaded.module;
}

/**
 * Never rejects: a codec that is missing throws `codec-missing`, with its name, from the methods that need it.
 *
 * @param maxPixels refuses decompression bombs; a tile that a format asks for is checked against its own size too
 * @param jpeg which JPEG decoder: see exact-jpeg.ts
 */
export async function createCodecs(
  maxPixels: number = defaultLimits.maxPixels,
  jpeg: JpegDecoder = 'fast',
): Promise<Codecs> {
  const [turbo, exact] = await Promise.all([
    loadTurbo(),
    jpeg === 'exact' ? load('libjpeg-turbo (WebAssembly)', loadExactJpeg) : null,
  ]);
  return {
    ...wasmCodecs(maxPixels),
    decodeJpeg: (bytes, options) => {
      const frame = checkedFrame(bytes, maxPixels);
      // Always: it notices damage, which the other one fills up without a word.
      const raster = decodeJpeg(need(turbo), bytes, frame, options?.into);
      return exact === null ? raster : need(exact)(bytes, options?.into);
    },
    encodeJpeg: (raster, quality) => encodeJpeg(need(turbo), raster, quality),
    encodePng: async (raster) => {
      const channels = raster.bands;
      if (channels !== 1 && channels !== 3 && channels !== 4) {
        throw new GigatileError('internal', `A PNG has 1, 3 or 4 bands, not ${channels}`);
      }
      const raw = { width: raster.width, height: raster.height, channels } as const;
      const sharp = need(await trySharp());
      const image = sharp(asBytes(raster.data), { raw, limitInputPixels: false });
      return (channels === 1 ? image.toColourspace('b-w') : image).png({ compressionLevel: 4 }).toBuffer();
    },
    decodeAny: async (bytes, options) => {
      const sharp = need(await trySharp());
      const image = sharp(asBytes(bytes), { limitInputPixels: maxPixels });
      try {
        if (options?.fourBands === true) return await fourBands(image);
        return toRaster(await image.raw().toBuffer({ resolveWithObject: true }), 'uint8');
      } catch (cause) {
        throw sharpFailure(cause, 'A compressed tile cannot be decoded', undefined);
      }
    },
    openOther: openSlide,
    openFlat: async (path, options) =>
      openFlatImage(need(await trySharp()), path, {
        page: options?.page ?? 0,
        maxPixels: options?.maxPixels ?? maxPixels,
        maxInMemory: options?.maxInMemory,
        where: basename(path),
      }),
  };
}

/** What a JPEG says it is, where it may be decoded. */
function checkedFrame(bytes: Uint8Array, maxPixels: number): JpegFrame {
  const frame = jpegFrame(bytes);
  if (frame === null) throw new GigatileError('image-corrupt', 'This is no JPEG image');
  const bands = frame.components;
  if ((bands !== 1 && bands !== 3) || frame.precision !== 8) {
    throw new GigatileError(
      'image-unsupported',
      `A JPEG of ${bands} bands of ${frame.precision} bits cannot be decoded`,
    );
  }
  const { width, height } = frame;
  if (width * height > maxPixels) {
    throw new GigatileError('image-too-large', `A JPEG of ${width} x ${height} pixels is too large`);
  }
  return frame;
}

function decodeJpeg(
  turbo: Turbo,
  bytes: Uint8Array,
  { width, height, components: bands }: JpegFrame,
  into: Uint8Array | undefined,
): Raster {
  const options = { format: bands === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB };
  const length = width * height * bands;
  // Every byte is written by the decoder, so that none needs to be zeroed before.
  const target = asBytes(into ?? Buffer.allocUnsafeSlow(length));
  const { size } = turbo.decompressSync(asBytes(bytes), target, options);
  if (size !== length) throw new GigatileError('image-corrupt', `A JPEG gave ${size} of ${length} bytes`);
  const data = new Uint8Array(target.buffer, target.byteOffset, length);
  return { width, height, bands, dtype: 'uint8', data };
}

/** libvips takes four components for CMYK, and turns them round because Photoshop stores them so. */
async function fourBands(image: ReturnType<typeof Sharp>): Promise<Raster> {
  const asStored = image.pipelineColourspace('cmyk').toColourspace('cmyk');
  const raster = toRaster(await asStored.raw().toBuffer({ resolveWithObject: true }), 'uint8');
  if (raster.bands !== 4) throw new GigatileError('image-corrupt', `It has ${raster.bands} bands`);
  const { data } = raster;
  for (let i = 0; i < data.length; i++) data[i] = 255 - (data[i] ?? 0);
  return raster;
}

function encodeJpeg(turbo: Turbo, raster: Raster, quality: number): Uint8Array {
  const { width, height, bands, data } = raster;
  if ((bands !== 1 && bands !== 3) || !(data instanceof Uint8Array)) {
    throw new GigatileError('internal', `A JPEG has 1 or 3 bands of 8 bits, not ${bands} of ${raster.dtype}`);
  }
  return turbo.compressSync(asBytes(data), {
    width,
    height,
    quality,
    format: bands === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB,
    subsampling: bands === 1 ? turbo.SAMP_GRAY : turbo.SAMP_420,
  });
}

const exactJpegPackage = '@cornerstonejs/codec-libjpeg-turbo-8bit';

/** For `gigatile doctor`: each codec is tried on a small image, so that "ok" means that it works here. */
export async function codecReport(): Promise<{ name: string; ok: boolean; detail: string }[]> {
  const [turbo, sharp, exact, codecs] = await Promise.all([
    loadTurbo(),
    trySharp(),
    load('libjpeg-turbo (WebAssembly)', loadExactJpeg),
    createCodecs(),
  ]);
  const grey: Raster = {
    width: 16,
    height: 16,
    bands: 3,
    dtype: 'uint8',
    data: new Uint8Array(768).fill(90),
  };
  const attempt = async (
    name: string,
    loaded: Loaded<unknown>,
    detail: string,
    encodeAndDecode: () => Promise<Raster>,
  ): Promise<{ name: string; ok: boolean; detail: string }> => {
    try {
      need(loaded);
      const back = await encodeAndDecode();
      const ok = Math.abs((back.data[0] ?? 0) - 90) <= 2;
      return { name, ok, detail: ok ? detail : 'It decodes a test image wrongly.' };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  };
  const versions = 'module' in sharp ? sharp.module.versions : null;
  const slower = 'module' in sharp && buildOf(sharp.module) === 'wasm' ? ' (WebAssembly, slower)' : '';
  return [
    await attempt(
      'jpeg-turbo',
      turbo,
      `@julusian/jpeg-turbo ${packageVersion('@julusian/jpeg-turbo')}`,
      async () => codecs.decodeJpeg(codecs.encodeJpeg(grey, 90)),
    ),
    await attempt(
      'jpeg-turbo, exact',
      exact,
      `${exactJpegPackage} ${versionOf(exactJpegPackage, 'decodewasmjs')}`,
      async () => need(exact)(codecs.encodeJpeg(grey, 90)),
    ),
    await attempt(
      'sharp',
      sharp,
      `sharp ${versions?.sharp ?? '?'}, libvips ${versions?.vips ?? '?'}${slower}`,
      async () => codecs.decodeAny(await codecs.encodePng(grey)),
    ),
    ...(await wasmReport(codecs)),
    await openSlideReport(),
  ];
}

function packageVersion(name: string): string {
  try {
    const found: unknown = createRequire(import.meta.url)(`${name}/package.json`);
    return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : '?';
  } catch {
    // Only a detail for people: a packaged application may have left the file out.
    return '?';
  }
}
