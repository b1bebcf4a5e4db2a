/** Tiles of every TIFF-based format. */
import type { PixelType } from '../contract/image.ts';
import { GigatileError } from '../contract/errors.ts';
import type { TiffLayout } from './formats/tiff-layout.ts';
import { encodePicture } from './associated.ts';
import type { ImageFile } from './image-file.ts';
import { fetchTiles } from './remote/fetch-tiles.ts';
import type { Codecs, EncodedImage, OpenLimits, Raster } from './image-source.ts';
import type { Colours, NativeLevel, PixelBackend, TileAt } from './pixel-backend.ts';
import { copyRect, filledRaster } from './raster.ts';
import { readPage } from './tiff/page.ts';
import type { TiffPage } from './tiff/page.ts';
import { photometric as photometrics, tag } from './tiff/tags.ts';
import { isPassthrough, missingTilesOf, TiffTileReader, tileRanges } from './tiff/tile-reader.ts';

export class TiffBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner: boolean;
  readonly mask: PixelBackend | undefined;
  readonly prefetch?: NonNullable<PixelBackend['prefetch']>;
  readonly #file: ImageFile;
  readonly #layout: TiffLayout;
  readonly #codecs: Codecs;
  readonly #limits: OpenLimits;
  readonly #reader: TiffTileReader;

  constructor(file: ImageFile, layout: TiffLayout, codecs: Codecs, limits: OpenLimits, mask?: PixelBackend) {
    const [base] = layout.levels;
    if (base === undefined)
      throw new GigatileError('image-corrupt', 'The file has no image', { where: file.name });
    this.#file = file;
    this.#layout = layout;
    this.#codecs = codecs;
    this.#limits = limits;
    this.#reader = new TiffTileReader(file, codecs, missingBandValue(base, layout));
    const { channelColors } = layout;
    this.levels = layout.levels.map((page, index) => {
      const level = nativeLevel(page, base, layout.downsamples?.[index]);
      return channelColors === undefined ? level : { ...level, passthrough: false };
    });
    this.bands = base.bands;
    this.dtype = base.dtype;
    this.colours = { ...coloursOf(base), ...(channelColors && { channelColors }) };
    this.missingFromFiner = layout.missingFromFiner;
    this.mask = mask;
    if (file.isRemote) this.prefetch = (level, tiles) => this.#prefetch(level, tiles);
  }

  decodeTile(
    level: number,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | null | Promise<Raster | null> {
    const page = this.#page(level);
    return this.#reader.decode(page, row * page.columns + column, memory);
  }

  storedTile(level: number, column: number, row: number): EncodedImage | null {
    const page = this.#page(level);
    return this.#reader.stored(page, row * page.columns + column);
  }

  async associatedImage(name: string): Promise<EncodedImage> {
    const { associated, embedded } = this.#layout;
    const elsewhere = embedded?.get(name);
    if (elsewhere !== undefined) return elsewhere();
    const directory = associated.get(name);
    if (directory === undefined) throw new TypeError(`no ${name}`);
    const page = readPage(directory, this.#limits);
    const isPicture = page.dtype === 'uint8' && [1, 3, 4].includes(page.bands);
    if (!isPicture || page.width * page.height > this.#limits.maxPixels) {
      throw new GigatileError('image-unsupported', `The associated image "${name}" cannot be shown`, {
        where: page.where,
      });
    }
    return encodePicture(await this.#readWhole(page), this.#codecs);
  }

  close(): void {
    this.#file.close();
  }

  #prefetch(level: number, tiles: readonly TileAt[]): { count: number; done: Promise<void> | null } {
    const page = this.#page(level);
    const ranges = tiles.map(({ column, row }) => tileRanges(page, row * page.columns + column));
    return fetchTiles(this.#file, ranges);
  }

  async #readWhole(page: TiffPage): Promise<Raster> {
    const whole = filledRaster(page.width, page.height, page.bands, page.dtype, 255);
    const stored = Array.from({ length: page.columns * page.rows }, (_, i) => tileRanges(page, i));
    if (this.#file.isRemote) await fetchTiles(this.#file, stored).done;
    for (let row = 0; row < page.rows; row++) {
      for (let column = 0; column < page.columns; column++) {
        const tile = await this.#reader.decode(page, row * page.columns + column);
        if (tile === null) continue;
        const [x, y] = [column * page.tileWidth, row * page.tileHeight];
        const width = Math.min(tile.width, page.width - x);
        const height = Math.min(tile.height, page.height - y);
        copyRect(tile, { x: 0, y: 0 }, whole, { x, y }, width, height);
      }
    }
    return whole;
  }

  #page(level: number): TiffPage {
    const page = this.#layout.levels[level];
    if (page === undefined) throw new GigatileError('usage', `The image has no level ${level}`);
    return page;
  }
}

/** As the background of whole tiles: no-data, else white on 8-bit pictures, else 0. */
function missingBandValue(base: TiffPage, { geo, noData }: TiffLayout): number {
  return noData ?? (base.dtype === 'uint8' && geo === null ? 255 : 0);
}

function nativeLevel(page: TiffPage, base: TiffPage, downsample: number | undefined): NativeLevel {
  const missingTiles = missingTilesOf(page);
  return {
    width: page.width,
    height: page.height,
    scaleX: downsample ?? base.width / page.width,
    scaleY: downsample ?? base.height / page.height,
    tileWidth: page.tileWidth,
    tileHeight: page.tileHeight,
    storedTileWidth: page.tileWidth,
    storedTileHeight: page.storedTileHeight,
    passthrough: isPassthrough(page),
    ...(missingTiles > 0 && { missingTiles }),
  };
}

function coloursOf(page: TiffPage): Colours {
  const { photometric } = page;
  const isColour = photometric === photometrics.rgb || photometric === photometrics.ycbcr;
  // Values 1 and 2 of ExtraSamples are associated and unassociated alpha.
  const alpha = page.extraSamples.findIndex((value) => value === 1 || value === 2);
  const colourBands = page.bands - (alpha < 0 ? 0 : 1);
  return {
    natural: isColour || page.bands === 3 || colourBands === 1 || colourBands === 3,
    palette: photometric === photometrics.palette ? readPalette(page) : null,
    alphaBand: alpha < 0 ? null : page.bands - page.extraSamples.length + alpha,
  };
}

/** Tag 320: 256 reds, 256 greens, 256 blues of 16 bits. Some writers left 8-bit values there. */
function readPalette(page: TiffPage): Uint8Array {
  const map = page.directory.numbers(tag.colorMap);
  if (map.length < 768) throw page.directory.error('The palette has fewer than 256 colours');
  const shift = map.some((value) => value > 255) ? 8 : 0;
  const palette = new Uint8Array(768);
  for (let i = 0; i < 256; i++) {
    for (let band = 0; band < 3; band++) palette[i * 3 + band] = (map[band * 256 + i] ?? 0) >> shift;
  }
  return palette;
}
