/**
 * JPEG 2000 codestreams to pixels, part 1 of the standard (ISO/IEC 15444-1) without its exotica (see `unsupported`): any number of
 * components of 1 to 16 bits, signed or not, subsampled, any tiling and offset, all progressions, both wavelets, all code-block
 * styles, regions of interest. Plain TypeScript: damaged bytes can do no more than give an error or wrong pixels.
 *
 * Why not OpenJPEG's WebAssembly alone: see workers/codecs/jpeg2000-codec.ts.
 */
import type { PixelType } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { Raster } from '../image-source.ts';
import { pixelArray } from '../raster.ts';
import { decodeBlock } from './block-decoder.ts';
import { corrupt, marker, readMainHeader, readTileHeader, readTilePart, unsupported } from './codestream.ts';
import type { Component, ImageSize, MainHeader, TileCoding } from './codestream.ts';
import { readPackets } from './packets.ts';
import { coarser, layOutTile, tileRect } from './tile-layout.ts';
import type { Band, Rect, TileComponent } from './tile-layout.ts';
import { inverseWavelet } from './wavelet.ts';

/** Each takes four bytes, twice in the last step. */
export const mostTileSamples = 2 ** 26;

export interface DecodeOptions {
  /** Finest resolutions to leave out. */
  reduce?: number;
  /** More pixels (of the result) than this are refused. */
  maxPixels: number;
}

/**
 * The components of a codestream as bands. One with fewer samples than others (subsampled) is spread over their grid; one with
 * fewer bits keeps its values. Type: the smallest that all components fit into, signed where they are signed.
 *
 * @throws {GigatileError} image-corrupt, image-unsupported, image-too-large
 */
export function decodeCodestream(bytes: Uint8Array, options: DecodeOptions): Raster {
  const main = readMainHeader(bytes);
  if (main === null) throw corrupt('it ends in its header');
  const reduce = options.reduce ?? 0;
  checkDecodable(main, reduce);
  const { width, height } = resultSize(main, reduce, options.maxPixels);
  const scale = 2 ** reduce;
  const { size } = main;
  const area = coarser(size, scale, scale);
  const bands = size.components.length;
  const tiles = tileParts(bytes, main);
  const dtype = typeOf(size.components);
  const raster: Raster = { width, height, bands, dtype, data: pixelArray(dtype, width * height * bands) };
  for (const [index, parts] of tiles) {
    const rect = tileRect(size, index);
    if (rect === null) throw corrupt(`tile ${index} is outside the image`);
    decodeTile(main, rect, parts, reduce, (component, plane, planeRect) =>
      place(raster, area, component, plane, planeRect, rect, size, scale),
    );
  }
  return raster;
}

/**
 * Size of what a codestream decodes to. Nothing of that size has been allocated yet.
 *
 * @throws {GigatileError} image-corrupt, image-too-large
 */
export function resultSize(
  main: MainHeader,
  reduce: number,
  maxPixels: number,
): { width: number; height: number } {
  const area = coarser(main.size, 2 ** reduce, 2 ** reduce);
  const [width, height] = [area.x1 - area.x0, area.y1 - area.y0];
  const bands = main.size.components.length;
  if (width < 1 || height < 1) throw corrupt(`nothing is left of it after it was halved ${reduce} times`);
  if (width * height > maxPixels || width * height * bands > maxPixels * 4) {
    throw new GigatileError(
      'image-too-large',
      `A JPEG 2000 image of ${width} x ${height} pixels and ${bands} bands is larger than the limit of ${maxPixels}`,
    );
  }
  return { width, height };
}

/** Type of the pixels that components come as. @throws {GigatileError} image-unsupported */
export function typeOf(components: readonly Component[]): PixelType {
  const bits = Math.max(...components.map((component) => component.precision));
  const signed = components[0]?.signed ?? false;
  if (components.some((component) => component.signed !== signed)) {
    throw unsupported('some components that are signed and some that are not');
  }
  if (bits > 16) throw unsupported(`samples of ${bits} bits`);
  return bits <= 8 ? (signed ? 'int8' : 'uint8') : signed ? 'int16' : 'uint16';
}

/** @throws {GigatileError} what of a header cannot be decoded. */
export function checkDecodable(main: MainHeader, reduce: number): void {
  if (main.highThroughput) throw unsupported('high-throughput block coding (HTJ2K)');
  typeOf(main.size.components);
  if (!Number.isInteger(reduce) || reduce < 0 || reduce > resolutionsOf(main)) {
    throw corrupt(
      `it has ${resolutionsOf(main)} smaller resolutions, and the one after ${reduce} was asked for`,
    );
  }
}

/** How many times all components can be halved. */
export function resolutionsOf(main: MainHeader): number {
  return Math.min(...main.coding.components.map(({ style }) => style.levels));
}

/** Tile-parts by tile, each from its SOT to its end, in the order of the stream. */
function tileParts(bytes: Uint8Array, main: MainHeader): Map<number, Uint8Array[]> {
  const tiles = new Map<number, Uint8Array[]>();
  let at = main.length;
  while (at + 2 <= bytes.length && ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0) !== marker.eoc) {
    const { tile, length } = readTilePart(bytes, at);
    const end = length === 0 ? bytes.length : at + length;
    if (end > bytes.length) throw corrupt(`a tile-part ends ${end - bytes.length} bytes after the stream`);
    const hasEnd = length === 0 && bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
    const list = tiles.get(tile) ?? [];
    list.push(bytes.subarray(at, hasEnd ? end - 2 : end));
    tiles.set(tile, list);
    at = end;
  }
  if (tiles.size === 0) throw corrupt('it has no tile');
  return tiles;
}

type Plane = Int32Array | Float32Array;

function decodeTile(
  main: MainHeader,
  tile: Rect,
  parts: readonly Uint8Array[],
  reduce: number,
  emit: (component: number, plane: Plane, rect: Rect) => void,
): void {
  const header = readTileHeader(main, parts);
  const { coding } = header;
  for (const { style } of coding.components) {
    if (style.levels < reduce) throw corrupt(`a tile has no resolution ${reduce} times halved`);
    if ((style.blockStyle & 0x40) !== 0) throw unsupported('high-throughput block coding (HTJ2K)');
  }
  const components = layOutTile(main.size, coding, tile);
  const samples = components.reduce((sum, { rect }) => sum + (rect.x1 - rect.x0) * (rect.y1 - rect.y0), 0);
  if (samples / 4 ** reduce > mostTileSamples) {
    throw new GigatileError('image-too-large', `A JPEG 2000 tile of ${samples} samples is too large`, {
      hint: 'Convert the image to a tiled TIFF, for example with gdal_translate.',
    });
  }
  readPackets(header, components);
  const planes = components.map((component) => reconstruct(component, reduce));
  if (coding.multiComponent) undoComponentTransform(planes, coding);
  for (const [index, { plane, rect }] of planes.entries()) {
    const component = main.size.components[index];
    if (component !== undefined) emit(index, finish(plane, component), rect);
  }
}

/** Wavelet by wavelet up to the resolution that is wanted. */
function reconstruct(component: TileComponent, reduce: number): { plane: Plane; rect: Rect } {
  const { style, resolutions } = component;
  let plane: Plane = style.reversible ? new Int32Array(0) : new Float32Array(0);
  let before: Rect | null = null;
  let rect: Rect = component.rect;
  for (const [index, resolution] of resolutions.entries()) {
    if (index > style.levels - reduce) break;
    rect = resolution.rect;
    const width = rect.x1 - rect.x0;
    const length = width * (rect.y1 - rect.y0);
    const next: Plane = style.reversible ? new Int32Array(length) : new Float32Array(length);
    if (before !== null) spreadLow(plane, before, next, rect);
    for (const precinct of resolution.precincts) {
      for (const { band, blocks } of precinct.bands) {
        for (const block of blocks) {
          if (block === null) continue;
          const { x0, y0, x1, y1 } = block.rect;
          const values = decodeBlock(block, band.orientation, band.planes, style.blockStyle);
          const target =
            before === null
              ? { dx: 1, dy: 1, x: x0 - rect.x0, y: y0 - rect.y0 }
              : interleaved(band, block.rect, rect);
          for (let y = 0, i = 0; y < y1 - y0; y++) {
            let at = (target.y + y * target.dy) * width + target.x;
            for (let x = x0; x < x1; x++, i++, at += target.dx) {
              next[at] = coefficient(values[i] as number, band, component.roiShift, style.reversible);
            }
          }
        }
      }
    }
    if (before !== null) inverseWavelet(next, rect);
    plane = next;
    before = rect;
  }
  return { plane, rect };
}

/** Where a high sub-band's block lies among the interleaved samples of its resolution. */
function interleaved(band: Band, block: Rect, rect: Rect): { dx: number; dy: number; x: number; y: number } {
  const [high, low] = [band.orientation & 1, band.orientation >> 1];
  return { dx: 2, dy: 2, x: 2 * block.x0 + high - rect.x0, y: 2 * block.y0 + low - rect.y0 };
}

function spreadLow(low: Plane, from: Rect, next: Plane, rect: Rect): void {
  const [lowWidth, width] = [from.x1 - from.x0, rect.x1 - rect.x0];
  for (let y = from.y0, i = 0; y < from.y1; y++) {
    let at = (2 * y - rect.y0) * width + 2 * from.x0 - rect.x0;
    for (let x = 0; x < lowWidth; x++, i++, at += 2) next[at] = low[i] as number;
  }
}

/** From a doubled coefficient; `roiShift`: H.1, what lies above it was moved up. */
function coefficient(doubled: number, band: Band, roiShift: number, reversible: boolean): number {
  let value = doubled;
  if (roiShift > 0) {
    const magnitude = Math.abs(value);
    if (magnitude >= 2 ** (roiShift + 1)) value = Math.sign(value) * Math.floor(magnitude / 2 ** roiShift);
  }
  return reversible ? Math.trunc(value / 2) : value * 0.5 * band.step;
}

/** Annex G: the first three components back to red, green and blue. */
function undoComponentTransform(planes: readonly { plane: Plane }[], coding: TileCoding): void {
  const [first, second, third] = planes.map(({ plane }) => plane);
  if (first === undefined || second === undefined || third === undefined) {
    throw corrupt('a transform of three components where there are fewer');
  }
  const reversible = coding.components.slice(0, 3).map(({ style }) => style.reversible);
  if (first.length !== second.length || first.length !== third.length || new Set(reversible).size !== 1) {
    throw corrupt('a transform of three components that are not alike');
  }
  for (let i = 0; i < first.length; i++) {
    const [y, u, v] = [first[i] as number, second[i] as number, third[i] as number];
    if (reversible[0] === true) {
      const green = y - ((u + v) >> 2);
      first[i] = v + green;
      second[i] = green;
      third[i] = u + green;
    } else {
      first[i] = y + 1.402 * v;
      second[i] = y - 0.344_13 * u - 0.714_14 * v;
      third[i] = y + 1.772 * u;
    }
  }
}

/** Level shift (G.1), rounding, and the range that the component has. */
function finish(plane: Plane, { precision, signed }: Component): Plane {
  const half = 2 ** (precision - 1);
  const shift = signed ? 0 : half;
  const [lowest, highest] = signed ? [-half, half - 1] : [0, 2 * half - 1];
  const isFloat = plane instanceof Float32Array;
  for (let i = 0; i < plane.length; i++) {
    const value = isFloat ? Math.round(plane[i] as number) : (plane[i] as number);
    plane[i] = Math.min(highest, Math.max(lowest, value + shift));
  }
  return plane;
}

/** A tile-component's samples into the raster; each sample of a subsampled one goes to all pixels that it covers. */
function place(
  raster: Raster,
  area: Rect,
  band: number,
  plane: Plane,
  rect: Rect,
  tile: Rect,
  size: ImageSize,
  scale: number,
): void {
  const { dx, dy } = size.components[band] ?? { dx: 1, dy: 1 };
  const { data, width, bands } = raster;
  const planeWidth = rect.x1 - rect.x0;
  const goal = coarser(tile, scale, scale);
  if (planeWidth === 0 || rect.y1 === rect.y0) return;
  const clamp = (value: number, from: number, to: number): number => Math.min(to - 1, Math.max(from, value));
  for (let y = goal.y0; y < goal.y1; y++) {
    const from = (clamp(Math.floor(y / dy), rect.y0, rect.y1) - rect.y0) * planeWidth;
    let at = ((y - area.y0) * width + goal.x0 - area.x0) * bands + band;
    if (dx === 1) {
      for (let i = from; i < from + planeWidth; i++, at += bands) data[at] = plane[i] as number;
    } else {
      for (let x = goal.x0; x < goal.x1; x++, at += bands) {
        data[at] = plane[from + clamp(Math.floor(x / dx), rect.x0, rect.x1) - rect.x0] as number;
      }
    }
  }
}
