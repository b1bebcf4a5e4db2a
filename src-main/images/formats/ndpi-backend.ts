/** Tiles of an NDPI file: restart intervals joined into JPEGs of their own. */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import type { Codecs, EncodedImage, Raster } from '../image-source.ts';
import type { Colours, NativeLevel, PixelBackend, TileAt } from '../pixel-backend.ts';
import { fetchTiles } from '../remote/fetch-tiles.ts';
import type { NdpiLevel } from './ndpi-level.ts';
import { tileHeader } from './ndpi-level.ts';
import type { RestartTable } from './restart-table.ts';

const firstRestart = 0xd0;
const endOfImage = 0xd9;

/** Tiles that are wider would make the screen load much that it does not show. */
const widestShown = 1024;
const narrowestShown = 128;
/** Bytes of a tile's JPEG, per pixel and beside them: more is no JPEG of such a tile. */
const mostBytesPerPixel = 6;
const mostBytesBeside = 65_536;

export class NdpiBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype = 'uint8';
  readonly colours: Colours = { natural: true, palette: null, alphaBand: null };
  readonly missingFromFiner = false;
  readonly prefetch?: NonNullable<PixelBackend['prefetch']>;
  readonly #file: ImageFile;
  readonly #levels: readonly NdpiLevel[];
  readonly #codecs: Codecs;
  readonly #macro: (() => EncodedImage) | null;
  /** Where JPEG streams are put together for decoding; grows to the largest tile. */
  #scratch = Buffer.allocUnsafeSlow(64 * 1024);

  constructor(
    file: ImageFile,
    levels: readonly [NdpiLevel, ...NdpiLevel[]],
    macro: (() => EncodedImage) | null,
    codecs: Codecs,
  ) {
    const [base] = levels;
    this.#file = file;
    this.#levels = levels;
    this.#macro = macro;
    this.#codecs = codecs;
    this.bands = base.bands;
    this.levels = levels.map((level) => nativeLevel(level, base));
    if (file.isRemote) this.prefetch = (level, tiles) => this.#prefetch(level, tiles);
  }

  decodeTile(level: number, column: number, row: number, memory?: Uint8Array): Raster | Promise<Raster> {
    const found = this.#level(level);
    if (found.table === null) return this.#decode(found, column, row, this.#wholeStream(found), memory);
    const { table } = found;
    const stream = this.#join(found, table, column, row, (length) => this.#scratchOf(length));
    if (stream !== null) return this.#decode(found, column, row, stream, memory);
    return this.#findAndDecode(found, table, column, row);
  }

  storedTile(level: number, column: number, row: number): EncodedImage | null {
    const found = this.#level(level);
    if (found.table === null) return null;
    const bytes = this.#join(found, found.table, column, row, (length) => Buffer.allocUnsafe(length));
    return bytes === null ? null : { type: 'image/jpeg', bytes };
  }

  associatedImage(name: string): Promise<EncodedImage> {
    const macro = this.#macro;
    if (macro === null) return Promise.reject(new TypeError(`no ${name}`));
    return new Promise((resolve) => resolve(macro()));
  }

  close(): void {
    this.#file.close();
  }

  /** Where the table of restart markers is absent or wrong. */
  async #findAndDecode(level: NdpiLevel, table: RestartTable, column: number, row: number): Promise<Raster> {
    const { first, count, runs } = runsOf(level, column, row);
    await table.find(first + (runs - 1) * level.across + count - 1);
    const stream = this.#join(level, table, column, row, (length) => this.#scratchOf(length));
    if (stream === null) throw damaged(level, column, row, 'has no restart markers');
    return this.#decode(level, column, row, stream);
  }

  /**
   * The tile as a JPEG in memory that `allocate` gives; null where the places of its intervals are not known yet, which is so
   * as well where a marker turns out not to be in its place: from then on that level's table is not used any more.
   */
  #join(
    level: NdpiLevel,
    table: RestartTable,
    column: number,
    row: number,
    allocate: (length: number) => Buffer,
  ): Buffer | null {
    const reads = readsOf(level, table, column, row);
    if (reads === null) return null;
    const { first, count } = runsOf(level, column, row);
    const header = tileHeader(level, column, row);
    const length = reads.reduce((sum, { from, to }) => sum + to - from, header.length + 2);
    if (length > level.tileWidth * level.tileHeight * mostBytesPerPixel + mostBytesBeside) {
      throw damaged(level, column, row, `claims ${length} bytes`);
    }
    const target = allocate(length);
    let at = header.length;
    for (const [run, { from, to }] of reads.entries()) {
      const index = first + run * level.across;
      // With the marker before it, to see that it is one; before the picture's first interval there is none.
      const before = index === 0 ? 0 : 2;
      this.#file.readInto(target, at - before, from - before, to - from + before, () =>
        nameOf(level, column, row),
      );
      if (before > 0 && !isRestart(target, at)) return distrusted(table);
      // Markers count from 0 in every picture; this one belonged to the interval before it in the file.
      if (run > 0) target[at - 1] = restartCode(run * count - 1);
      for (let i = 0; i < count; i++) {
        if (index + i === level.parts - 1) break;
        const end = at + (table.range(index + i)?.to ?? to) - from;
        if (!isRestart(target, end)) return distrusted(table);
        target[end - 1] = restartCode(run * count + i);
      }
      at += to - from;
    }
    header.copy(target);
    // The marker behind the last interval becomes the end of the image; behind the picture's own last one it is added.
    if (isRestart(target, at)) at -= 2;
    target[at++] = 0xff;
    target[at++] = endOfImage;
    return target.subarray(0, at);
  }

  #prefetch(index: number, tiles: readonly TileAt[]): { count: number; done: Promise<void> | null } {
    const level = this.#level(index);
    const { table, start, bytes } = level;
    const whole = { offset: start, length: bytes };
    const ranges = tiles.map(({ column, row }) => {
      if (table === null) return [whole];
      const reads = readsOf(level, table, column, row) ?? [];
      return reads.map(({ from, to }) => ({ offset: from - 2, length: to - from + 2 }));
    });
    return fetchTiles(this.#file, ranges);
  }

  #wholeStream(level: NdpiLevel): Buffer {
    const { width, height, bytes, start } = level;
    if (bytes > width * height * mostBytesPerPixel + mostBytesBeside) {
      throw damaged(level, 0, 0, `claims ${bytes} bytes`);
    }
    return this.#file.read(start, bytes, () => nameOf(level, 0, 0));
  }

  #decode(level: NdpiLevel, column: number, row: number, stream: Buffer, memory?: Uint8Array): Raster {
    const width = Math.min(level.tileWidth, level.width - column * level.tileWidth);
    const height = Math.min(level.tileHeight, level.height - row * level.tileHeight);
    const needed = width * height * level.bands;
    const into = memory !== undefined && memory.length >= needed ? memory.subarray(0, needed) : null;
    let raster: Raster;
    try {
      raster = this.#codecs.decodeJpeg(stream, into === null ? {} : { into });
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code === 'codec-missing') throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw damaged(level, column, row, `is a damaged JPEG: ${why}`);
    }
    if (raster.width !== width || raster.height !== height || raster.bands !== level.bands) {
      throw damaged(level, column, row, `is a JPEG of ${raster.width} x ${raster.height} pixels`);
    }
    return raster;
  }

  #scratchOf(length: number): Buffer {
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafeSlow(length * 2);
    return this.#scratch;
  }

  #level(index: number): NdpiLevel {
    const level = this.#levels[index];
    if (level === undefined) throw new GigatileError('usage', `The image has no level ${index}`);
    return level;
  }
}

function nativeLevel(level: NdpiLevel, base: NdpiLevel): NativeLevel {
  const { width, height, tileWidth, tileHeight } = level;
  const isHandy = (size: number): boolean => size >= narrowestShown && size <= widestShown;
  return {
    width,
    height,
    scaleX: base.width / width,
    scaleY: base.height / height,
    tileWidth,
    tileHeight,
    storedTileWidth: level.partWidth,
    storedTileHeight: level.partHeight,
    passthrough: level.table !== null && isHandy(tileWidth) && isHandy(tileHeight),
  };
}

/**
 * The intervals of a tile: `runs` rows of `count` that follow each other in the file. A tile as wide as the level is one run.
 */
function runsOf(
  level: NdpiLevel,
  column: number,
  row: number,
): { first: number; count: number; runs: number } {
  const { across, tileAcross, tileDown } = level;
  const first = row * tileDown * across + column * tileAcross;
  const count = Math.min(tileAcross, across - column * tileAcross);
  const runs = Math.min(tileDown, level.parts / across - row * tileDown);
  return count === across ? { first, count: count * runs, runs: 1 } : { first, count, runs };
}

/** Where the bytes of a tile's runs lie in the file; null where that is not known yet. */
function readsOf(
  level: NdpiLevel,
  table: RestartTable,
  column: number,
  row: number,
): { from: number; to: number }[] | null {
  const { first, count, runs } = runsOf(level, column, row);
  const reads: { from: number; to: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const index = first + run * level.across;
    const [start, end] = [table.range(index), table.range(index + count - 1)];
    if (start === null || end === null) return null;
    reads.push({ from: start.from, to: end.to });
  }
  return reads;
}

/** Whether a restart marker stands before `end`. */
function isRestart(bytes: Buffer, end: number): boolean {
  const code = bytes[end - 1] ?? 0;
  return bytes[end - 2] === 0xff && code >= firstRestart && code <= firstRestart + 7;
}

function restartCode(index: number): number {
  return firstRestart + (index & 7);
}

function distrusted(table: RestartTable): null {
  table.distrust();
  return null;
}

function nameOf(level: NdpiLevel, column: number, row: number): string {
  return `${level.where}: tile at column ${column}, row ${row}`;
}

function damaged(level: NdpiLevel, column: number, row: number, what: string): GigatileError {
  return new GigatileError('image-corrupt', `A tile of the image ${what}`, {
    where: nameOf(level, column, row),
    hint: 'The file is damaged there; other parts may be fine.',
  });
}
