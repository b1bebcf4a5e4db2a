/** Where the tile-parts of a codestream lie in its file: found from one SOT to the next, without reading what is between. */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import { corrupt, marker, readMainHeader, readTilePart } from './codestream.ts';
import type { MainHeader } from './codestream.ts';

export interface Codestream {
  main: MainHeader;
  /** The bytes of the main header. */
  header: Buffer;
  /** By tile: its parts, in the order of the file. */
  parts: ReadonlyMap<number, readonly { offset: number; length: number }[]>;
}

/** Headers grow with the number of components; none is larger. */
const largestHeader = 16 * 1024 * 1024;
/** 65,535 tiles of 255 parts would be more, but nobody writes them. */
const mostParts = 2 ** 20;

/**
 * A codestream that lies in [start, end) of the file.
 *
 * @throws {GigatileError} image-corrupt, image-unsupported
 */
export function indexCodestream(file: ImageFile, start: number, end: number): Codestream {
  let length = Math.min(64 * 1024, end - start);
  let header = file.read(start, length, 'The JPEG 2000 header');
  let main = readMainHeader(header);
  while (main === null) {
    if (length >= Math.min(largestHeader, end - start)) throw corrupt('it ends in its header');
    length = Math.min(length * 4, end - start);
    header = file.read(start, length, 'The JPEG 2000 header');
    main = readMainHeader(header);
  }
  return { main, header: header.subarray(0, main.length), parts: indexParts(file, start + main.length, end) };
}

function indexParts(file: ImageFile, start: number, end: number): Codestream['parts'] {
  const parts = new Map<number, { offset: number; length: number }[]>();
  let at = start;
  for (let count = 0; at + 12 <= end; count++) {
    const what = `Tile-part ${count} of the JPEG 2000 codestream`;
    if (count >= mostParts) throw corrupt(`it has more than ${mostParts} tile-parts`);
    const head = file.read(at, 12, what);
    // Whatever follows the end of the codestream is none of it.
    if (head.readUInt16BE(0) === marker.eoc) break;
    const part = readTilePart(head, 0);
    const length = part.length === 0 ? untilEnd(file, at, end) : part.length;
    if (at + length > end) {
      throw new GigatileError(
        'image-corrupt',
        `${what} would end ${at + length - end} bytes after the codestream`,
        { where: file.name, hint: 'It was probably not copied or downloaded completely.' },
      );
    }
    const list = parts.get(part.tile) ?? [];
    list.push({ offset: at, length });
    parts.set(part.tile, list);
    at += length;
  }
  if (parts.size === 0) throw corrupt('it has no tile');
  return parts;
}

/** The last tile-part may leave its length out: it goes to the end of the codestream, without its EOC. */
function untilEnd(file: ImageFile, at: number, end: number): number {
  const isClosed =
    file.read(end - 2, 2, 'The end of the JPEG 2000 codestream').readUInt16BE(0) === marker.eoc;
  return end - at - (isClosed ? 2 : 0);
}
