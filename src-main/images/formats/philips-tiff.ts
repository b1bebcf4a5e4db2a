/**
 * Philips' TIFF: tiled levels whose sizes are rounded up to whole tiles, so that how much smaller a level is has to be taken from
 * the pixel spacings in the XML (philips-xml.ts). Tiles that are not stored are glass.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { EncodedImage, OpenLimits } from '../image-source.ts';
import { jpegFrame } from '../tiff/jpeg-stream.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import type { OffsetArray } from '../tiff/tag-values.ts';
import { subfile, tag } from '../tiff/tags.ts';
import { isPhilipsXml, readPhilipsXml } from './philips-xml.ts';
import type { PhilipsSlide, PixelSpacing } from './philips-xml.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { tiffProperties } from './tiff-properties.ts';

const xmlImages = { label: 'LABELIMAGE', macro: 'MACROIMAGE' } as const;
/** Of base64: enough for a JPEG's header, wherever somebody's metadata does not go before it. */
const headCharacters = 64 * 1024;

export function isPhilipsTiff(tiff: TiffStructure): boolean {
  const [first] = tiff.directories;
  if (first === undefined || first.text(tag.software)?.startsWith('Philips') !== true) return false;
  return isPhilipsXml(first.text(tag.imageDescription) ?? '');
}

export function readPhilipsTiff(tiff: TiffStructure, limits: OpenLimits): TiffLayout {
  const [first] = tiff.directories;
  if (first === undefined)
    throw new GigatileError('image-corrupt', 'The file has no image', { where: tiff.file.name });
  const slide = readSlide(first);
  const tiled = tiff.directories.filter((directory) => directory.has(tag.tileWidth));
  const pages = tiled.map((directory, index) => levelPage(directory, index, limits));
  const [base] = pages;
  if (base === undefined) throw first.error('The Philips slide has no tiled level');
  const downsamples = downsamplesOf(slide.levels, pages.length, first);
  const { spacing } = slide;
  const associated = associatedDirectories(tiff);
  return {
    format: 'philips-tiff',
    vendor: 'philips',
    levels: pages.map((page, index) => (index === 0 ? page : cutPage(page, base, downsamples[index] ?? 1))),
    downsamples,
    associated,
    embedded: embeddedImages(first, slide, associated, limits),
    mpp: spacing === null ? null : { x: 1000 * spacing.x, y: 1000 * spacing.y },
    objectivePower: null,
    geo: null,
    bandNames: null,
    properties: { ...tiffProperties(first, ['ImageDescription']), ...slide.properties },
    noData: null,
    missingFromFiner: false,
  };
}

function readSlide(first: TiffDirectory): PhilipsSlide {
  return readPhilipsXml(first.text(tag.imageDescription) ?? '', first.where);
}

function levelPage(directory: TiffDirectory, index: number, limits: OpenLimits): TiffPage {
  const isReduced = (directory.number(tag.newSubfileType, 0) & subfile.reduced) !== 0;
  if (index > 0 && !isReduced)
    throw directory.error('The Philips slide has a second image at full resolution');
  return readPage(directory, limits);
}

/** Whole numbers: so they are meant, and the spacings are rounded. */
function downsamplesOf(levels: readonly PixelSpacing[], count: number, first: TiffDirectory): number[] {
  const [base] = levels;
  if (base === undefined || levels.length !== count) {
    throw first.error(`The Philips slide has ${count} levels, but its XML ${levels.length} pixel spacings`);
  }
  const downsamples = levels.map(({ x, y }) => Math.round((x / base.x + y / base.y) / 2));
  for (const [index, downsample] of downsamples.entries()) {
    if (index > 0 && downsample <= (downsamples[index - 1] ?? 0)) {
      throw first.error(
        `The Philips slide's XML makes level ${index} ${downsample} times smaller than level 0`,
      );
    }
  }
  return downsamples;
}

/** The part of a level that is image: its tables without the tiles that are padding throughout. */
function cutPage(page: TiffPage, base: TiffPage, downsample: number): TiffPage {
  const width = Math.floor(base.width / downsample);
  const height = Math.floor(base.height / downsample);
  const [columns, rows] = [Math.ceil(width / page.tileWidth), Math.ceil(height / page.tileHeight)];
  if (width < 1 || height < 1 || columns > page.columns || rows > page.rows) {
    throw page.directory.error(
      `The Philips slide's XML makes this level ${width} x ${height} pixels, but ${page.width} x ${page.height} are stored`,
    );
  }
  if (page.planar || page.bands !== base.bands || page.dtype !== base.dtype) {
    throw page.directory.error('The Philips slide has levels with different kinds of pixels');
  }
  const cut = (table: OffsetArray): OffsetArray => {
    const kept = new Float64Array(columns * rows);
    for (let row = 0; row < rows; row++) {
      kept.set(table.subarray(row * page.columns, row * page.columns + columns), row * columns);
    }
    return kept;
  };
  return {
    ...page,
    width,
    height,
    columns,
    rows,
    offsets: cut(page.offsets),
    byteCounts: cut(page.byteCounts),
  };
}

/** Some files have them as images of their own. */
function associatedDirectories(tiff: TiffStructure): Map<string, TiffDirectory> {
  const associated = new Map<string, TiffDirectory>();
  for (const directory of tiff.directories) {
    if (directory.has(tag.tileWidth)) continue;
    const description = directory.text(tag.imageDescription) ?? '';
    if (description.startsWith('Label')) associated.set('label', directory);
    if (description.startsWith('Macro')) associated.set('macro', directory);
  }
  return associated;
}

/** Those in the XML, which is read again when one is asked for: they can show a patient's name, and are not kept. */
function embeddedImages(
  first: TiffDirectory,
  slide: PhilipsSlide,
  associated: ReadonlyMap<string, TiffDirectory>,
  limits: OpenLimits,
): Map<string, () => EncodedImage> {
  const images = new Map<string, () => EncodedImage>();
  for (const [name, type] of Object.entries(xmlImages)) {
    const data = associated.has(name) ? null : slide.imageData(type);
    if (data === null || !isJpeg(data)) continue;
    images.set(name, () => {
      const bytes = Buffer.from(readSlide(first).imageData(type) ?? '', 'base64');
      const frame = jpegFrame(bytes);
      if (frame === null || frame.width * frame.height > limits.maxPixels) {
        throw first.error(`The ${name} image in the slide's XML cannot be shown`);
      }
      return { type: 'image/jpeg', bytes };
    });
  }
  return images;
}

function isJpeg(base64: string): boolean {
  const head = Buffer.from(base64.slice(0, headCharacters), 'base64');
  return jpegFrame(head) !== null || jpegFrame(Buffer.from(base64, 'base64')) !== null;
}
