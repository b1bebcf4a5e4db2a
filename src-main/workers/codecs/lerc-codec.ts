/** Esri's LERC by its own WebAssembly build. */
import type * as LercModule from 'lerc';
import type { PixelType } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs } from '../../images/image-source.ts';
import { pixelArray } from '../../images/raster.ts';
import { missing } from './wasm-module.ts';

type Lerc = typeof LercModule;

/** By LERC's number of the type. */
const types: readonly PixelType[] = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'float32',
  'float64',
];

export function lercCodec(maxPixels: number): Codecs['decodeLerc'] {
  let loading: Promise<Lerc> | null = null;
  const load = (): Promise<Lerc> =>
    (loading ??= import('lerc')
      .then(async (module) => {
        await module.load();
        return module;
      })
      .catch((cause: unknown) => {
        throw missing('LERC', cause);
      }));
  return async (bytes) => {
    const lerc = await load();
    try {
      // The header first: the module allocates what it claims.
      const info = lerc.getBlobInfo(bytes);
      const { width, height } = info;
      const bands = info.bandCount * info.depthCount;
      const dtype = types[info.dataType];
      if (dtype === undefined || width < 1 || height < 1 || bands < 1)
        throw new Error('its header makes no sense');
      if (width * height > maxPixels || width * height * bands > maxPixels * 4) {
        throw new GigatileError(
          'image-too-large',
          `A LERC image of ${width} x ${height} pixels and ${bands} bands is larger than the limit of ${maxPixels}`,
        );
      }
      const { pixels, mask, bandMasks } = lerc.decode(bytes, { returnInterleaved: true });
      const depth = info.depthCount;
      const data = pixelArray(dtype, width * height * bands);
      // Bands of one blob lie one after the other; values of one pixel ("depth") side by side.
      for (const [band, plane] of pixels.entries()) {
        const valid = bandMasks?.[band] ?? mask;
        for (let i = 0; i < plane.length; i++) {
          const pixel = Math.floor(i / depth);
          const isValid = valid === null || valid[pixel] !== 0;
          // Floats have a value for "none"; of integers LERC leaves 0, and TIFF a mask or no-data value of its own.
          const none = dtype.startsWith('float') ? Number.NaN : 0;
          data[pixel * bands + band * depth + (i % depth)] = isValid ? (plane[i] ?? 0) : none;
        }
      }
      return { width, height, bands, dtype, data, valid: mask };
    } catch (cause) {
      if (cause instanceof GigatileError) throw cause;
      const why = cause instanceof Error ? cause.message : 'the decoder gave up';
      throw new GigatileError('image-corrupt', `The LERC image is damaged: ${why}`, { cause });
    }
  };
}
