/** Room on the disk: what a run will take, what is free, what is missing. */
import { GigatileError } from '../contract/errors.ts';
import type { GridPlan, RunParameters } from '../contract/run.ts';
import type { ModelManifest } from '../contract/model.ts';
import {
  bytesNeeded,
  expectedTileBytes,
  findingBytes,
  tileBytesFrom,
  tileRowBytes,
} from '../core/case-size.ts';
import { tileCount } from '../core/grid.ts';
import { tilesInRegion } from '../core/region-tiles.ts';
import type { CaseFile } from '../store/case-file.ts';
import { freeBytes, megabytes } from '../store/files.ts';

export interface Room {
  /** Tiles that are to be done, at most: which of them are background is not known before. Of a run with regions those in them. */
  tiles: number;
  /** That the case file needs for them, about. */
  bytes: number;
  freeBytes: number;
}

function ofModel(
  { task }: Pick<ModelManifest, 'task'>,
  { tileWidth, tileHeight }: Pick<GridPlan, 'tileWidth' | 'tileHeight'>,
): number {
  return expectedTileBytes(task, tileWidth * tileHeight);
}

/** What done tiles of that run took, findings to come included. */
function measured(caseFile: CaseFile, no: number): number | null {
  const { tiles, resultBytes, detections } = caseFile.tiles.sizes(no);
  return tileBytesFrom({ tiles, bytes: tiles * tileRowBytes + resultBytes + detections * findingBytes });
}

/** Before a run. Earlier runs of the same model over this image tell more than a guess. */
export function roomFor(
  caseFile: CaseFile,
  manifest: ModelManifest,
  modelSha256: string,
  grid: GridPlan,
  region: Pick<RunParameters, 'roi' | 'exclude'> = {},
): Room {
  const pixels = grid.tileWidth * grid.tileHeight;
  const alike = caseFile.runs
    .list()
    .findLast(
      (run) => run.modelSha256 === modelSha256 && run.grid.tileWidth * run.grid.tileHeight === pixels,
    );
  const tileBytes = (alike && measured(caseFile, alike.no)) ?? ofModel(manifest, grid);
  const tiles = tilesInRegion(grid, region);
  return { tiles, bytes: bytesNeeded(tiles, tileBytes), freeBytes: freeBytes(caseFile.path) };
}

/** For what is left of a run. */
export function roomForRest(caseFile: CaseFile, no: number): Room {
  const run = caseFile.runs.get(no);
  const { total, pending, waiting, running } = caseFile.tiles.counts(no);
  const tiles = total === 0 ? tileCount(run.grid) : pending + waiting + running;
  const tileBytes = measured(caseFile, no) ?? ofModel(run.manifest, run.grid);
  return { tiles, bytes: bytesNeeded(tiles, tileBytes), freeBytes: freeBytes(caseFile.path) };
}

export function hasRoom({ bytes, freeBytes: free }: Room): boolean {
  return free >= bytes;
}

/** For a run's notes; null where there is room. */
export function roomNote(room: Room): string | null {
  if (hasRoom(room)) return null;
  return `The run may need ${megabytes(room.bytes)} on the disk of the case, and ${megabytes(room.freeBytes)} are free there. If that is not enough the run pauses, and nothing is lost.`;
}

/** The same error with the bytes that are missing; another error as it is. */
export function withBytesNeeded(error: unknown, caseFile: CaseFile, no: number): unknown {
  if (!(error instanceof GigatileError) || error.code !== 'disk-full') return error;
  // Of the case's disk, and not of the cache's.
  if (error.where !== undefined && !error.where.startsWith(caseFile.path)) return error;
  let room: Room;
  try {
    room = roomForRest(caseFile, no);
  } catch {
    // Even reading may need room for the database's shared memory: then the error stands as it is.
    return error;
  }
  const { bytes, freeBytes: free } = room;
  return new GigatileError('disk-full', error.message, {
    where: error.where,
    hint: `About ${megabytes(bytes)} are needed for the rest of the run, ${megabytes(free)} are free. Make room on this disk, then resume; an open window goes on by itself.`,
    cause: error,
  });
}
