/**
 * A small MIRAX slide: a `.mrxs` (a JPEG picture) and its folder with Slidedat.ini, Index.dat and Data0000.dat. Written from what
 * OpenSlide's reader expects of them: images of the camera without overlap and without a map of positions, and levels whose images
 * hold 2 x 2 of the level before.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Codecs, Raster } from '../../../src-main/images/image-source.ts';
import { pictureAt } from './picture.ts';

export interface MiraxOptions {
  /** Images of the camera across and down. */
  columns: number;
  rows: number;
  levels: number;
  /** Edge of an image, px. */
  size: number;
  mpp: number;
  objective: number;
  /** Images (column, row of level 0) that were not taken: background. */
  missing?: (column: number, row: number) => boolean;
  /** Background, 0xBBGGRR as the format has it. */
  fillBgr?: number;
}

export const miraxDefaults: MiraxOptions = {
  columns: 12,
  rows: 8,
  levels: 3,
  size: 96,
  mpp: 0.25,
  objective: 40,
};

const version = '01.02';
const slideId = '0123456789ABCDEF0123456789ABCDEF';

interface StoredImage {
  index: number;
  offset: number;
  length: number;
}

/** Writes `<folder>/<name>.mrxs` and `<folder>/<name>/`; returns the former's path. */
export function forgeMirax(
  folder: string,
  name: string,
  codecs: Pick<Codecs, 'encodeJpeg'>,
  options: Partial<MiraxOptions> = {},
): string {
  const all = { ...miraxDefaults, ...options };
  const inside = join(folder, name);
  mkdirSync(inside, { recursive: true });
  const data: Buffer[] = [Buffer.from(version + slideId, 'latin1')];
  let end = data[0]?.length ?? 0;
  const put = (raster: Raster): { offset: number; length: number } => {
    const bytes = Buffer.from(codecs.encodeJpeg(raster, 92));
    data.push(bytes);
    end += bytes.length;
    return { offset: end - bytes.length, length: bytes.length };
  };
  const levels = Array.from({ length: all.levels }, (_, level) => imagesOf(all, level, put));
  writeFileSync(join(inside, 'Data0000.dat'), Buffer.concat(data));
  writeFileSync(join(inside, 'Index.dat'), indexOf(levels));
  writeFileSync(join(inside, 'Slidedat.ini'), iniOf(all));
  const path = join(folder, `${name}.mrxs`);
  writeFileSync(path, codecs.encodeJpeg(pictureAt(0, 0, 64, 48, 8), 80));
  return path;
}

function imagesOf(
  { columns, rows, size, missing }: MiraxOptions,
  level: number,
  put: (raster: Raster) => { offset: number; length: number },
): StoredImage[] {
  const step = 2 ** level;
  const images: StoredImage[] = [];
  for (let row = 0; row < rows; row += step) {
    for (let column = 0; column < columns; column += step) {
      if (missing?.(column, row) === true) continue;
      const raster = pictureAt((column / step) * size, (row / step) * size, size, size, step);
      images.push({ index: row * columns + column, ...put(raster) });
    }
  }
  return images;
}

/** Roots, then a pointer a level, then for each level a head and one page of records. */
function indexOf(levels: readonly StoredImage[][]): Buffer {
  const start = version.length + slideId.length;
  const int = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, i) => bytes.writeInt32LE(value, i * 4));
    return bytes;
  };
  const table = start + 8;
  let at = table + levels.length * 4;
  const pointers: number[] = [];
  const blocks = levels.map((images) => {
    pointers.push(at);
    const page = at + 8;
    const records = images.flatMap(({ index, offset, length }) => [index, offset, length, 0]);
    const block = int(0, page, images.length, 0, ...records);
    at += block.length;
    return block;
  });
  return Buffer.concat([
    Buffer.from(version + slideId, 'latin1'),
    int(table, at),
    int(...pointers),
    ...blocks,
    int(0, 0),
  ]);
}

function iniOf({ columns, rows, levels, size, mpp, objective, fillBgr }: MiraxOptions): string {
  const sections = Array.from({ length: levels }, (_, level) => level);
  const lines = [
    '[GENERAL]',
    `SLIDE_VERSION = ${version}`,
    `SLIDE_ID = ${slideId}`,
    'SLIDE_NAME = forged',
    `IMAGENUMBER_X = ${columns}`,
    `IMAGENUMBER_Y = ${rows}`,
    `OBJECTIVE_MAGNIFICATION = ${objective}`,
    'CameraImageDivisionsPerSide = 1',
    '',
    '[HIERARCHICAL]',
    'HIER_COUNT = 1',
    'NONHIER_COUNT = 0',
    'INDEXFILE = Index.dat',
    'HIER_0_NAME = Slide zoom level',
    `HIER_0_COUNT = ${levels}`,
    ...sections.flatMap((level) => [
      `HIER_0_VAL_${level} = ZoomLevel_${level}`,
      `HIER_0_VAL_${level}_SECTION = LAYER_0_LEVEL_${level}_SECTION`,
    ]),
    '',
    '[DATAFILE]',
    'FILE_COUNT = 1',
    'FILE_0 = Data0000.dat',
    ...sections.flatMap((level) => [
      '',
      `[LAYER_0_LEVEL_${level}_SECTION]`,
      'OVERLAP_X = 0',
      'OVERLAP_Y = 0',
      `MICROMETER_PER_PIXEL_X = ${mpp * 2 ** level}`,
      `MICROMETER_PER_PIXEL_Y = ${mpp * 2 ** level}`,
      `IMAGE_FILL_COLOR_BGR = ${fillBgr ?? 0xffffff}`,
      `DIGITIZER_WIDTH = ${size}`,
      `DIGITIZER_HEIGHT = ${size}`,
      'IMAGE_FORMAT = JPEG',
      `IMAGE_CONCAT_FACTOR = ${level === 0 ? 0 : 1}`,
    ]),
    '',
  ];
  return lines.join('\r\n');
}
