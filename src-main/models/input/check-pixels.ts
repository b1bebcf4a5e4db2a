/** What of a model's input this image's pixels cannot give, and what the person should know about how they are given. */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageInfo, PixelType } from '../../contract/image.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { GridRequest } from '../../core/grid.ts';
import { bilinearRect } from './bilinear-rect.ts';
import { alphaBand, noDataOf, tellsNoData } from './pixel-meaning.ts';

/** 16,384 x 16,384 level-0 pixels a tile: all of them are decoded for it. */
const mostResized = 2 ** 28;

const ranges: Partial<Record<PixelType, readonly [number, number]>> = {
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** @throws {GigatileError} model-mismatch */
export function checkPixels(
  { name, input }: ModelManifest,
  info: ImageInfo,
  tiles: Pick<GridRequest, 'tileWidth' | 'tileHeight' | 'scaleX' | 'scaleY'>,
): void {
  const range = ranges[info.dtype];
  const { padValue } = input;
  if (
    padValue !== undefined &&
    range !== undefined &&
    !(Number.isInteger(padValue) && padValue >= range[0] && padValue <= range[1])
  ) {
    throw new GigatileError(
      'model-mismatch',
      `${name} is padded with ${padValue}, which is no value of ${info.dtype} pixels`,
      { where: info.name, hint: `Give a padValue from ${range[0]} to ${range[1]}, or leave it out.` },
    );
  }
  if (input.resample !== 'bilinear') return;
  const covered = bilinearRect(tiles, { x: 0, y: 0, width: tiles.tileWidth, height: tiles.tileHeight });
  if (covered.width * covered.height > mostResized) {
    throw new GigatileError(
      'model-mismatch',
      `${name} makes each tile from ${covered.width} x ${covered.height} pixels of full resolution, which are too many`,
      { where: info.name, hint: 'Set resample to "area" in gigatile.json, or pass a smaller --tile.' },
    );
  }
}

export function pixelNotes(input: ModelManifest['input'], info: ImageInfo): string[] {
  const notes: string[] = [];
  const noData = [...new Set(noDataOf(info).filter((value) => value !== null))];
  const ways = [
    ...noData.map((value) => `the value ${value}`),
    ...(info.dtype.startsWith('float') ? ['NaN or infinity'] : []),
    ...(alphaBand(info) === null ? [] : ['full transparency']),
    ...(info.validity === 'mask' ? ["the file's mask"] : []),
  ];
  if (tellsNoData(input, info) && ways.length > 0) {
    notes.push(
      `Pixels without data (told by ${ways.join(' or ')}) are given to the model as 0${
        input.tileStatistics === undefined ? '' : " and do not count in a tile's statistics"
      }.`,
    );
  }
  if (
    input.pixelValues === 'physical' &&
    info.bandInfo?.some(({ scale, offset }) => scale !== null || offset !== null) !== true
  ) {
    notes.push(
      'The model takes physical values, and the file states no scale and offset: its values are taken as they are.',
    );
  }
  return notes;
}
