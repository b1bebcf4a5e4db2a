/**
 * Rows out of a PNG that was written without compression and without filters: chunks (PNG 1.2, section 3), in them a zlib stream
 * (RFC 1950) of stored blocks (RFC 1951, section 3.2.4), in them rows, each behind a byte that names its filter. Only copies.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { PixelArray, Raster } from '../../images/image-source.ts';
import { pixelArray } from '../../images/raster.ts';

export interface RowsOf {
  width: number;
  height: number;
  bands: number;
  dtype: 'uint8' | 'uint16';
}

const signatureBytes = 8;
const chunkHeadBytes = 8;
const checksumBytes = 4;
const zlibHeadBytes = 2;
const blockHeadBytes = 5;
/** Rows that are handed on together take about this. */
const rasterBytes = 1024 * 1024;

/** Bytes of a header that may come in pieces. */
class Header {
  readonly bytes: Buffer;
  #filled = 0;

  constructor(length: number) {
    this.bytes = Buffer.alloc(length);
  }

  /** Takes what it needs from `at` on; returns where that ends. `isFull` says whether there was enough. */
  take(piece: Buffer, at: number, end: number): number {
    const count = Math.min(this.bytes.length - this.#filled, end - at);
    piece.copy(this.bytes, this.#filled, at, at + count);
    this.#filled += count;
    return at + count;
  }

  /** Full: it may be read, and begins anew. */
  isFull(): boolean {
    if (this.#filled < this.bytes.length) return false;
    this.#filled = 0;
    return true;
  }
}

export class PngRows {
  readonly #image: RowsOf;
  readonly #rowBytes: number;
  readonly #data: PixelArray;
  readonly #bytes: Buffer;
  readonly #rowsAtOnce: number;
  readonly #chunkHead = new Header(chunkHeadBytes);
  readonly #blockHead = new Header(blockHeadBytes);
  /** Bytes to pass over: signature, checksums, chunks of other types. */
  #skip = signatureBytes;
  #chunkLeft = 0;
  #zlibHeadLeft = zlibHeadBytes;
  #blockLeft = 0;
  /** The last block's bytes have come. */
  #isLastBlock = false;
  /** Bytes of the row that have come; -1: its filter byte has not. */
  #inRow = -1;
  #rows = 0;
  #done = 0;

  constructor(image: RowsOf) {
    this.#image = image;
    this.#rowBytes = image.width * image.bands * (image.dtype === 'uint8' ? 1 : 2);
    this.#rowsAtOnce = Math.max(1, Math.min(image.height, Math.floor(rasterBytes / this.#rowBytes)));
    this.#data = pixelArray(image.dtype, this.#rowsAtOnce * image.width * image.bands);
    this.#bytes = Buffer.from(this.#data.buffer, this.#data.byteOffset, this.#data.byteLength);
  }

  /** Rows that have been handed on or are about to be. */
  get done(): number {
    return this.#done;
  }

  /** Takes the next bytes of the file. Each raster's memory is used again for the next one. @throws {GigatileError} internal */
  *push(piece: Buffer): Generator<Raster, void> {
    for (let at = 0; at < piece.length;) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, piece.length - at);
        this.#skip -= count;
        at += count;
      } else if (this.#chunkLeft > 0) {
        const end = Math.min(piece.length, at + this.#chunkLeft);
        this.#chunkLeft -= end - at;
        yield* this.#pixels(piece, at, end);
        at = end;
        if (this.#chunkLeft === 0) this.#skip = checksumBytes;
      } else {
        at = this.#chunkHead.take(piece, at, piece.length);
        if (!this.#chunkHead.isFull()) return;
        const length = this.#chunkHead.bytes.readUInt32BE(0);
        const isData = this.#chunkHead.bytes.toString('latin1', 4, 8) === 'IDAT';
        this.#chunkLeft = isData ? length : 0;
        this.#skip = isData && length > 0 ? 0 : length + checksumBytes;
      }
    }
  }

  /** Part of the zlib stream. */
  *#pixels(piece: Buffer, from: number, end: number): Generator<Raster, void> {
    let at = from;
    while (at < end) {
      if (this.#zlibHeadLeft > 0) {
        this.#zlibHeadLeft--;
        at++;
      } else if (this.#blockLeft > 0) {
        const count = Math.min(this.#blockLeft, end - at);
        this.#blockLeft -= count;
        yield* this.#samples(piece, at, at + count);
        at += count;
      } else if (this.#isLastBlock) {
        return; // the checksum of the whole
      } else {
        at = this.#blockHead.take(piece, at, end);
        if (!this.#blockHead.isFull()) return;
        const kind = this.#blockHead.bytes[0] ?? 0;
        if ((kind & 0b110) !== 0) throw unexpected('compressed pixels');
        this.#isLastBlock = (kind & 1) === 1;
        this.#blockLeft = this.#blockHead.bytes.readUInt16LE(1);
      }
    }
  }

  *#samples(piece: Buffer, from: number, end: number): Generator<Raster, void> {
    const { width, height, bands, dtype } = this.#image;
    let at = from;
    while (at < end && this.#done < height) {
      if (this.#inRow < 0) {
        if (piece[at] !== 0) throw unexpected(`filter ${piece[at] ?? -1}`);
        at++;
        this.#inRow = 0;
        continue;
      }
      const count = Math.min(this.#rowBytes - this.#inRow, end - at);
      piece.copy(this.#bytes, this.#rows * this.#rowBytes + this.#inRow, at, at + count);
      at += count;
      this.#inRow += count;
      if (this.#inRow < this.#rowBytes) continue;
      this.#inRow = -1;
      this.#done++;
      if (++this.#rows < this.#rowsAtOnce && this.#done < height) continue;
      const rows = this.#rows;
      this.#rows = 0;
      if (dtype === 'uint16') this.#bytes.subarray(0, rows * this.#rowBytes).swap16();
      yield { width, height: rows, bands, dtype, data: this.#data.subarray(0, rows * width * bands) };
    }
  }
}

function unexpected(what: string): GigatileError {
  return new GigatileError('internal', `libvips wrote a PNG with ${what}, which was not asked for`);
}
