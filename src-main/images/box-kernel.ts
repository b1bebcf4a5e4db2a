/** The weighted sums of box-filter.ts by the pixel kernel: the same doubles in the same order, so the same bytes, several times faster. */
import { narrowingSlack, PixelMemory, type DoubleRecords } from '../core/pixel-kernel/pixel-memory.ts';
import type { Raster } from './image-source.ts';

/** For each output position the first source index, and the weights from there on; their sum is 1. */
export interface Weights {
  starts: Int32Array;
  counts: Int32Array;
  weights: Float64Array;
  /** Room for weights an output position. */
  stride: number;
}

/** The kernel takes a pixel for four bytes. */
export const mostKernelBands = 4;

/** false where the pixels do not lie in the kernel's memory, or it is full: then nothing was done. */
export function resampleInKernel(source: Raster, across: Weights, down: Weights, target: Raster): boolean {
  const { data, bands, width } = source;
  const memory = PixelMemory.of(data);
  if (memory === undefined || PixelMemory.of(target.data) !== memory || bands > mostKernelBands) return false;
  if (!(data instanceof Uint8Array) || !(target.data instanceof Uint8Array)) return false;
  if (data.byteOffset + data.byteLength + narrowingSlack > data.buffer.byteLength) return false;
  const taken: Uint8Array[] = [];
  const take = (bytes: number): Uint8Array | null => {
    const piece = memory.take(bytes);
    if (piece !== null) taken.push(piece);
    return piece;
  };
  try {
    const acrossRecords = take(bytesOf(across));
    const downRecords = take(bytesOf(down));
    const work = take(PixelMemory.resampleWork(target.width * bands));
    if (acrossRecords === null || downRecords === null || work === null) return false;
    memory.resampleBytes(data, width * bands, target.data, bands, {
      across: write(across, bands, acrossRecords),
      down: write(down, width * bands, downRecords),
      work,
    });
    return true;
  } finally {
    for (const piece of taken) memory.give(piece);
  }
}

function recordBytesOf({ stride }: Weights): number {
  return 8 + stride * 8;
}

function bytesOf(axis: Weights): number {
  return axis.starts.length * recordBytesOf(axis);
}

/** @param step bytes from one source position to the next */
function write(axis: Weights, step: number, bytes: Uint8Array): DoubleRecords {
  const { starts, counts, weights, stride } = axis;
  const recordBytes = recordBytesOf(axis);
  const buffer = bytes.buffer as ArrayBuffer;
  const words = new Int32Array(buffer, bytes.byteOffset, bytes.byteLength / 4);
  const doubles = new Float64Array(buffer, bytes.byteOffset, bytes.byteLength / 8);
  for (let i = 0; i < starts.length; i++) {
    const at = i * (stride + 1);
    words[at * 2] = (starts[i] ?? 0) * step;
    words[at * 2 + 1] = counts[i] ?? 0;
    for (let k = 0; k < stride; k++) doubles[at + 1 + k] = weights[i * stride + k] ?? 0;
  }
  return { bytes, recordBytes };
}
