/** Boxes of JP2 files: ISO/IEC 15444-1 annex I, 15444-2 annex M for labels and associations. */
import { GigatileError } from '../../contract/errors.ts';

export interface Box {
  /** Four characters. */
  type: string;
  /** Of its content, in the file. */
  offset: number;
  length: number;
}

/** Reads bytes of the file; throws where they lie outside. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** No file needs so many side by side. */
const mostBoxes = 1000;

/**
 * Boxes between two places of a file, in order. The last one may say that it goes on to the end.
 *
 * @throws {GigatileError} image-corrupt
 */
export function readBoxes(read: ReadBytes, start: number, end: number): Box[] {
  const boxes: Box[] = [];
  let at = start;
  while (at + 8 <= end) {
    const head = Buffer.from(read(at, Math.min(16, end - at)));
    const short = head.readUInt32BE(0);
    const isLong = short === 1;
    if (isLong && head.length < 16) throw damaged(at, 'ends in its length');
    const length = short === 0 ? end - at : isLong ? Number(head.readBigUInt64BE(8)) : short;
    const header = isLong ? 16 : 8;
    if (length < header || at + length > end) throw damaged(at, `claims ${length} of ${end - at} bytes`);
    boxes.push({ type: head.toString('latin1', 4, 8), offset: at + header, length: length - header });
    if (boxes.length > mostBoxes) throw damaged(at, `is one of more than ${mostBoxes}`);
    at += length;
  }
  return boxes;
}

function damaged(at: number, what: string): GigatileError {
  return new GigatileError('image-corrupt', `The JP2 file is damaged: the box at byte ${at} ${what}`);
}

/** Where the codestream lies: the bytes as they are, or what is in the first jp2c box of a JP2 file. */
export function codestreamOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0xff && bytes[1] === 0x4f) return bytes;
  const boxes = readBoxes((at, length) => bytes.subarray(at, at + length), 0, bytes.length);
  const found = boxes.find((box) => box.type === 'jp2c');
  if (found === undefined) throw new GigatileError('image-corrupt', 'This is no JPEG 2000 image');
  return bytes.subarray(found.offset, found.offset + found.length);
}
