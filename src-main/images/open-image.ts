/** Opens any image that Gigatile reads. A new format: a reader that yields a PixelBackend and a Description, and a line here. */
import { GigatileError } from '../contract/errors.ts';
import { FlatBackend } from './flat-backend.ts';
import { fingerprintOf } from './fingerprint.ts';
import { isAperio, readAperio } from './formats/aperio.ts';
import { coarsestTrustedMpp, readGenericTiff } from './formats/generic-tiff.ts';
import { isOmeTiff, readOmeTiff } from './formats/ome-tiff.ts';
import { refuseOtherVendors } from './formats/other-vendors.ts';
import type { TiffLayout } from './formats/tiff-layout.ts';
import { ImageFile } from './image-file.ts';
import type { Codecs, ImageSource, OpenLimits } from './image-source.ts';
import { PyramidSource } from './pyramid-source.ts';
import type { Description } from './pyramid-source.ts';
import { sniff } from './sniff.ts';
import { TiffBackend } from './tiff-backend.ts';
import { TiffStructure } from './tiff/structure.ts';
import { compressionName, tag } from './tiff/tags.ts';

/** 16,384 x 16,384: a single tile, strip or flat image of more pixels is refused. */
export const defaultLimits: OpenLimits = { maxPixels: 2 ** 28 };

/**
 * Opens an image by what it contains, whatever it is called. Nothing is decoded yet; all tile tables have been checked.
 *
 * @throws {GigatileError} file-not-found, file-unreadable, format-unknown, image-corrupt, image-unsupported (names what),
 * image-too-large, codec-missing
 */
export async function openImage(
  path: string,
  codecs: Codecs,
  limits: Partial<OpenLimits> = {},
): Promise<ImageSource> {
  const file = ImageFile.open(path);
  try {
    const all = { ...defaultLimits, ...limits };
    return sniff(file) === 'tiff' ? await openTiff(file, codecs, all) : await openFlat(file, codecs, all);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function openTiff(file: ImageFile, codecs: Codecs, limits: OpenLimits): Promise<ImageSource> {
  const tiff = new TiffStructure(file);
  refuseOtherVendors(tiff);
  let layout: TiffLayout;
  try {
    layout = readLayout(tiff, limits);
  } catch (error) {
    if (!(error instanceof GigatileError) || error.code !== 'image-unsupported') throw error;
    const [first] = tiff.directories;
    const isPicture = first !== undefined && !first.has(tag.tileWidth) && !first.has(tag.geoKeyDirectory);
    const flat = isPicture ? await openUnusualFlat(file, codecs, limits) : null;
    if (flat === null) throw error;
    return flat;
  }
  const [base] = layout.levels;
  const description: Description = {
    name: file.name,
    format: layout.format,
    vendor: layout.vendor,
    mpp: layout.mpp,
    geo: layout.geo,
    objectivePower: layout.objectivePower,
    bandNames: layout.bandNames,
    noData: layout.noData,
    associated: [...layout.associated.keys()],
    compression: compressionName(base?.compression ?? 1),
  };
  const backend = new TiffBackend(file, layout, codecs, limits);
  return new PyramidSource(backend, description, codecs, limits, () => fingerprintOf(file));
}

function readLayout(tiff: TiffStructure, limits: OpenLimits): TiffLayout {
  if (isAperio(tiff)) return readAperio(tiff, limits);
  if (isOmeTiff(tiff)) return readOmeTiff(tiff, limits);
  return readGenericTiff(tiff, limits);
}

/**
 * 1-bit, CMYK, CCITT and other flat TIFFs of scanners and printers, which are pictures and not measurements: through libvips,
 * where it can really decode them (its header says nothing about that). null: it cannot, and what our own reader said is the
 * better message.
 */
async function openUnusualFlat(
  file: ImageFile,
  codecs: Codecs,
  limits: OpenLimits,
): Promise<ImageSource | null> {
  try {
    const source = await openFlat(file, codecs, limits);
    await source.readRegion({ level: 0, x: 0, y: 0, width: 1, height: 1 });
    return source;
  } catch {
    return null;
  }
}

const flatCompressions: Readonly<Record<string, string>> = { png: 'deflate', jpeg: 'jpeg', webp: 'webp' };

async function openFlat(file: ImageFile, codecs: Codecs, limits: OpenLimits): Promise<ImageSource> {
  const image = await codecs.openFlat(file.path, { maxPixels: limits.maxPixels });
  const mpp = image.pixelsPerMm === null ? null : 1000 / image.pixelsPerMm;
  const description: Description = {
    name: file.name,
    format: image.format,
    vendor: null,
    mpp: mpp !== null && mpp > 0 && mpp <= coarsestTrustedMpp ? { x: mpp, y: mpp } : null,
    geo: null,
    objectivePower: null,
    bandNames: null,
    noData: null,
    associated: [],
    compression: flatCompressions[image.format] ?? 'unknown',
  };
  return new PyramidSource(new FlatBackend(image, file), description, codecs, limits, () =>
    fingerprintOf(file),
  );
}
