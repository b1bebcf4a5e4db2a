/** What was taken off the front of a model (models/onnx-file/split-front.ts), done here: bytes of RGB tiles to planes of float32. */
import { PixelMemory } from '../../core/pixel-kernel/pixel-memory.ts';
import type { Front } from '../../models/onnx-file/split-front.ts';

const colours = 3;
/** What the kernel's memory leaves between pieces, at most. */
const spareBytes = 4096;

/** Memory for planes, and the one in which the kernel makes them. */
interface Room {
  memory: PixelMemory;
  planes: Uint8Array;
  /** For bytes that lie elsewhere; null where they lie in this memory. */
  copy: Uint8Array | null;
}

/** @returns what makes the planes of so many tiles, which lie one after the other; the next call overwrites them */
export function planesOf({
  scale,
  offsets,
}: Pick<Front, 'scale' | 'offsets'>): (bytes: Uint8Array, tiles: number) => Float32Array {
  let room: Room | null = null;
  return (bytes, tiles) => {
    if (room === null || !isFor(room, bytes)) {
      if (room?.copy === null) room.memory.give(room.planes);
      room = roomFor(bytes);
    }
    const { memory, copy } = room;
    copy?.set(bytes);
    const from = copy ?? bytes;
    const planes = new Float32Array(room.planes.buffer, room.planes.byteOffset, bytes.length);
    const each = bytes.length / tiles;
    for (let at = 0; at < bytes.length; at += each) {
      const [tile, target] = [from.subarray(at, at + each), planes.subarray(at, at + each)];
      memory.rgbToPlanes(tile, target, each / colours, [scale, scale, scale], offsets);
    }
    return planes;
  };
}

function isFor({ memory, planes, copy }: Room, bytes: Uint8Array): boolean {
  if (planes.length !== bytes.length * Float32Array.BYTES_PER_ELEMENT) return false;
  return copy !== null || PixelMemory.of(bytes) === memory;
}

function roomFor(bytes: Uint8Array): Room {
  const length = bytes.length * Float32Array.BYTES_PER_ELEMENT;
  const memory = PixelMemory.of(bytes);
  const planes = memory?.take(length);
  if (memory && planes) return { memory, planes, copy: null };
  const own = new PixelMemory(length + bytes.length + spareBytes);
  const [ownPlanes, copy] = [own.take(length), own.take(bytes.length)];
  if (ownPlanes === null || copy === null)
    throw new RangeError('Memory made for planes has no room for them');
  return { memory: own, planes: ownPlanes, copy };
}
