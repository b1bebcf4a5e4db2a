/**
 * LERC in TIFF (compression 34887), as libtiff writes it: tag 50674 says whether the blob was compressed once more. The samples
 * of a pixel are the blob's depth; an alpha band of nothing but 0 and 255 may be left out and stored as the blob's mask.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs, Raster } from '../image-source.ts';
import { decompress } from './decompress.ts';
import type { TiffPage } from './page.ts';
import { compression as codes, tag } from './tags.ts';

/** Values of LercParameters' second number. */
const once = { none: 0, deflate: 1, zstd: 2 } as const;

/** How the blobs of a page are packed. @throws {GigatileError} image-unsupported */
export function lercPacking(page: Pick<TiffPage, 'directory' | 'where'>): number {
  const [, packing = once.none] = page.directory.numbers(tag.lercParameters);
  if (packing === once.none) return codes.none;
  if (packing === once.deflate) return codes.deflate;
  if (packing === once.zstd) return codes.zstd;
  throw new GigatileError('image-unsupported', `LERC packed in way ${packing} cannot be read`, {
    where: page.where,
  });
}

/**
 * A tile of `height` rows and `bands` bands (1 where planar).
 *
 * @throws {GigatileError} image-corrupt and what the codec throws; without a place, which the caller knows
 */
export async function decodeLercTile(
  page: TiffPage,
  stored: Uint8Array,
  bands: number,
  height: number,
  codecs: Pick<Codecs, 'decodeLerc'>,
): Promise<Raster> {
  const packing = lercPacking(page);
  let blob = stored;
  if (packing !== codes.none) {
    // Never larger than the pixels by more than its header and its mask.
    const most = page.tileWidth * page.tileHeight * (bands * page.bytesPerSample + 1) + 65_536;
    const unpacked = new Uint8Array(most);
    const length = decompress(packing, stored, unpacked);
    if (length < 0) throw corrupt('its packing is damaged');
    blob = unpacked.subarray(0, length);
  }
  const raster = await codecs.decodeLerc(blob);
  const { width, valid } = raster;
  const hasAlphaAsMask = bands > 1 && raster.bands === bands - 1 && page.extraSamples.length > 0;
  if (width !== page.tileWidth || raster.height !== height || (raster.bands !== bands && !hasAlphaAsMask)) {
    throw corrupt(`it holds ${width} x ${raster.height} pixels of ${raster.bands} bands`);
  }
  if (raster.dtype !== page.dtype) throw corrupt(`it holds ${raster.dtype} instead of ${page.dtype}`);
  return hasAlphaAsMask ? withAlpha(raster, valid) : raster;
}

function withAlpha(raster: Raster, valid: Uint8Array | null): Raster {
  const bands = raster.bands + 1;
  const pixels = raster.width * raster.height;
  const data = new Uint8Array(pixels * bands);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let band = 0; band < raster.bands; band++) {
      data[pixel * bands + band] = raster.data[pixel * raster.bands + band] ?? 0;
    }
    data[pixel * bands + raster.bands] = valid === null || valid[pixel] !== 0 ? 255 : 0;
  }
  return { ...raster, bands, data };
}

function corrupt(what: string): GigatileError {
  return new GigatileError('image-corrupt', `The LERC image is damaged: ${what}`);
}
