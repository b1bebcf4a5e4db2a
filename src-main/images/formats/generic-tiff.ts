/**
 * TIFF without a vendor: a tiled pyramid (reduced images in the main chain or as SubIFDs), GeoTIFF and COG, or one flat image.
 */
import type { Geo } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { readGeo } from '../geo/geo-tags.ts';
import type { OpenLimits } from '../image-source.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { subfile, tag } from '../tiff/tags.ts';
import { orderLevels } from './tiff-layout.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { xmlTextElements } from './xml-scan.ts';

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
  const geo = readGeo(first, base.width, base.height);
  const isGdal = geo !== null || first.has(tag.gdalMetadata) || first.has(tag.gdalNoData);
  return {
    format: formatOf(geo, levels),
    vendor: isGdal ? 'gdal' : 'generic-tiff',
    levels,
    associated: new Map(),
    mpp: geo === null ? resolutionMpp(first) : null,
    objectivePower: null,
    geo,
    bandNames: bandNames(first, base.bands),
    noData: noDataOf(first),
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

/** Descriptions of bands in GDAL's metadata; bands without one are named by their number. */
function bandNames(directory: TiffDirectory, bands: number): string[] | null {
  const xml = directory.text(tag.gdalMetadata);
  if (xml === null) return null;
  const names = Array.from({ length: bands }, (_, band) => `band ${band + 1}`);
  let found = false;
  for (const { attributes, text } of xmlTextElements(xml, 'Item')) {
    const band = Number(attributes.get('sample') ?? Number.NaN);
    if (attributes.get('role') !== 'description' || names[band] === undefined) continue;
    names[band] = text;
    found = true;
  }
  return found ? names : null;
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
