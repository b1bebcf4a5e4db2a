/**
 * Trestle: every directory is a tiled level; neighbouring tiles show the same strip of the slide, whose width the description
 * gives per level (OverlapsXY), so that a level is smaller than its directory says. The macro image lies beside the file.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { ImageFile } from '../image-file.ts';
import type { EncodedImage, OpenLimits } from '../image-source.ts';
import type { MosaicLevel, MosaicPiece } from '../mosaic/mosaic.ts';
import { MosaicBackend } from '../mosaic/mosaic-backend.ts';
import type { Rectangle } from '../tile-store.ts';
import { jpegFrame } from '../tiff/jpeg-stream.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import { missingTilesOf } from '../tiff/tile-reader.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { describeLayout } from './tiff-format.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { tiffProperties } from './tiff-properties.ts';

/** A macro image is a photograph: far below this. */
const largestMacroBytes = 64 * 1024 * 1024;
const headBytes = 64 * 1024;

interface Overlap {
  x: number;
  y: number;
}

export const trestle: FileFormat = {
  id: 'trestle',
  knows: ({ tiff }) => tiff !== null && isTrestle(tiff),
  open: (candidate, options) => Promise.resolve(openTrestle(candidate, options)),
};

function isTrestle(tiff: TiffStructure): boolean {
  const [first] = tiff.directories;
  return (
    first?.text(tag.software)?.startsWith('MedScan') === true &&
    first.has(tag.imageDescription) &&
    tiff.directories.every((directory) => directory.has(tag.tileWidth))
  );
}

function openTrestle({ file, tiff }: Candidate, { codecs, limits }: OpenOptions): OpenedFormat {
  const first = tiff?.directories[0];
  if (tiff === null || first === undefined) throw new TypeError('not a TIFF');
  const properties = trestleProperties(first.text(tag.imageDescription) ?? '');
  const overlaps = readOverlaps(properties.get('OverlapsXY') ?? '', first.where);
  const pages = tiff.directories.map((directory) => readPage(directory, limits));
  const base = pages[0];
  if (base === undefined) throw first.error('The Trestle slide has no level');
  const levels = pages.map((page, index) => levelOf(page, overlaps[index] ?? { x: 0, y: 0 }));
  const objective = properties.get('Objective Power') ?? '';
  const [x, y] = [first.number(tag.xResolution, 0), first.number(tag.yResolution, 0)];
  const isSize = (value: number): boolean => value > 0 && Number.isFinite(value);
  const whole: TiffLayout = {
    format: 'trestle',
    vendor: 'trestle',
    levels: [base],
    associated: new Map(),
    embedded: macroBeside(file, limits),
    // The resolution tags hold micrometres per pixel, whatever their unit says.
    mpp: isSize(x) && isSize(y) ? { x, y } : null,
    objectivePower: /^[1-9]\d{0,3}$/.test(objective) ? Number(objective) : null,
    geo: null,
    bandNames: null,
    properties: {
      ...tiffProperties(first),
      ...Object.fromEntries([...properties].map(([name, value]) => [`trestle.${name}`, value])),
    },
    noData: null,
    missingFromFiner: false,
  };
  return {
    backend: new MosaicBackend(file, { whole, levels: scaled(levels, pages), pages }, codecs, limits),
    description: describeLayout(file.name, whole),
  };
}

/** `name=value;name=value`, the last of repeated names. */
function trestleProperties(description: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const part of description.split(';')) {
    const at = part.indexOf('=');
    if (at >= 0) properties.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return properties;
}

/** Two numbers a level; levels beyond them have no overlap. */
function readOverlaps(text: string, where: string): Overlap[] {
  const values = text.split(/\s+/).filter((value) => value !== '');
  if (!values.every((value) => /^\d{1,6}$/.test(value))) {
    throw new GigatileError(
      'image-corrupt',
      `The Trestle slide gives its tiles the overlaps "${text.slice(0, 60)}"`,
      {
        where,
      },
    );
  }
  return Array.from({ length: values.length >> 1 }, (_, index) => ({
    x: Number(values[index * 2]),
    y: Number(values[index * 2 + 1]),
  }));
}

type UnscaledLevel = Omit<MosaicLevel, 'scaleX' | 'scaleY'>;

function levelOf(page: TiffPage, overlap: Overlap): UnscaledLevel {
  const { tileWidth, tileHeight, columns, rows } = page;
  // Above a half, tiles would have to be decoded for little or nothing of them: no scanner does that.
  if (overlap.x * 2 > tileWidth || overlap.y * 2 > tileHeight) {
    throw page.directory.error(
      `Tiles of ${tileWidth} x ${tileHeight} pixels would overlap by ${overlap.x} x ${overlap.y}`,
    );
  }
  const across = axisOf(page.width, tileWidth, columns, overlap.x);
  const down = axisOf(page.height, tileHeight, rows, overlap.y);
  return {
    width: across.size,
    height: down.size,
    tileWidth: across.advance,
    tileHeight: down.advance,
    storedTileWidth: tileWidth,
    storedTileHeight: tileHeight,
    isAligned: overlap.x === 0 && overlap.y === 0,
    missingTiles: missingTilesOf(page),
    piecesIn: (rect) => piecesIn(page, across, down, rect),
  };
}

/** Where tiles overlap, the one that begins last is shown: each from its corner to the next one's. */
interface Axis {
  size: number;
  /** From one tile's corner to the next one's. */
  advance: number;
  /** The tiles that show something between two places, where they begin, and how much of them is shown. */
  tilesIn(from: number, to: number): { index: number; at: number; length: number }[];
}

function axisOf(stored: number, tile: number, count: number, overlap: number): Axis {
  const advance = tile - overlap;
  const tileAt = (place: number): number => Math.min(count - 1, Math.floor(place / advance));
  const size = stored - (count - 1) * overlap;
  return {
    size,
    advance,
    tilesIn(from, to) {
      const [left, right] = [Math.max(0, from), Math.min(size, to)];
      if (right <= left) return [];
      const first = tileAt(left);
      return Array.from({ length: tileAt(right - 1) - first + 1 }, (_, i) => {
        const index = first + i;
        return { index, at: index * advance, length: index === count - 1 ? size - index * advance : advance };
      });
    },
  };
}

function piecesIn(page: TiffPage, across: Axis, down: Axis, rect: Rectangle): MosaicPiece[] {
  const columns = across.tilesIn(rect.x, rect.x + rect.width);
  return down.tilesIn(rect.y, rect.y + rect.height).flatMap((row) =>
    columns.map((column) => ({
      page,
      index: row.index * page.columns + column.index,
      from: { x: 0, y: 0, width: column.length, height: row.length },
      x: column.at,
      y: row.at,
    })),
  );
}

function scaled(levels: readonly UnscaledLevel[], pages: readonly TiffPage[]): MosaicLevel[] {
  return levels.map((level, index) => {
    const [base, before] = [levels[0] ?? level, levels[index - 1]];
    if (before !== undefined && (level.width >= before.width || level.height > before.height)) {
      throw new GigatileError(
        'image-corrupt',
        `A level of the Trestle slide has ${level.width} x ${level.height} pixels after one of ${before.width} x ${before.height}`,
        { where: pages[index]?.where ?? '' },
      );
    }
    return { ...level, scaleX: base.width / level.width, scaleY: base.height / level.height };
  });
}

/** `slide.Full` beside `slide.tif`, where it is a JPEG. */
function macroBeside(file: ImageFile, limits: OpenLimits): Map<string, () => EncodedImage> {
  const images = new Map<string, () => EncodedImage>();
  if (file.isRemote) return images;
  const path = `${file.path.replace(/\.[^./\\]*$/, '')}.Full`;
  if (!existsSync(path) || readMacro(path, headBytes, limits) === null) return images;
  images.set('macro', () => {
    const bytes = readMacro(path, largestMacroBytes, limits);
    if (bytes === null) {
      throw new GigatileError('image-corrupt', 'The macro image beside the slide cannot be shown', {
        where: basename(path),
      });
    }
    return { type: 'image/jpeg', bytes };
  });
  return images;
}

/** Its first bytes; null where they are no JPEG of an allowed size, or cannot be read: the slide is none the worse for it. */
function readMacro(path: string, most: number, limits: OpenLimits): Buffer | null {
  let file: ImageFile | null = null;
  try {
    file = ImageFile.open(path);
    const bytes = file.read(0, Math.min(file.size, most), 'The macro image');
    const frame = jpegFrame(bytes);
    return frame === null || frame.width * frame.height > limits.maxPixels ? null : bytes;
  } catch (error) {
    if (error instanceof GigatileError) return null;
    throw error;
  } finally {
    file?.close();
  }
}
