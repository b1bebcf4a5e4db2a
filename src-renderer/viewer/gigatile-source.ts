/** An OpenSeadragon tile source over the engine's display tiles. */
import OpenSeadragon from 'openseadragon';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { DisplayLook } from '../../src-main/contract/look.ts';
import type { Connection } from '../client/connection.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { LevelGeometry } from './level-geometry.ts';

export class GigatileSource extends OpenSeadragon.TileSource {
  readonly #geometry: LevelGeometry;
  readonly #connection: Connection;
  readonly #imageId: string;
  readonly #look: DisplayLook | null;
  readonly #edition: number;
  readonly #requests = new WeakMap<object, AbortController>();

  /**
   * @param look null: the image's default
   * @param edition tells apart what the same tiles were like earlier, of an image that is still being prepared
   */
  constructor(
    connection: Connection,
    image: ImageInfo & { id: string },
    look: DisplayLook | null,
    edition = 0,
  ) {
    const geometry = new LevelGeometry(image);
    const finest = geometry.level(geometry.maxLevel);
    super({
      width: image.width,
      height: image.height,
      tileWidth: finest.tileWidth,
      tileHeight: finest.tileHeight,
      minLevel: 0,
      maxLevel: geometry.maxLevel,
    });
    this.#geometry = geometry;
    this.#connection = connection;
    this.#imageId = image.id;
    this.#look = look;
    this.#edition = edition;
  }

  override getLevelScale(level: number): number {
    return this.#geometry.scale(level);
  }

  override getTileWidth(level: number): number {
    return this.#geometry.level(level).tileWidth;
  }

  override getTileHeight(level: number): number {
    return this.#geometry.level(level).tileHeight;
  }

  override getNumTiles(level: number): OpenSeadragon.Point {
    return new OpenSeadragon.Point(this.#geometry.columns(level), this.#geometry.rows(level));
  }

  override getTileAtPoint(level: number, point: OpenSeadragon.Point): OpenSeadragon.Tile {
    const { column, row } = this.#geometry.tileAt(level, point.x, point.y);
    // The declared return type is wrong upstream: column and row as a point.
    return new OpenSeadragon.Point(column, row) as unknown as OpenSeadragon.Tile;
  }

  override getTileBounds(level: number, column: number, row: number, isSource?: boolean): OpenSeadragon.Rect {
    const { x, y, width, height } =
      isSource === true
        ? this.#geometry.source(level, column, row)
        : this.#geometry.bounds(level, column, row);
    return new OpenSeadragon.Rect(x, y, width, height);
  }

  /** The number of tiles of the coarsest level decides what is kept for the first paint. */
  override getClosestLevel(): number {
    return 0;
  }

  override getTileUrl(level: number, column: number, row: number): string {
    return bytePaths.tile(this.#imageId, this.#geometry.imageLevel(level), column, row, this.#look);
  }

  override getTileHashKey(_level: number, _column: number, _row: number, url: string): string {
    return `${url}#${this.#edition}`;
  }

  override downloadTileStart(job: OpenSeadragon.ImageJob): void {
    const request = new AbortController();
    this.#requests.set(job, request);
    void this.#download(job, request.signal);
  }

  override downloadTileAbort(job: OpenSeadragon.ImageJob): void {
    this.#requests.get(job)?.abort();
  }

  async #download(job: OpenSeadragon.ImageJob, signal: AbortSignal): Promise<void> {
    try {
      const { type, data } = await this.#connection.bytes(job.src, signal);
      const bitmap = await createImageBitmap(new Blob([data], { type }));
      if (signal.aborted) bitmap.close();
      else job.finish(bitmap, null, 'imageBitmap');
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      job.fail(plainErrorOf(error).message, null);
    }
  }
}
