/**
 * TIFF without a vendor: a tiled pyramid (reduced images in the main chain or as SubIFDs), GeoTIFF and COG, or one flat image.
 */
import type { Geo } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { namesOf, readGdalBands } from '../geo/gdal-bands.ts';
import { readGeo } from '../geo/geo-tags.ts';
import { readWorldFile } from '../geo/world-file.ts';
import type { OpenLimits } from '../image-source.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { subfile, tag } from '../tiff/tags.ts';
import { orderLevels } from './tiff-layout.ts';
import type { TiffLayout } from './tiff-layout.ts';

/**
 * Coarser than this, a resolution tag is a printer's (72 dpi = 353 µm) and not a microscope's: 10 µm per pixel is a 1x
 * objective.
 */
export const coarsestTrustedMpp = 10;

export function readGenericTiff(tiff: TiffStructure, limits: OpenLimits): TiffLayout {
  const [first, ...others] = tiff.directories;
  if (first === undefined)
    throw new GigatileError('image-corrupt', 'The file has no image', { where: tiff.file.name });
  const base = readPage(first, limits);
  const reduced = [...others, ...first.subDirectories()].filter(isReducedImage);
  const levels = orderLevels(
    base,
    reduced.flatMap((directory) => readLevel(directory, base, limits)),
  );
  const { geo, controlPoints } = readGeo(first, base.width, base.height, () =>
    // Whoever gives the address of an image gives that of no other file.
    tiff.file.isRemote ? null : readWorldFile(tiff.file.path),
  );
  const isGdal =
    geo !== null || controlPoints !== null || first.has(tag.gdalMetadata) || first.has(tag.gdalNoData);
  const noData = noDataOf(first);
  const bandInfo = readGdalBands(first, base, noData);
  const masks = others.filter((directory) => isMaskOf(directory, base));
  return {
    format: formatOf(geo, levels),
    vendor: isGdal ? 'gdal' : 'generic-tiff',
    levels,
    associated: new Map(),
    mpp: geo === null ? resolutionMpp(first) : null,
    objectivePower: null,
    geo,
    bandNames: namesOf(bandInfo),
    noData,
    ...(isGdal && { bandInfo }),
    ...(controlPoints !== null && { controlPoints }),
    ...(masks.length > 0 && { masks }),
    missingFromFiner: false,
  };
}

/** A smaller picture of another shape, or stored in a way that is not read (a thumbnail of a camera), is no level. */
function readLevel(directory: TiffDirectory, base: TiffPage, limits: OpenLimits): TiffPage[] {
  try {
    const page = readPage(directory, limits);
    const height = (base.height * page.width) / base.width;
    return Math.abs(page.height - height) <= 2 + height * 0.01 ? [page] : [];
  } catch (error) {
    if (error instanceof GigatileError && error.code === 'image-unsupported') return [];
    throw error;
  }
}

function isReducedImage(directory: TiffDirectory): boolean {
  const type = directory.number(tag.newSubfileType, 0);
  return (type & subfile.reduced) !== 0 && (type & subfile.mask) === 0;
}

/** The image's mask or an overview's: of the image's shape. */
function isMaskOf(directory: TiffDirectory, base: TiffPage): boolean {
  if ((directory.number(tag.newSubfileType, 0) & subfile.mask) === 0) return false;
  const width = directory.number(tag.imageWidth, 0);
  const height = (base.height * width) / base.width;
  return Math.abs(directory.number(tag.imageLength, 0) - height) <= 2 + height * 0.01;
}

function formatOf(geo: Geo | null, levels: readonly TiffPage[]): string {
  if (geo === null) return 'tiff';
  return isCloudOptimized(levels) ? 'cog' : 'geotiff';
}

/** COG's layout: tiled, with overviews; all directories in order, before all pixels; overviews' pixels before the image's. */
function isCloudOptimized(levels: readonly TiffPage[]): boolean {
  if (levels.length < 2 || !levels.every((level) => level.tiled)) return false;
  let lastDirectory = 0;
  const firstPixels = levels.map((level) => {
    let first = Number.POSITIVE_INFINITY;
    for (let i = 0; i < level.offsets.length; i++) {
      const offset = level.offsets[i] ?? 0;
      if ((level.byteCounts[i] ?? 0) > 0 && offset < first) first = offset;
    }
    return first;
  });
  for (const level of levels) {
    if (level.directory.offset < lastDirectory) return false;
    lastDirectory = level.directory.offset;
  }
  return (
    firstPixels.every((offset) => offset > lastDirectory) &&
    firstPixels.every((offset, i) => i === 0 || offset <= (firstPixels[i - 1] ?? 0))
  );
}

/** µm per pixel from the resolution tags, where they can be meant so; ImageJ writes pixels per its own unit. */
function resolutionMpp(directory: TiffDirectory): { x: number; y: number } | null {
  const description = directory.text(tag.imageDescription) ?? '';
  const imageJUnit = description.startsWith('ImageJ=')
    ? /^unit=(.*)$/m.exec(description)?.[1]?.trim()
    : undefined;
  const inMicrometres = imageJUnit !== undefined && /^(?:micron|um|µm|\\u00B5m)$/.test(imageJUnit);
  const unit = directory.number(tag.resolutionUnit, 2);
  const micrometres = inMicrometres ? 1 : unit === 3 ? 10_000 : unit === 2 ? 25_400 : null;
  if (micrometres === null) return null;
  const x = micrometres / directory.number(tag.xResolution, 0);
  const y = micrometres / directory.number(tag.yResolution, 0);
  const isTrusted = (mpp: number): boolean => mpp > 0 && mpp <= coarsestTrustedMpp;
  return isTrusted(x) && isTrusted(y) ? { x, y } : null;
}

/** Tag 42113: a number as text, `nan` too. */
function noDataOf(directory: TiffDirectory): number | null {
  const text = directory.text(tag.gdalNoData)?.trim();
  if (text === undefined || text === '') return null;
  if (/^-?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}
