/**
 * Ventana BIF, and Ventana's TIFF without overlaps: `iScan` XML in the XMP tag of a directory; levels are the directories whose
 * description says `level=N mag=M quality=Q`. What is stored of level 0 is the camera's fields, which overlap; where `EncodeInfo`
 * says by how much, the levels are put together of them.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { OpenLimits } from '../image-source.ts';
import { MosaicBackend } from '../mosaic/mosaic-backend.ts';
import { TiffBackend } from '../tiff-backend.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { describeLayout } from './tiff-format.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { tiffProperties } from './tiff-properties.ts';
import { ventanaLevel } from './ventana-level.ts';
import { readIScan, readStitching } from './ventana-xml.ts';
import type { VentanaStitching } from './ventana-xml.ts';

export const ventanaBif: FileFormat = {
  id: 'bif',
  knows: ({ tiff }) => tiff !== null && scannerDirectory(tiff) !== null,
  open: (candidate, options) => Promise.resolve(openVentana(candidate, options)),
};

/** The directory whose XMP holds the scanner's settings; the first one in nearly all slides. */
function scannerDirectory(tiff: TiffStructure): TiffDirectory | null {
  const holds = (directory: TiffDirectory): boolean =>
    directory.has(tag.xmp) && /<(?:\w+:)?iScan[\s>/]/.test(directory.text(tag.xmp) ?? '');
  return tiff.directories.find(holds) ?? null;
}

function openVentana({ file, tiff }: Candidate, { codecs, limits }: OpenOptions): OpenedFormat {
  const scanner = tiff === null ? null : scannerDirectory(tiff);
  if (tiff === null || scanner === null) throw new TypeError('not a Ventana slide');
  const settings = readIScan(scanner.text(tag.xmp) ?? '', scanner.where);
  if (settings === null) throw scanner.error('The Ventana slide’s XML has no iScan where it belongs');
  const levels = readLevels(tiff, limits);
  const [base] = levels;
  const { page } = base;
  const xml = page.directory.text(tag.xmp) ?? '';
  // Ventana's plain TIFFs have tiles without overlaps, and say nothing about them.
  const stitching = /<EncodeInfo[\s>/]/.test(xml) ? readStitching(xml, page, page.where) : null;
  const resolution = Number((settings.get('ScanRes') ?? '').replace(',', '.'));
  const magnification = settings.get('Magnification') ?? '';
  const whole: TiffLayout = {
    format: 'bif',
    vendor: 'ventana',
    levels: stitching === null ? levels.map((level) => level.page) : [page],
    associated: associatedImages(tiff),
    mpp: resolution > 0 && Number.isFinite(resolution) ? { x: resolution, y: resolution } : null,
    objectivePower: /^[1-9]\d{0,3}$/.test(magnification) ? Number(magnification) : null,
    geo: null,
    bandNames: null,
    properties: {
      ...tiffProperties(page.directory),
      ...Object.fromEntries(
        [...settings].filter(([, value]) => value !== '').map(([name, value]) => [`ventana.${name}`, value]),
      ),
      ...(stitching !== null && regionProperties(stitching, page)),
    },
    noData: null,
    missingFromFiner: false,
  };
  const description = describeLayout(file.name, whole);
  if (stitching === null) return { backend: new TiffBackend(file, whole, codecs, limits), description };
  const mosaic = levels.map((level) => ventanaLevel(level.page, stitching, level.downsample));
  const pages = levels.map((level) => level.page);
  return { backend: new MosaicBackend(file, { whole, levels: mosaic, pages }, codecs, limits), description };
}

interface VentanaLevel {
  page: TiffPage;
  /** Whole, as each stored tile holds so many of level 0's on either axis. */
  downsample: number;
}

/** @throws {GigatileError} image-corrupt where levels are missing, out of order or of other tiles than level 0's */
function readLevels(tiff: TiffStructure, limits: OpenLimits): [VentanaLevel, ...VentanaLevel[]] {
  const levels: VentanaLevel[] = [];
  let firstMagnification = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const directory of tiff.directories) {
    const description = directory.text(tag.imageDescription) ?? '';
    if (!description.includes('level=')) continue;
    const { level, magnification } = levelNumbers(description, directory);
    if (level !== levels.length || magnification >= last) {
      throw directory.error(
        `Level ${level} (magnification ${magnification}) of the Ventana slide comes after level ${levels.length - 1}` +
          (levels.length > 0 ? ` (${last})` : ''),
      );
    }
    if (level === 0) firstMagnification = magnification;
    last = magnification;
    const page = readPage(directory, limits);
    const base = levels[0]?.page ?? page;
    if (!page.tiled || page.tileWidth !== base.tileWidth || page.tileHeight !== base.tileHeight) {
      throw directory.error(`Level ${level} of the Ventana slide has no tiles of level 0’s size`);
    }
    const downsample = firstMagnification / magnification;
    const whole = Math.round(downsample);
    if (Math.abs(downsample - whole) > 1e-6 * whole) {
      throw new GigatileError(
        'image-unsupported',
        `Level ${level} of the Ventana slide is ${downsample} times coarser than the first, which is no whole number`,
        { where: directory.where },
      );
    }
    levels.push({ page, downsample: whole });
  }
  const [base, ...others] = levels;
  if (base === undefined) {
    throw new GigatileError('image-corrupt', 'The Ventana slide has no level', {
      where: tiff.file.name,
      hint: 'The file is damaged or was not copied completely.',
    });
  }
  return [base, ...others];
}

/** `level=0 mag=40 quality=90` */
function levelNumbers(
  description: string,
  directory: TiffDirectory,
): { level: number; magnification: number } {
  const fields = new Map<string, string>();
  for (const pair of description.split(/\s+/)) {
    const [key = '', value = ''] = pair.split('=', 2);
    fields.set(key, value);
  }
  const level = Number(fields.get('level') ?? Number.NaN);
  const magnification = Number((fields.get('mag') ?? '').replace(',', '.'));
  if (!Number.isSafeInteger(level) || level < 0 || !(magnification > 0) || !Number.isFinite(magnification)) {
    throw directory.error(
      `"${description.slice(0, 80)}" does not say which level of the Ventana slide this is`,
    );
  }
  return { level, magnification };
}

const associatedNames: Readonly<Record<string, string>> = {
  'Label Image': 'macro',
  Label_Image: 'macro',
  Thumbnail: 'thumbnail',
};

/** What the scanner calls the label image shows the whole slide, label and all. */
function associatedImages(tiff: TiffStructure): Map<string, TiffDirectory> {
  const images = new Map<string, TiffDirectory>();
  for (const directory of tiff.directories) {
    const name = associatedNames[directory.text(tag.imageDescription) ?? ''];
    if (name !== undefined && !images.has(name)) images.set(name, directory);
  }
  return images;
}

/** The areas as OpenSlide gives them. */
function regionProperties(
  { areas, advanceX, advanceY }: VentanaStitching,
  { tileWidth, tileHeight }: TiffPage,
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [i, area] of areas.entries()) {
    const key = `openslide.region[${i}]`;
    properties[`${key}.x`] = String(Math.trunc(advanceX * area.firstColumn));
    properties[`${key}.y`] = String(Math.trunc(advanceY * area.firstRow));
    properties[`${key}.width`] = String(Math.ceil(advanceX * (area.columns - 1) + tileWidth));
    properties[`${key}.height`] = String(Math.ceil(advanceY * (area.rows - 1) + tileHeight));
  }
  return properties;
}
