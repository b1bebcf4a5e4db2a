/** The bilinear resize of bytes by the pixel kernel: the same numbers, several times faster. */
import { narrowingSlack, PixelMemory, type AxisRecords } from '../../core/pixel-kernel/pixel-memory.ts';
import type { AxisWeights } from './bilinear-weights.ts';
import type { Samples } from './samples.ts';
import type { Size } from './letterbox.ts';

/** The kernel takes a pixel for four bytes, and works down in pieces of sixteen. */
const mostBands = 4;
const leastRow = 16;

export interface BytesKernel {
  memory: PixelMemory;
  narrowed: Uint8Array;
  /** Rows of the picture into `narrowed`, from `at` on; false where they lie elsewhere: then nothing was done. */
  narrow(data: Samples, rows: number, at: number): boolean;
  /** `narrowed` to the result; false where that lies elsewhere. */
  shorten(into: Samples): boolean;
}

type Axis = readonly [weights: AxisWeights, fixed: Int32Array];

/** null: the kernel cannot do it (many bands, tiny pictures), or its memory is full. */
export function bytesKernel(
  memory: PixelMemory,
  from: Size,
  to: Size,
  bands: number,
  axes: { across: Axis; down: Axis },
): BytesKernel | null {
  const rowBytes = to.width * bands;
  if (bands > mostBands || rowBytes < leastRow) return null;
  const across = axisRecords(memory, axes.across, bands);
  const down = axisRecords(memory, axes.down, rowBytes);
  const narrowed = memory.take(rowBytes * from.height + narrowingSlack);
  if (across === null || down === null || narrowed === null) return null;
  return {
    memory,
    narrowed,
    narrow(data, rows, at) {
      if (!(data instanceof Uint8Array) || PixelMemory.of(data) !== memory) return false;
      if (data.byteOffset + data.byteLength + narrowingSlack > data.buffer.byteLength) return false;
      memory.narrowBytes(
        data.subarray(0, rows * from.width * bands),
        narrowed.subarray(at),
        rows,
        bands,
        across,
      );
      return true;
    },
    shorten(into) {
      if (!(into instanceof Uint8Array) || PixelMemory.of(into) !== memory) return false;
      memory.shortenBytes(narrowed, into, rowBytes, down);
      return true;
    },
  };
}

/** @param step bytes from one source position to the next */
function axisRecords(
  memory: PixelMemory,
  [{ starts, counts, stride }, fixed]: Axis,
  step: number,
): AxisRecords | null {
  const numbers = 2 + stride;
  const piece = memory.take(starts.length * numbers * 4);
  if (piece === null) return null;
  const records = new Int32Array(piece.buffer as ArrayBuffer, piece.byteOffset, starts.length * numbers);
  for (const [i, start] of starts.entries()) {
    records[i * numbers] = start * step;
    records[i * numbers + 1] = counts[i]!;
    records.set(fixed.subarray(i * stride, (i + 1) * stride), i * numbers + 2);
  }
  return { records, stride: numbers };
}
