/** Tiles of a DICOM slide. */
import { GigatileError } from '../../../contract/errors.ts';
import type { PixelType } from '../../../contract/image.ts';
import { ByteLru } from '../../../core/byte-lru.ts';
import { encodePicture } from '../../associated.ts';
import type { Codecs, EncodedImage, OpenLimits, Raster } from '../../image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from '../../pixel-backend.ts';
import { copyRect, filledRaster, pixelArray } from '../../raster.ts';
import type { Plane, Slide, SlideLevel } from './series.ts';
import type { SlideImage } from './slide-image.ts';
import type { TileMap } from './tile-map.ts';

/** Frames that reach into several tiles are decoded once while they are kept. */
const keptFrames = 32 * 1024 * 1024;
/** Frames that may reach into one tile. */
const mostOverlapping = 64;

export class DicomBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly #slide: Slide;
  readonly #codecs: Codecs;
  readonly #limits: OpenLimits;
  readonly #closeFiles: () => void;
  readonly #numbers = new Map<SlideImage, number>();
  readonly #frames = new ByteLru<Promise<Raster>>(keptFrames, () => this.#frameBytes);
  readonly #frameBytes: number;
  /** No light where nothing was scanned, but white glass on a colour slide. */
  readonly #gap: number | null;

  /** `channelColors`: one a band, where they are optical paths. */
  constructor(
    slide: Slide & { channelColors: string[] | null },
    name: string,
    codecs: Codecs,
    limits: OpenLimits,
    closeFiles: () => void,
  ) {
    const [base] = slide.levels;
    if (base === undefined)
      throw new GigatileError('image-corrupt', 'The series has no level', { where: name });
    const { format } = base.head;
    this.#slide = slide;
    this.#codecs = codecs;
    this.#limits = limits;
    this.#closeFiles = closeFiles;
    this.bands = format.samples === 3 ? 3 : base.planes.length;
    this.dtype = format.dtype;
    this.colours = {
      natural: this.bands === 1 || format.samples === 3,
      palette: null,
      alphaBand: null,
      ...(slide.channelColors !== null && { channelColors: slide.channelColors }),
    };
    this.levels = slide.levels.map((level) => nativeLevel(level));
    this.#frameBytes = format.rows * format.columns * this.bands * (format.dtype === 'uint8' ? 1 : 2);
    this.#gap = format.samples === 1 ? 0 : null;
  }

  decodeTile(
    level: number,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | null | Promise<Raster | null> {
    const { planes, head } = this.#level(level);
    const [first] = planes;
    if (first !== undefined && planes.length === 1) {
      const found = this.#planeTile(first, column, row, memory);
      return found ?? this.#gapTile(head.format.columns, head.format.rows);
    }
    return this.#interleaved(planes, column, row);
  }

  storedTile(level: number, column: number, row: number): EncodedImage | null {
    const [plane] = this.#level(level).planes;
    if (plane === undefined) return null;
    const frame = plane.map.frameAt(column, row);
    return frame < 0 ? null : plane.image.stored(frame);
  }

  async associatedImage(name: string): Promise<EncodedImage> {
    const open = this.#slide.associated.get(name);
    if (open === undefined) throw new TypeError(`no ${name}`);
    const image = open();
    const { head } = image;
    if (head.width * head.height > this.#limits.maxPixels || head.format.dtype !== 'uint8') {
      throw new GigatileError('image-unsupported', `The associated image "${name}" cannot be shown`, {
        where: head.file.name,
      });
    }
    const map = image.tileMap(0);
    const isOneFrame = head.width === head.format.columns && head.height === head.format.rows;
    if (image.passthrough && isOneFrame && map.frameAt(0, 0) >= 0) return image.stored(map.frameAt(0, 0));
    return encodePicture(await this.#readWhole(image, map), this.#codecs);
  }

  close(): void {
    this.#frames.clear();
    this.#closeFiles();
  }

  /** One optical path of a tile; null: a gap. */
  #planeTile(
    { image, map }: Plane,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | null | Promise<Raster> {
    if (!map.aligned) return this.#composed(image, map, column, row);
    const frame = map.frameAt(column, row);
    return frame < 0 ? null : image.decode(frame, memory);
  }

  /** Frames off the grid, each painted where it lies. */
  #composed(image: SlideImage, map: TileMap, column: number, row: number): null | Promise<Raster> {
    const { format, file } = image.head;
    const parts = map.overlapping(column, row);
    if (parts.length === 0) return null;
    if (parts.length > mostOverlapping) {
      throw new GigatileError('image-corrupt', `${parts.length} frames lie on one tile`, {
        where: `${file.name}, (0048,021A) PlanePositionSlideSequence`,
      });
    }
    return this.#paint(image, parts, column * format.columns, row * format.rows);
  }

  async #paint(
    image: SlideImage,
    parts: readonly { frame: number; x: number; y: number }[],
    left: number,
    top: number,
  ): Promise<Raster> {
    const { columns, rows, samples, dtype } = image.head.format;
    const target = filledRaster(columns, rows, samples, dtype, this.#gap ?? 255);
    for (const { frame, x, y } of parts) {
      const source = await this.#keptFrame(image, frame);
      const [dx, dy] = [x - left, y - top];
      const from = { x: Math.max(0, -dx), y: Math.max(0, -dy) };
      const to = { x: Math.max(0, dx), y: Math.max(0, dy) };
      copyRect(source, from, target, to, columns - Math.abs(dx), rows - Math.abs(dy));
    }
    return target;
  }

  #keptFrame(image: SlideImage, frame: number): Promise<Raster> {
    const number = this.#numbers.get(image) ?? this.#numbers.size;
    this.#numbers.set(image, number);
    const key = number * 2 ** 32 + frame;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const decoded = Promise.resolve(image.decode(frame));
    this.#frames.set(key, decoded);
    return decoded;
  }

  async #interleaved(planes: readonly Plane[], column: number, row: number): Promise<Raster> {
    const tiles: (Raster | null)[] = [];
    for (const plane of planes) tiles.push(await this.#planeTile(plane, column, row));
    const format = planes[0]?.image.head.format;
    const [width, height] = [format?.columns ?? 0, format?.rows ?? 0];
    const { bands, dtype } = this;
    const data = pixelArray(dtype, width * height * bands);
    for (const [band, tile] of tiles.entries()) {
      if (tile === null) continue;
      for (let from = 0, to = band; to < data.length; from++, to += bands) data[to] = tile.data[from] ?? 0;
    }
    return { width, height, bands, dtype, data };
  }

  #gapTile(width: number, height: number): Raster | null {
    return this.#gap === null ? null : filledRaster(width, height, this.bands, this.dtype, this.#gap);
  }

  async #readWhole(image: SlideImage, map: TileMap): Promise<Raster> {
    const { width, height, format } = image.head;
    const whole = filledRaster(width, height, format.samples, format.dtype, 255);
    for (let y = 0, row = 0; y < height; y += format.rows, row++) {
      for (let x = 0, column = 0; x < width; x += format.columns, column++) {
        const tile = await this.#planeTile({ image, map }, column, row);
        if (tile === null) continue;
        const [w, h] = [Math.min(format.columns, width - x), Math.min(format.rows, height - y)];
        copyRect(tile, { x: 0, y: 0 }, whole, { x, y }, w, h);
      }
    }
    return whole;
  }

  #level(level: number): SlideLevel {
    const found = this.#slide.levels[level];
    if (found === undefined) throw new GigatileError('usage', `The image has no level ${level}`);
    return found;
  }
}

function nativeLevel({ head, scaleX, scaleY, planes }: SlideLevel): NativeLevel {
  const { columns, rows } = head.format;
  const [plane] = planes;
  const missing = plane?.map.gaps ?? 0;
  return {
    width: head.width,
    height: head.height,
    scaleX,
    scaleY,
    tileWidth: columns,
    tileHeight: rows,
    storedTileWidth: columns,
    storedTileHeight: rows,
    passthrough: planes.length === 1 && plane?.map.aligned === true && plane.image.passthrough,
    ...(missing > 0 && { missingTiles: missing }),
  };
}
