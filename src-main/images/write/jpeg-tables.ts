/**
 * Splits a baseline JPEG into the tables that all tiles of a TIFF level share (tag 347, JPEGTables) and the abbreviated
 * stream that is left (TIFF Technical Note 2, 1995). Application segments and comments are dropped: inside TIFF the
 * photometric tag says what the colours are, and a JFIF header in a tile only confuses.
 */
import { GigatileError } from '../../contract/errors.ts';

const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;
const dqt = 0xdb;
const dht = 0xc4;
const com = 0xfe;

function broken(at: number, what: string): GigatileError {
  return new GigatileError(
    'internal',
    `An encoded tile is no JPEG that can be stored: ${what} at byte ${at}`,
  );
}

export interface SplitJpeg {
  /** SOI, all DQT and DHT segments, EOI. */
  tables: Uint8Array;
  /** The stream without those segments. */
  abbreviated: Uint8Array;
  /** The stream with its own tables, without application segments and comments. */
  complete: Uint8Array;
}

/** @throws {GigatileError} internal where the bytes are no JPEG up to the start of its scan. */
export function splitJpeg(bytes: Uint8Array): SplitJpeg {
  if (bytes[0] !== 0xff || bytes[1] !== soi) throw broken(0, 'no start of image');
  const tables: Uint8Array[] = [bytes.subarray(0, 2)];
  const rest: Uint8Array[] = [bytes.subarray(0, 2)];
  const complete: Uint8Array[] = [bytes.subarray(0, 2)];
  let at = 2;
  for (;;) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === undefined) throw broken(at, 'no marker');
    if (marker === sos) break;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw broken(at, 'a segment reaches beyond the end');
    const segment = bytes.subarray(at, end);
    if (marker === dqt || marker === dht) {
      tables.push(segment);
      complete.push(segment);
    } else if (!(marker >= 0xe0 && marker <= 0xef) && marker !== com) {
      rest.push(segment);
      complete.push(segment);
    }
    at = end;
  }
  const scan = bytes.subarray(at);
  rest.push(scan);
  complete.push(scan);
  tables.push(Uint8Array.of(0xff, eoi));
  return {
    tables: Buffer.concat(tables),
    abbreviated: Buffer.concat(rest),
    complete: Buffer.concat(complete),
  };
}
