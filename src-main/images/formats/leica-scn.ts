/**
 * Leica SCN: a BigTIFF whose first description is XML. It tells which directory is which level of which image, and where on the
 * slide the images lie, in nanometres. The image that covers the whole slide is the macro; the others are regions, which lie on one
 * canvas of the slide's size, as OpenSlide has it.
 */
import { GigatileError } from '../../contract/errors.ts';
import { MosaicBackend } from '../mosaic/mosaic-backend.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { scnLevel } from './leica-level.ts';
import type { ScnArea } from './leica-level.ts';
import { readScnXml } from './leica-xml.ts';
import type { ScnCollection, ScnImage } from './leica-xml.ts';
import { describeLayout } from './tiff-format.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { tiffProperties } from './tiff-properties.ts';

export const leicaScn: FileFormat = {
  id: 'scn',
  knows: ({ tiff }) => tiff !== null && isScn(tiff),
  open: (candidate, options) => Promise.resolve(openScn(candidate, options)),
};

function isScn(tiff: TiffStructure): boolean {
  const description = tiff.directories[0]?.text(tag.imageDescription) ?? '';
  return /<scn[\s>]/.test(description) && description.includes('leica');
}

/** Regions of one resolution differ by rounding only. */
const resolutionTolerance = 0.02;

function openScn({ file, tiff }: Candidate, { codecs, limits }: OpenOptions): OpenedFormat {
  const first = tiff?.directories[0];
  if (tiff === null || first === undefined) throw new TypeError('not a TIFF');
  const { where } = first;
  const collection = readScnXml(first.text(tag.imageDescription) ?? '', where);
  const regions = regionsOf(collection, where);
  const [main] = regions;
  const pages = new Map<number, TiffPage>();
  const pageOf = (ifd: number): TiffPage => {
    const known = pages.get(ifd);
    if (known !== undefined) return known;
    const page = readPage(directoryOf(tiff, ifd, where), limits);
    pages.set(ifd, page);
    return page;
  };
  const levels = main.dimensions.map((_, index) => {
    const resolutions = regions.map((region) => region.dimensions[index]?.nmPerPixel ?? 0);
    const nmPerPixel = Math.min(...resolutions);
    checkResolutions(resolutions, where);
    const areas = regions.map((region): ScnArea => ({
      page: pageOf(region.dimensions[index]?.ifd ?? 0),
      x: Math.trunc(region.offset.x / nmPerPixel),
      y: Math.trunc(region.offset.y / nmPerPixel),
    }));
    const size = {
      x: Math.ceil(collection.size.x / nmPerPixel),
      y: Math.ceil(collection.size.y / nmPerPixel),
    };
    return { size, areas, nmPerPixel };
  });
  const [base] = levels;
  const basePage = base?.areas[0]?.page;
  if (base === undefined || basePage === undefined) throw first.error('The Leica slide has no level');
  const macro = collection.images.find((image) => image.isMacro && image.isBrightfield);
  const macroIfd = macro?.dimensions[0]?.ifd;
  const whole: TiffLayout = {
    format: 'scn',
    vendor: 'leica',
    levels: [basePage],
    associated: new Map(macroIfd === undefined ? [] : [['macro', directoryOf(tiff, macroIfd, where)]]),
    mpp: mppOf(basePage.directory, base.nmPerPixel),
    objectivePower: /^[1-9]\d{0,3}$/.test(main.objective ?? '') ? Number(main.objective) : null,
    geo: null,
    bandNames: null,
    properties: {
      ...tiffProperties(basePage.directory, ['ImageDescription']),
      ...leicaProperties(collection, main),
      ...regionProperties(base.areas),
    },
    noData: null,
    missingFromFiner: false,
  };
  const backend = new MosaicBackend(
    file,
    {
      whole,
      levels: levels.map(({ size, areas }) => scnLevel(size, areas, base.size, where)),
      pages: levels.flatMap(({ areas }) => areas.map(({ page }) => page)),
    },
    codecs,
    limits,
  );
  return { backend, description: describeLayout(file.name, whole) };
}

/** The bright-field images that are no macro, and fit together. */
function regionsOf(collection: ScnCollection, where: string): [ScnImage, ...ScnImage[]] {
  const [first, ...others] = collection.images.filter((image) => !image.isMacro && image.isBrightfield);
  const unsupported = (message: string): GigatileError =>
    new GigatileError('image-unsupported', message, {
      where,
      hint: 'Export the region that you need from the scanner’s software, for example as OME-TIFF.',
    });
  if (first === undefined) {
    const sources = new Set(
      collection.images.filter((image) => !image.isMacro).map((image) => image.illumination),
    );
    const found = [...sources].map((source) => source ?? 'none given').join(', ');
    throw unsupported(
      `This Leica slide has no bright-field image besides the macro (illumination: ${found || 'no other image'}), and others ` +
        'cannot be read yet',
    );
  }
  for (const other of others) {
    if (other.objective === first.objective && other.dimensions.length === first.dimensions.length) continue;
    throw unsupported(
      `This Leica slide has regions of different kinds (objective ${first.objective} with ${first.dimensions.length} levels, ` +
        `objective ${other.objective} with ${other.dimensions.length}), which cannot be put together`,
    );
  }
  return [first, ...others];
}

function checkResolutions(resolutions: readonly number[], where: string): void {
  const [first = 0] = resolutions;
  const other = resolutions.find((value) => Math.abs(value - first) > resolutionTolerance * first);
  if (other === undefined) return;
  throw new GigatileError(
    'image-unsupported',
    `This Leica slide has regions of different resolutions (${first.toFixed(1)} and ${other.toFixed(1)} nm per pixel) in one level`,
    { where },
  );
}

function directoryOf(tiff: TiffStructure, ifd: number, where: string): TiffDirectory {
  const directory = tiff.directories[ifd];
  if (directory !== undefined) return directory;
  throw new GigatileError(
    'image-corrupt',
    `The slide's XML names directory ${ifd}, but the file has ${tiff.directories.length} of them, from 0 on`,
    { where, hint: 'The file is damaged or was not copied completely.' },
  );
}

/** From the resolution tags where they are per centimetre, as OpenSlide has it; else from the XML. */
function mppOf(directory: TiffDirectory, nmPerPixel: number): { x: number; y: number } {
  const isPerCentimetre = directory.number(tag.resolutionUnit, 2) === 3;
  const x = 10_000 / directory.number(tag.xResolution, 0);
  const y = 10_000 / directory.number(tag.yResolution, 0);
  const isSize = (value: number): boolean => value > 0 && Number.isFinite(value);
  if (isPerCentimetre && isSize(x) && isSize(y)) return { x, y };
  return { x: nmPerPixel / 1000, y: nmPerPixel / 1000 };
}

function leicaProperties(collection: ScnCollection, main: ScnImage): Record<string, string> {
  const named: readonly [name: string, value: string | null][] = [
    ['aperture', main.aperture],
    ['barcode', collection.barcode],
    ['creation-date', main.creationDate],
    ['device-model', main.deviceModel],
    ['device-version', main.deviceVersion],
    ['illumination-source', main.illumination],
    ['objective', main.objective],
  ];
  return Object.fromEntries(
    named.flatMap(([name, value]) => (value === null ? [] : [[`leica.${name}`, value]])),
  );
}

/** Where the regions lie in level 0, each and all. */
function regionProperties(areas: readonly ScnArea[]): Record<string, string> {
  const properties: Record<string, string> = {};
  const write = (key: string, values: readonly number[]): void => {
    for (const [i, name] of ['x', 'y', 'width', 'height'].entries())
      properties[key + name] = `${values[i] ?? 0}`;
  };
  for (const [i, { page, x, y }] of areas.entries()) {
    write(`openslide.region[${i}].`, [x, y, page.width, page.height]);
  }
  const left = Math.min(...areas.map(({ x }) => x));
  const top = Math.min(...areas.map(({ y }) => y));
  const right = Math.max(...areas.map(({ x, page }) => x + page.width));
  const bottom = Math.max(...areas.map(({ y, page }) => y + page.height));
  write('openslide.bounds-', [left, top, right - left, bottom - top]);
  return properties;
}
