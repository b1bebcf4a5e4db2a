/** What was taken off the front of a model (models/onnx-file/split-front.ts), done here: bytes of RGB tiles to planes of float32. */
import { PixelMemory } from '../../core/pixel-kernel/pixel-memory.ts';
import type { Linear } from '../../models/onnx-file/front-chain.ts';

/** What becomes of a byte: a factor and a term, or what stands in a table of 256 numbers a colour, one colour's after the other. */
export type FrontWork = Linear | Float32Array;

const colours = 3;
/** What the kernel's memory leaves between pieces, at most. */
const spareBytes = 4096;

/** Memory for planes, and the one in which the kernel makes them. */
interface Room {
  memory: PixelMemory;
  planes: Uint8Array;
  /** Of no bytes where the work has none. */
  table: Uint8Array;
  /** For bytes that lie elsewhere; null where they lie in this memory. */
  copy: Uint8Array | null;
}

/** @returns what makes the planes of so many tiles, which lie one after the other; the next call overwrites them */
export function planesOf(work: FrontWork): (bytes: Uint8Array, tiles: number) => Float32Array {
  const table = work instanceof Float32Array ? work : new Float32Array(0);
  let room: Room | null = null;
  return (bytes, tiles) => {
    if (room === null || !isFor(room, bytes)) {
      if (room?.copy === null) for (const piece of [room.planes, room.table]) room.memory.give(piece);
      room = roomFor(bytes, table);
    }
    const { memory, copy } = room;
    copy?.set(bytes);
    const from = copy ?? bytes;
    const planes = floats(room.planes);
    const each = bytes.length / tiles;
    for (let at = 0; at < bytes.length; at += each) {
      const [tile, target] = [from.subarray(at, at + each), planes.subarray(at, at + each)];
      if (work === table) memory.rgbToPlanesByTable(tile, target, each / colours, floats(room.table));
      else if ('scale' in work) {
        const { scale, offsets } = work;
        memory.rgbToPlanes(tile, target, each / colours, [scale, scale, scale], offsets);
      }
    }
    return planes;
  };
}

function isFor({ memory, planes, copy }: Room, bytes: Uint8Array): boolean {
  if (planes.length !== bytes.length * Float32Array.BYTES_PER_ELEMENT) return false;
  return copy !== null || PixelMemory.of(bytes) === memory;
}

function roomFor(bytes: Uint8Array, table: Float32Array): Room {
  const there = PixelMemory.of(bytes);
  const room = there && roomIn(there, bytes.length, table);
  if (room) return { ...room, copy: null };
  const length = bytes.length * (1 + Float32Array.BYTES_PER_ELEMENT) + table.byteLength;
  const memory = new PixelMemory(length + spareBytes);
  const [own, copy] = [roomIn(memory, bytes.length, table), memory.take(bytes.length)];
  if (own === null || copy === null) throw new RangeError('Memory made for planes has no room for them');
  return { ...own, copy };
}

/** Null where the memory is full. */
function roomIn(memory: PixelMemory, numbers: number, table: Float32Array): Omit<Room, 'copy'> | null {
  const planes = memory.take(numbers * Float32Array.BYTES_PER_ELEMENT);
  if (planes === null) return null;
  const place = memory.take(table.byteLength);
  if (place === null) {
    memory.give(planes);
    return null;
  }
  floats(place).set(table);
  return { memory, planes, table: place };
}

function floats(piece: Uint8Array): Float32Array {
  return new Float32Array(piece.buffer, piece.byteOffset, piece.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
