/** How large a case grows by a run: a guess before it, a calculation from what its first tiles took after that. Bytes. */
import type { ModelManifest } from '../contract/model.ts';

/** A row of a tile and one of its result, without what the model said, with their places in the tree. */
export const tileRowBytes = 110;
/** A finding's row and its entry in the index of ids. */
export const findingBytes = 150;
/** What SQLite needs beside the rows: the log until it is written back, the last page of each tree. */
export const reserveBytes = 8e6;

/** One object on so many pixels of the model's input: dense tissue at half a micrometre has one nucleus on about 1,000. */
const pixelsPerObject = 1500;
const detectionBytes = 24;
/** A mask of classes after compression, of a tile's pixels. */
const maskPart = 0.03;

/**
 * What a done tile takes, findings included, as long as nothing is known of this image. Rather too much: most tiles hold less than the
 * densest ones.
 * @param pixels of the model's input a tile
 */
export function expectedTileBytes(task: ModelManifest['task'], pixels: number): number {
  switch (task) {
    case 'detect':
      return tileRowBytes + (pixels / pixelsPerObject) * (detectionBytes + findingBytes);
    case 'segment':
      return tileRowBytes + pixels * maskPart + findingBytes;
    case 'classify':
    case 'regress':
      return tileRowBytes + findingBytes;
  }
}

/** What tiles to come take, when so many done ones took so many bytes; null where there are too few to tell. */
export function tileBytesFrom(measured: { tiles: number; bytes: number }): number | null {
  return measured.tiles < 32 ? null : measured.bytes / measured.tiles;
}

/** Bytes that must be free for so many tiles. */
export function bytesNeeded(tiles: number, tileBytes: number): number {
  return Math.ceil(tiles * tileBytes) + reserveBytes;
}
