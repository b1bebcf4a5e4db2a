/**
 * Several images of one size and type as one of many bands: channels that are stored each on their own. Who shows some of them
 * only (withBands) decodes those only; what is decoded is shared.
 */
import { GigatileError } from '../contract/errors.ts';
import type { PixelType } from '../contract/image.ts';
import { ByteLru } from '../core/byte-lru.ts';
import type { EncodedImage, Raster } from './image-source.ts';
import type { Colours, NativeLevel, PixelBackend, TileAt } from './pixel-backend.ts';
import { filledRaster } from './raster.ts';

/** Decoded tiles of single channels: another choice of channels is put together from them. */
const channelBudget = 32 * 1024 * 1024;

/** One band: which image, and which of that one's bands. */
interface Source {
  image: number;
  band: number;
}

export class ChannelBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly prefetch?: NonNullable<PixelBackend['prefetch']>;
  readonly #images: readonly PixelBackend[];
  readonly #sources: readonly Source[];
  readonly #decoded: ByteLru<Raster>;

  /**
   * @param images of the same size and type; levels beyond those that all have alike are left out
   * @param of, bands with them: some bands of this other one
   * @throws {GigatileError} image-unsupported where they differ
   */
  constructor(
    images: readonly PixelBackend[],
    colours: Colours,
    where: string,
    of?: ChannelBackend,
    bands?: readonly number[],
  ) {
    const [first] = images;
    if (first === undefined) throw new GigatileError('image-corrupt', 'The image has no channel', { where });
    for (const image of images) checkAlike(first, image, where);
    const alike = first.levels.findIndex((level, i) =>
      images.some(({ levels }) => !isSameGrid(level, levels[i])),
    );
    this.levels = (alike < 0 ? first.levels : first.levels.slice(0, alike)).map((level) => {
      return { ...level, passthrough: false };
    });
    const all = images.flatMap((image, index) =>
      Array.from({ length: image.bands }, (_, band): Source => ({ image: index, band })),
    );
    this.#images = images;
    this.#sources = bands === undefined ? all : bands.flatMap((band) => all[band] ?? []);
    this.#decoded =
      of === undefined ? new ByteLru(channelBudget, (tile) => tile.data.byteLength) : of.#decoded;
    this.bands = this.#sources.length;
    this.dtype = first.dtype;
    this.colours = colours;
    if (images.some(({ prefetch }) => prefetch !== undefined)) {
      this.prefetch = (level, tiles) => this.#prefetch(level, tiles);
    }
  }

  decodeTile(level: number, column: number, row: number): Raster | null | Promise<Raster | null> {
    const used = [...new Set(this.#sources.map(({ image }) => image))];
    const found = used.map((image) => this.#channelTile(image, level, column, row));
    const join = (tiles: (Raster | null)[]): Raster | null =>
      this.#joined((image) => tiles[used.indexOf(image)] ?? null);
    const ready = found.flatMap((tile) => (tile instanceof Promise ? [] : [tile]));
    if (ready.length === found.length) return join(ready);
    return Promise.all(found.map((tile) => Promise.resolve(tile))).then(join);
  }

  storedTile(): EncodedImage | null {
    return null;
  }

  associatedImage(name: string): Promise<EncodedImage> {
    const [first] = this.#images;
    if (first?.associatedImage === undefined) return Promise.reject(new TypeError(`no ${name}`));
    return first.associatedImage(name);
  }

  withBands(bands: readonly number[]): PixelBackend {
    const { channelColors } = this.colours;
    const colours = {
      ...this.colours,
      ...(channelColors && { channelColors: bands.map((band) => channelColors[band] ?? '#ffffff') }),
    };
    return new ChannelBackend(this.#images, colours, '', this, bands);
  }

  close(): void {
    this.#decoded.clear();
    for (const image of this.#images) image.close();
  }

  #channelTile(
    image: number,
    level: number,
    column: number,
    row: number,
  ): Raster | null | Promise<Raster | null> {
    const grid = this.levels[level];
    const columns = grid === undefined ? 1 : Math.ceil(grid.width / grid.tileWidth);
    const key = (image * 64 + level) * 2 ** 34 + row * columns + column;
    const known = this.#decoded.get(key);
    if (known !== undefined) return known;
    const keep = (tile: Raster | null): Raster | null => {
      if (tile !== null) this.#decoded.set(key, tile);
      return tile;
    };
    const found = this.#images[image]?.decodeTile(level, column, row) ?? null;
    return found instanceof Promise ? found.then(keep) : keep(found);
  }

  /** null where no channel's tile is stored; a channel whose tile is missing alone is dark there. */
  #joined(tileOf: (image: number) => Raster | null): Raster | null {
    const some = this.#sources.map(({ image }) => tileOf(image)).find((tile) => tile !== null);
    if (some === undefined || some === null) return null;
    const { width, height } = some;
    const whole = filledRaster(width, height, this.bands, this.dtype, 0);
    for (const [to, { image, band }] of this.#sources.entries()) {
      const tile = tileOf(image);
      if (tile === null) continue;
      const { data, bands } = tile;
      const pixels = Math.min(width * height, data.length / bands);
      for (let i = 0, from = band, at = to; i < pixels; i++, from += bands, at += this.bands) {
        whole.data[at] = data[from] ?? 0;
      }
    }
    return whole;
  }

  #prefetch(level: number, tiles: readonly TileAt[]): { count: number; done: Promise<void> | null } {
    const used = new Set(this.#sources.map(({ image }) => image));
    const started = [...used].flatMap((image) => this.#images[image]?.prefetch?.(level, tiles) ?? []);
    const waits = started.flatMap(({ done }) => done ?? []);
    return {
      count: Math.min(...started.map(({ count }) => count)),
      done: waits.length === 0 ? null : Promise.all(waits).then(() => undefined),
    };
  }
}

function isSameGrid(a: NativeLevel, b: NativeLevel | undefined): boolean {
  return (
    a.width === b?.width &&
    a.height === b.height &&
    a.tileWidth === b.tileWidth &&
    a.tileHeight === b.tileHeight
  );
}

function checkAlike(first: PixelBackend, other: PixelBackend, where: string): void {
  const [a, b] = [first.levels[0], other.levels[0]];
  if (a !== undefined && isSameGrid(a, b) && first.dtype === other.dtype) return;
  throw new GigatileError(
    'image-unsupported',
    `The channels differ: ${a?.width ?? 0} x ${a?.height ?? 0} pixels of ${first.dtype}, and ` +
      `${b?.width ?? 0} x ${b?.height ?? 0} of ${other.dtype}, or tiles of different sizes`,
    { where, hint: 'Export them again in one size and type.' },
  );
}
