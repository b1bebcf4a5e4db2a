/**
 * What a segmenter said of the whole image, row by row of model pixels: the tiles' masks put together (core/segment-blend.ts). Two rows
 * of tiles are in memory.
 */
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { GigatileError } from '../contract/errors.ts';
import { SegmentBlend, type LabelRow } from '../core/segment-blend.ts';
import { compressedBody, unpackMask } from '../core/segment-mask.ts';
import { MaskRows } from '../core/segment-rows.ts';
import { maskPlace, seamRule } from '../core/segment-seams.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';

const inflateRawAsync = promisify(inflateRaw);

/** What is needed of a case file, and of a run. */
export interface MaskSource {
  readonly path: string;
  readonly tiles: Pick<CaseFile['tiles'], 'mask'>;
}
type MaskRun = Pick<StoredRun, 'no' | 'grid' | 'manifest'>;

/** Milliseconds of work after which others get their turn. */
const slice = 30;

/** Masks that are read from the case and inflated at a time: all of a row would be there twice, compressed and not. */
const masksAtOnce = 32;

/**
 * @param silent the class of which nothing is to be said: its pixels read like those of which nothing is known; null: none
 * @returns each row in the same object, which the next one overwrites
 * @throws {GigatileError} case-corrupt; cancelled
 */
export async function* labelRows(
  caseFile: MaskSource,
  run: MaskRun,
  silent: number | null,
  signal?: AbortSignal,
): AsyncGenerator<LabelRow> {
  const { grid, manifest } = run;
  const rule = seamRule(manifest);
  const blend = new SegmentBlend(grid, rule, Math.fround(manifest.threshold), silent);
  const held = new Map<number, (MaskRows | null)[]>();
  const read = async (row: number): Promise<void> => {
    if (row >= grid.rows || held.has(row)) return;
    const tiles: (MaskRows | null)[] = [];
    while (tiles.length < grid.columns) {
      const first = row * grid.columns + tiles.length;
      const count = Math.min(masksAtOnce, grid.columns - tiles.length);
      tiles.push(
        ...(await Promise.all(Array.from({ length: count }, (_, i) => readMask(caseFile, run, first + i)))),
      );
    }
    held.set(row, tiles);
  };
  const tilesOf = (row: number): (MaskRows | null)[] => {
    const tiles = held.get(row);
    if (!tiles) throw new RangeError(`row ${row} of the tiles was not read`);
    return tiles;
  };
  await read(0);
  let since = performance.now();
  for (let row = 0; row < grid.rows; row++) {
    let ahead: Promise<void> | null = null;
    const { core, strips } = maskPlace(grid, row * grid.columns, rule);
    for (const y of blend.rows(row, tilesOf)) {
      yield blend.row;
      if (ahead === null && y + 1 >= core.y + strips.top) {
        held.delete(row - 1);
        // Inflated by other threads, while this one goes through the rows.
        ahead = read(row + 1);
        // Told below, where it is waited for.
        ahead.catch(() => undefined);
      }
      // The strip at the bottom, which begins with the next row of pixels, is blended with the tiles below.
      if (y + 1 === core.y + core.height - strips.bottom) await ahead;
      if (performance.now() - since < slice) continue;
      await setImmediate();
      if (signal?.aborted === true) throw new GigatileError('cancelled', 'The run was stopped');
      since = performance.now();
    }
    await (ahead ?? read(row + 1));
    held.delete(row - 1);
  }
}

async function readMask(caseFile: MaskSource, run: MaskRun, tile: number): Promise<MaskRows | null> {
  const packed = caseFile.tiles.mask(run.no, tile);
  if (packed === null) return null;
  try {
    const body = compressedBody(packed);
    const inflated = body && (await inflate(body));
    const mask = unpackMask(packed, () => inflated ?? new Uint8Array(0));
    return new MaskRows(mask, maskPlace(run.grid, tile, seamRule(run.manifest)), run.manifest.classes.length);
  } catch (cause) {
    throw new GigatileError('case-corrupt', `The classes of tile ${tile} cannot be read`, {
      where: caseFile.path,
      hint: 'Run the model again: it makes a new run of the same case.',
      cause,
    });
  }
}

/** All at once: parts would have to be put together. With room left over, as zlib takes more as soon as there is none. */
function inflate({ bytes, length }: { bytes: Uint8Array; length: number }): Promise<Uint8Array> {
  return inflateRawAsync(bytes, { maxOutputLength: Math.max(1, length), chunkSize: length + 64 });
}
