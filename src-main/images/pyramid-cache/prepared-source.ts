/**
 * An image without tiles that is too large for memory. It can be opened and looked at at once; what it shows gets better while
 * the pyramid is made. Whoever wants pixels to compute with waits for the pyramid.
 */
import { associatedImage } from '../associated.ts';
import type { ImageInfo, PixelType } from '../../contract/image.ts';
import type { DisplayLook, ImageLook } from '../../contract/look.ts';
import type {
  Codecs,
  EncodedImage,
  ImageSource,
  OpenLimits,
  PixelArray,
  Raster,
  RegionRequest,
} from '../image-source.ts';
import type { PixelBackend } from '../pixel-backend.ts';
import { PyramidSource } from '../pyramid-source.ts';
import type { Description } from '../pyramid-source.ts';
import { pixelArray } from '../raster.ts';
import { Preparation } from './preparation.ts';
import type { PreparationParts } from './preparation.ts';
import { PreparedBackend, PreparedDamaged, UnfinishedBackend } from './prepared-backend.ts';
import type { PreparedFile } from './prepared-file.ts';

export interface PreparedSourceParts extends PreparationParts {
  original: PixelBackend;
  description: Description;
  codecs: Codecs;
  limits: OpenLimits;
  fingerprint: () => string;
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class PreparedSource implements ImageSource {
  readonly info: ImageInfo;
  readonly preparation: Preparation;
  readonly #parts: PreparedSourceParts;
  readonly #unfinished: UnfinishedBackend;
  /** What is shown of the image, made anew when there is more of it. */
  #shown: { source: PyramidSource; as: number } | null = null;
  #prepared: { source: PyramidSource; file: PreparedFile } | null = null;
  #empty: Promise<Uint8Array> | null = null;

  constructor(parts: PreparedSourceParts) {
    this.#parts = parts;
    this.preparation = new Preparation(parts);
    this.#unfinished = new UnfinishedBackend(parts.original, parts.plan, this.preparation);
    this.info = this.#sourceOver(this.#unfinished).info;
  }

  async displayTile(
    level: number,
    column: number,
    row: number,
    look?: DisplayLook,
  ): Promise<EncodedImage | null> {
    this.preparation.start();
    if (this.preparation.file === null) {
      const grid = this.info.display.levels[level];
      const [x, y] = [column * (grid?.tileWidth ?? 0), row * (grid?.tileHeight ?? 0)];
      if (grid === undefined || !(x >= 0 && y >= 0 && x < grid.width && y < grid.height)) return null;
      const rect = {
        x,
        y,
        width: Math.min(grid.tileWidth, grid.width - x),
        height: Math.min(grid.tileHeight, grid.height - y),
      };
      if (!this.#unfinished.covers(level, rect)) return this.#nothing(grid.tileWidth, grid.tileHeight);
    }
    return this.#look((source) => source.displayTile(level, column, row, look));
  }

  /** Of what there is: it may change with more of the image. */
  look(): Promise<ImageLook> {
    this.preparation.start();
    return this.#look((source) => source.look());
  }

  readRegion(request: RegionRequest): Promise<Raster> {
    return this.#read((source) => source.readRegion(request));
  }

  readScaled(rect: Rectangle, width: number, height: number, into?: PixelArray): Promise<Raster> {
    return this.#read((source) => source.readScaled(rect, width, height, into));
  }

  /** Does not wait: a person would rather see something coarse. */
  renderScaled(rect: Rectangle, width: number, height: number, look?: DisplayLook): Promise<EncodedImage> {
    this.preparation.start();
    return this.#look((source) => source.renderScaled(rect, width, height, look));
  }

  memory(dtype: PixelType, length: number): PixelArray {
    return pixelArray(dtype, length);
  }

  /** Images without tiles that are prepared have no masks: see formats/generic-tiff. */
  validity(): Promise<null> {
    return Promise.resolve(null);
  }

  associatedImage(name: string): Promise<EncodedImage> {
    return associatedImage(this.info, this.#parts.original, name);
  }

  async fingerprint(): Promise<string> {
    return this.#parts.fingerprint();
  }

  close(): void {
    void this.preparation.close();
    this.#shown?.source.close();
    this.#prepared?.source.close();
    this.#parts.original.close();
  }

  /** Through the prepared image, which is waited for. One that is found damaged is made again, once a read. */
  async #read<T>(read: (source: PyramidSource) => Promise<T>): Promise<T> {
    try {
      return await read(this.#over(await this.preparation.whenReady()));
    } catch (error) {
      if (!(error instanceof PreparedDamaged)) throw error;
      this.preparation.discard(error.file);
      return read(this.#over(await this.preparation.whenReady()));
    }
  }

  async #look<T>(read: (source: PyramidSource) => Promise<T>): Promise<T> {
    const { file } = this.preparation;
    if (file !== null) {
      try {
        return await read(this.#over(file));
      } catch (error) {
        if (!(error instanceof PreparedDamaged)) throw error;
        this.preparation.discard(error.file);
      }
    }
    const { shown: as } = this.preparation.view;
    if (this.#shown?.as !== as) this.#shown = { source: this.#sourceOver(this.#unfinished), as };
    return read(this.#shown.source);
  }

  #over(file: PreparedFile): PyramidSource {
    if (this.#prepared?.file !== file) {
      const backend = new PreparedBackend(this.#parts.original, this.#parts.plan, file);
      this.#prepared = { source: this.#sourceOver(backend), file };
      this.#shown = null;
    }
    return this.#prepared.source;
  }

  #sourceOver(backend: PixelBackend): PyramidSource {
    const { description, codecs, limits, fingerprint } = this.#parts;
    return new PyramidSource(backend, description, codecs, limits, fingerprint);
  }

  /** Parts that are not there yet are seen to be missing, on any ground. */
  async #nothing(width: number, height: number): Promise<EncodedImage> {
    this.#empty ??= this.#parts.codecs.encodePng(hatching(width, height));
    return { type: 'image/png', bytes: await this.#empty };
  }
}

/** Grey stripes from corner to corner, half transparent; they go on from tile to tile, whose edges are multiples of 16. */
function hatching(width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set([128, 128, 128, (x + y) % 16 < 8 ? 96 : 48], (y * width + x) * 4);
  }
  return { width, height, bands: 4, dtype: 'uint8', data };
}
