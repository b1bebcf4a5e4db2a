/** What a sample is, block by block, and the messages between the generator and its workers (plain data). */
import type { PlainError } from '../contract/errors.ts';
import type { TiffDescription } from '../images/write/tiff-fields.ts';

export const sampleKinds = ['pathology', 'satellite'] as const;
export type SampleKind = (typeof sampleKinds)[number];

/** What every pixel of a sample follows from. */
export interface SampleSpec {
  kind: SampleKind;
  width: number;
  height: number;
  seed: number;
}

/** A square part of a sample, painted. Valid until the painter's next block. */
export interface PaintedBlock {
  /** Interleaved pixels of the tile whose corner lies at (column, row) px of the block. */
  tile(column: number, row: number, size: number): Uint8Array | Uint16Array;
  /** GeoJSON features of the truth within the block, joined by ",\n"; empty where there are none. */
  truth: string;
  /** Things counted in the block, by name: nuclei, or pixels a class. */
  counts: Record<string, number>;
}

export interface SamplePainter {
  /** x0 and y0 are multiples of the layout's block size. */
  paint(x0: number, y0: number): PaintedBlock;
}

/** How a kind of sample is stored. */
export interface SampleLayout extends Omit<TiffDescription, 'description' | 'software'> {
  layout: 'streamed' | 'cog';
  /** Edge of a block: the tile size times 2 to the power of `blockLevels`. */
  blockSize: number;
  /** Levels below the full one that a block holds whole tiles of. */
  blockLevels: number;
}

export type ToSampleWorker =
  | { kind: 'init'; spec: SampleSpec; truth: boolean }
  | { kind: 'block'; column: number; row: number }
  /** A tile of a lower level, put together from several blocks. */
  | { kind: 'encode'; level: number; column: number; row: number; pixels: Uint8Array | Uint16Array };

/** Half of a tile's size: its part of the tile of the next level. */
export interface HalvedTile {
  level: number;
  column: number;
  row: number;
  pixels: Uint8Array | Uint16Array;
}

export interface EncodedTile {
  level: number;
  column: number;
  row: number;
  /** Range of the message's bytes. */
  start: number;
  end: number;
}

export type FromSampleWorker =
  | { kind: 'ready' }
  | {
      kind: 'block';
      column: number;
      row: number;
      tiles: EncodedTile[];
      bytes: Uint8Array;
      halved: HalvedTile[];
      truth: string;
      counts: Record<string, number>;
    }
  | { kind: 'encoded'; tile: EncodedTile; bytes: Uint8Array; halved: HalvedTile }
  | { kind: 'failed'; error: PlainError };
