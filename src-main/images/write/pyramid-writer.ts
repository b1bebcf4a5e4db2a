/**
 * Writes a tiled pyramidal TIFF or BigTIFF while its tiles stream in, in any order and from any number of sources.
 *
 * Tiles come in encoded (this file loads no codec); memory holds eight or sixteen bytes a tile and nothing else. The
 * directories stand before the pixels, so that a viewer finds everything with one read. The file appears under its name only
 * when it is complete and on the disk; a failed or given-up write leaves nothing.
 */
import { GigatileError } from '../../contract/errors.ts';
import { bytesPerSample } from '../raster.ts';
import { AtomicFile } from './atomic-file.ts';
import { encodeDirectories } from './ifd.ts';
import { splitJpeg } from './jpeg-tables.ts';
import { planPyramid, type PlannedLevel } from './pyramid-plan.ts';
import { levelFields, reservedTableBytes, type TileIndex, type TiffDescription } from './tiff-fields.ts';

export interface PyramidTiffOptions extends TiffDescription {
  path: string;
  width: number;
  height: number;
  /** At most this many levels; by default down to the first that fits into one tile. */
  maxLevels?: number;
  /**
   * `streamed`: pixels lie in the file as they came. `cog`: ordered as a Cloud Optimized GeoTIFF wants it (smallest overview
   * first, rows of tiles within); costs one copy of the file at the end, and the disk space for it until then. `ome`: streamed, with
   * the lower levels as children of the first (SubIFDs), where OME-TIFF has them.
   */
  layout: 'streamed' | 'cog' | 'ome';
  /** Once the disk is full, tiles are only counted, so that `finish` fails with `bytesNeeded` known. By default the first one fails. */
  countWhenFull?: boolean;
  /** By default BigTIFF where the uncompressed pixels might not fit into 4 GiB. */
  bigTiff?: boolean;
}

/**
 * GDAL's ghost block (COG driver, "Header ghost area"): tells readers that the directories come first, that tiles lie in
 * order, and that each stands between its length and its last four bytes, so that one request fetches several.
 */
const cogStructure =
  'LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n' +
  'BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ';
const cogGhost = Buffer.from(
  `GDAL_STRUCTURAL_METADATA_SIZE=${String(cogStructure.length).padStart(6, '0')} bytes\n${cogStructure}`,
);

const classicLimit = 0xffffffff;

function isDiskFull(error: unknown): boolean {
  return error instanceof GigatileError && error.code === 'disk-full';
}

/** A tile between its length and its last four bytes. */
function framed(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.byteLength + 8);
  new DataView(bytes.buffer).setUint32(0, payload.byteLength, true);
  bytes.set(payload, 4);
  bytes.set(payload.subarray(-4), payload.byteLength + 4);
  return bytes;
}

export class PyramidTiffWriter {
  readonly levels: readonly PlannedLevel[];
  readonly bigTiff: boolean;
  readonly #options: PyramidTiffOptions;
  readonly #index: TileIndex[];
  /** 1 where a tile's bytes are all in the file. */
  readonly #written: Uint8Array[];
  #file: AtomicFile;
  #position: number;
  /** Bytes of tiles in the order in which they came. */
  #streamed = 0;
  #jpegTables: Uint8Array | null = null;
  #failure: unknown = null;
  /** The disk's answer since when tiles are only counted. */
  #full: unknown = null;
  #pending = 0;

  private constructor(
    options: PyramidTiffOptions,
    levels: PlannedLevel[],
    file: AtomicFile,
    bigTiff: boolean,
  ) {
    this.#options = options;
    this.levels = levels;
    this.bigTiff = bigTiff;
    this.#file = file;
    this.#index = levels.map((level) => ({
      offsets: new Float64Array(level.columns * level.rows),
      counts: new Uint32Array(level.columns * level.rows),
    }));
    this.#written = levels.map((level) => new Uint8Array(level.columns * level.rows));
    this.#position = options.layout === 'cog' ? 0 : this.#header(null).byteLength;
  }

  /** @throws {GigatileError} not-writable, disk-full, io; {RangeError} for sizes that no TIFF can have. */
  static async create(options: PyramidTiffOptions): Promise<PyramidTiffWriter> {
    const { width, height, tileSize } = options;
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
      throw new RangeError(`An image of ${width} x ${height} px cannot be written`);
    }
    if (tileSize % 16 !== 0 || tileSize <= 0) {
      throw new RangeError(`A tile size of ${tileSize} px is no multiple of 16`);
    }
    const levels = planPyramid(width, height, tileSize, options.maxLevels);
    const pixels = levels.reduce((sum, level) => sum + level.columns * level.rows * tileSize * tileSize, 0);
    const raw = pixels * options.bands * bytesPerSample(options.dtype);
    const bigTiff = options.bigTiff ?? raw * 1.01 > classicLimit;
    return new PyramidTiffWriter(options, levels, await AtomicFile.create(options.path), bigTiff);
  }

  /**
   * Stores one tile, once. For JPEG: a complete baseline stream; tables equal to the first tile's are shared.
   * The bytes may be reused when the promise has resolved.
   */
  async putTile(level: number, column: number, row: number, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const grid = this.levels[level];
    const index = this.#index[level];
    if (!grid || !index || column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) {
      throw new RangeError(`There is no tile (${column}, ${row}) in level ${level}`);
    }
    const at = row * grid.columns + column;
    if (index.counts[at] !== 0) {
      throw new RangeError(`Tile (${column}, ${row}) of level ${level} was stored before`);
    }
    const payload = this.#options.compression === 'jpeg' ? this.#shareTables(bytes) : bytes;
    const position = this.#position;
    this.#position += payload.byteLength + (payload.byteLength & 1);
    this.#streamed = this.#position;
    if (!this.bigTiff && this.#position > classicLimit) {
      throw this.#fail(new RangeError('The file grew beyond 4 GiB: it needs BigTIFF'));
    }
    index.offsets[at] = position;
    index.counts[at] = payload.byteLength;
    if (this.#full !== null) return;
    this.#pending++;
    try {
      await this.#file.write(payload, position);
      const written = this.#written[level];
      if (written) written[at] = 1;
    } catch (error) {
      if (this.#options.countWhenFull !== true || !isDiskFull(error)) throw this.#fail(error);
      this.#full = error;
    } finally {
      this.#pending--;
    }
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#position;
  }

  /** What the disk has to hold before the file has its name, once all tiles are put: of a COG also the copy that is put into order. */
  get bytesNeeded(): number {
    if (this.#options.layout !== 'cog') return this.#position;
    const framing = this.#index.reduce((sum, { counts }) => sum + 8 * counts.length, 0);
    const tiles = this.#index.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
    return this.#streamed + this.#header(this.#jpegTables).byteLength + tiles + framing;
  }

  /** A tile's bytes as they were put, before `finish`; null where it was not put, or is not wholly written yet. */
  async readTile(level: number, column: number, row: number): Promise<Uint8Array | null> {
    const index = this.#index[level];
    const at = row * (this.levels[level]?.columns ?? 0) + column;
    if (index === undefined || !this.hasTile(level, column, row)) return null;
    return this.#file.read(index.offsets[at] ?? 0, index.counts[at] ?? 0);
  }

  /** `readTile` would give it. */
  hasTile(level: number, column: number, row: number): boolean {
    const at = row * (this.levels[level]?.columns ?? 0) + column;
    return this.#failure === null && this.#written[level]?.[at] === 1;
  }

  /**
   * Writes the directories, forces everything to the disk and gives the file its name.
   * @throws {GigatileError} internal where a tile is missing; not-writable, disk-full, io. Nothing is left then.
   */
  async finish(): Promise<{ bytes: number }> {
    try {
      if (this.#failure !== null) throw this.#failure;
      if (this.#pending > 0) throw new RangeError(`${this.#pending} tiles are still being written`);
      this.levels.forEach((level, i) => {
        const missing = this.#index[i]?.counts.indexOf(0) ?? -1;
        if (missing >= 0) {
          throw new GigatileError(
            'internal',
            `Tile (${missing % level.columns}, ${Math.floor(missing / level.columns)}) of level ${i} was never written`,
            { where: this.#options.path },
          );
        }
      });
      if (this.#full !== null) throw this.#full;
      if (this.#options.layout === 'cog') await this.#order();
      else await this.#file.write(this.#header(this.#jpegTables), 0);
      await this.#file.commit();
      return { bytes: this.#position };
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  /** Gives the write up and removes what was written. Does nothing after `finish`. Idempotent. */
  async abort(): Promise<void> {
    this.#failure ??= new GigatileError('cancelled', 'Writing was given up', { where: this.#options.path });
    await this.#file.discard();
  }

  #fail(error: unknown): unknown {
    this.#failure ??= error;
    return error;
  }

  #shareTables(bytes: Uint8Array): Uint8Array {
    const split = splitJpeg(bytes);
    if (this.#jpegTables === null && split.tables.byteLength <= reservedTableBytes) {
      this.#jpegTables = split.tables;
    }
    const same = this.#jpegTables !== null && Buffer.compare(this.#jpegTables, split.tables) === 0;
    return same ? split.abbreviated : split.complete;
  }

  /** The start of the file; while the tables are unknown (null) with the most room that they may take. */
  #header(tables: Uint8Array | null): Uint8Array {
    const directories = this.levels.map((level, i) =>
      levelFields(this.#options, {
        index: i,
        downsample: this.#options.width / level.width,
        width: level.width,
        height: level.height,
        tiles: this.#index[i] as TileIndex,
        jpegTables: tables ?? new Uint8Array(reservedTableBytes),
        bigTiff: this.bigTiff,
      }),
    );
    const { layout } = this.#options;
    return encodeDirectories(directories, this.bigTiff, {
      ghost: layout === 'cog' ? cogGhost : undefined,
      nested: layout === 'ome',
    });
  }

  /** Copies the tiles into a second file, in the order of a COG, behind the directories. */
  async #order(): Promise<void> {
    const from = this.#file;
    const old = this.#index.map((index) => index.offsets.slice());
    let position = this.#header(this.#jpegTables).byteLength;
    for (const index of this.#index.toReversed()) {
      for (let i = 0; i < index.counts.length; i++) {
        index.offsets[i] = position + 4;
        position += (index.counts[i] as number) + 8;
      }
    }
    const to = await AtomicFile.create(this.#options.path);
    try {
      if (!this.bigTiff && position > classicLimit) {
        throw new RangeError('The file grew beyond 4 GiB: it needs BigTIFF');
      }
      await to.write(this.#header(this.#jpegTables), 0);
      for (const [level, index] of this.#index.entries()) {
        for (let i = 0; i < index.counts.length; i++) {
          const payload = await from.read(old[level]?.[i] as number, index.counts[i] as number);
          await to.write(framed(payload), (index.offsets[i] as number) - 4);
        }
      }
    } catch (error) {
      await to.discard();
      throw error;
    }
    this.#file = to;
    this.#position = position;
    await from.discard();
  }
}
