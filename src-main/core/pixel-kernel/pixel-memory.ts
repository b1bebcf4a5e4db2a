/**
 * Memory for pixels that the WebAssembly kernel can work in: decoded tiles, patches and tensors that lie in the same one are
 * copied, halved and converted at the speed of memory. Pixels elsewhere take the slower loops; the values are the same.
 */
import { pixelKernelCode } from './pixel-kernel-code.ts';

/** What pixel-kernel.wat exports. All places are byte offsets in the memory. */
interface Kernel {
  copyRows(to: number, toStride: number, from: number, fromStride: number, bytes: number, rows: number): void;
  rgbToPlanes(
    from: number,
    pixels: number,
    to: number,
    plane: number,
    ...coefficients: [number, number, number, number, number, number]
  ): void;
  rgbToPlanesByTable(from: number, pixels: number, to: number, plane: number, table: number): void;
  halveRgb(to: number, from: number, fromStride: number, width: number, rows: number): void;
  narrowBytes(
    to: number,
    from: number,
    fromStride: number,
    rows: number,
    bands: number,
    axis: number,
    width: number,
    recordBytes: number,
  ): void;
  shortenBytes(
    to: number,
    from: number,
    rowBytes: number,
    axis: number,
    height: number,
    recordBytes: number,
  ): void;
  resampleBytes(
    to: number,
    from: number,
    fromStride: number,
    bands: number,
    ...axesAndWork: [
      across: number,
      acrossBytes: number,
      width: number,
      down: number,
      downBytes: number,
      height: number,
      narrowed: number,
      sums: number,
    ]
  ): void;
}

/**
 * Where the pixels of a resized axis come from: for each a record of the byte where the first begins, their number, and their weights
 * in fixed point with 22 bits. It lies in the memory that the pixels lie in.
 */
export interface AxisRecords {
  records: Int32Array;
  /** Numbers a record. */
  stride: number;
}

/** The same with weights as doubles: bytes of one record after the other, each the byte where it begins (int32), their number, weights. */
export interface DoubleRecords {
  bytes: Uint8Array;
  recordBytes: number;
}

/** Bytes beyond its last pixel that narrowing reads of a picture, and writes. */
export const narrowingSlack = 3;

/** What of WebAssembly is used: its types come with a browser's library only, and this runs in workers. */
interface WebAssemblyApi {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (code: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
}

const { WebAssembly: api } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** Bytes beyond the doubles of a row that resampling writes. */
const resampleSlack = 24;

const pageBytes = 65_536;
/** No two pieces share a cache line. */
const lineBytes = 64;
/**
 * Where in its first line every piece begins: typed arrays of any type may, and it is no multiple of 32. To those libjpeg-turbo's AVX2
 * code writes past the processor's caches, from which the pixels are copied next: a tenth more time for each tile.
 */
const beginsAt = 16;

let compiled: object | null = null;
const memories = new WeakMap<ArrayBufferLike, PixelMemory>();

export class PixelMemory {
  readonly #buffer: ArrayBuffer;
  readonly #kernel: Kernel;
  /** Pieces that were given back, by their size. */
  readonly #free = new Map<number, Uint8Array[]>();
  #end = 0;

  /** The memory never grows, so that views on it stay valid; pages that nobody touches cost nothing. */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / pageBytes);
    const memory = new api.Memory({ initial: pages, maximum: pages });
    compiled ??= new api.Module(bytesOfBase64(pixelKernelCode));
    const { exports } = new api.Instance(compiled, { env: { memory } });
    this.#kernel = exports as Kernel;
    this.#buffer = memory.buffer;
    memories.set(this.#buffer, this);
  }

  /** The memory that a view lies in, where it is one of these. */
  static of(view: ArrayBufferView): PixelMemory | undefined {
    return memories.get(view.buffer);
  }

  /** A piece with whatever it held before; null where there is no room left. */
  take(bytes: number): Uint8Array | null {
    const known = this.#free.get(bytes)?.pop();
    if (known !== undefined) return known;
    const start = this.#end + beginsAt;
    const end = this.#end + Math.ceil((beginsAt + bytes) / lineBytes) * lineBytes;
    if (end > this.#buffer.byteLength) return null;
    this.#end = end;
    return new Uint8Array(this.#buffer, start, bytes);
  }

  /** Gives back a piece that nobody reads any more; it serves the next request of the same size. */
  give(piece: Uint8Array): void {
    const list = this.#free.get(piece.byteLength);
    if (list === undefined) this.#free.set(piece.byteLength, [piece]);
    else list.push(piece);
  }

  /** `rows` rows of `bytes` bytes, within two views of this memory (offsets and strides in bytes) that do not overlap. */
  copyRows(
    to: ArrayBufferView,
    toOffset: number,
    toStride: number,
    from: ArrayBufferView,
    fromOffset: number,
    fromStride: number,
    bytes: number,
    rows: number,
  ): void {
    this.#kernel.copyRows(
      place(to, toOffset, toStride, bytes, rows),
      toStride,
      place(from, fromOffset, fromStride, bytes, rows),
      fromStride,
      bytes,
      rows,
    );
  }

  /**
   * Interleaved RGB bytes to planes of float32: value = byte * scales[band] + offsets[band], computed in float32.
   * @param to from its beginning on: 3 * pixels values
   */
  rgbToPlanes(
    from: Uint8Array,
    to: Float32Array,
    pixels: number,
    scales: readonly [number, number, number],
    offsets: readonly [number, number, number],
  ): void {
    this.#kernel.rgbToPlanes(
      place(from, 0, 0, pixels * 3, 1),
      pixels,
      place(to, 0, 0, pixels * 12, 1),
      pixels * 4,
      scales[0],
      offsets[0],
      scales[1],
      offsets[1],
      scales[2],
      offsets[2],
    );
  }

  /**
   * Interleaved RGB bytes to planes of float32: value = table[256 * band + byte].
   * @param to from its beginning on: 3 * pixels values
   * @param table 3 * 256 values
   */
  rgbToPlanesByTable(from: Uint8Array, to: Float32Array, pixels: number, table: Float32Array): void {
    this.#kernel.rgbToPlanesByTable(
      place(from, 0, 0, pixels * 3, 1),
      pixels,
      place(to, 0, 0, pixels * 12, 1),
      pixels * 4,
      place(table, 0, 0, 3 * 256 * 4, 1),
    );
  }

  /** Interleaved RGB bytes of 2 * width x 2 * height pixels to half the size, rounded half up. */
  halveRgb(from: Uint8Array, to: Uint8Array, width: number, height: number): void {
    const stride = width * 6;
    this.#kernel.halveRgb(
      place(to, 0, 0, width * height * 3, 1),
      place(from, 0, 0, stride * height * 2, 1),
      stride,
      width,
      height,
    );
  }

  /**
   * Rows of 1 to 4 interleaved bytes a pixel to `across.length` pixels each, one row after the other. The records' bytes lie in a row
   * of `from` (the caller's word). `to` has `narrowingSlack` bytes more than the pixels take, and so does the memory behind `from`.
   */
  narrowBytes(
    from: Uint8Array,
    to: Uint8Array,
    rows: number,
    bands: number,
    { records, stride }: AxisRecords,
  ): void {
    const width = records.length / stride;
    const fromStride = from.byteLength / rows;
    if (from.byteOffset + from.byteLength + narrowingSlack > this.#buffer.byteLength) {
      throw new RangeError('a picture at the very end of the memory');
    }
    this.#kernel.narrowBytes(
      place(to, 0, 0, rows * width * bands + narrowingSlack, 1),
      place(from, 0, 0, rows * fromStride, 1),
      fromStride,
      rows,
      bands,
      place(records, 0, 0, records.byteLength, 1),
      width,
      stride * 4,
    );
  }

  /** Rows of `rowBytes` (at least 16) bytes to fewer or more rows. The records' bytes lie in `from` (the caller's word). */
  shortenBytes(from: Uint8Array, to: Uint8Array, rowBytes: number, { records, stride }: AxisRecords): void {
    const height = records.length / stride;
    if (rowBytes < 16) throw new RangeError(`rows of ${rowBytes} bytes`);
    this.#kernel.shortenBytes(
      place(to, 0, 0, height * rowBytes, 1),
      place(from, 0, 0, from.byteLength, 1),
      rowBytes,
      place(records, 0, 0, records.byteLength, 1),
      height,
      stride * 4,
    );
  }

  /** Bytes of working memory that `resampleBytes` needs for rows of so many values. */
  static resampleWork(values: number): number {
    return 2 * (values * 8 + resampleSlack);
  }

  /**
   * A picture of 1 to 4 interleaved bytes a pixel to the size of its axes' records, rounded half up. The records' bytes lie in `from`
   * (the caller's word), and each names at least one pixel.
   */
  resampleBytes(
    from: Uint8Array,
    fromStride: number,
    to: Uint8Array,
    bands: number,
    { across, down, work }: { across: DoubleRecords; down: DoubleRecords; work: Uint8Array },
  ): void {
    const width = across.bytes.byteLength / across.recordBytes;
    const height = down.bytes.byteLength / down.recordBytes;
    const values = width * bands;
    if (!(width >= 1 && height >= 1 && bands >= 1 && bands <= 4)) {
      throw new RangeError(`${width} x ${height} pixels of ${bands} bytes`);
    }
    if (from.byteOffset + from.byteLength + narrowingSlack > this.#buffer.byteLength) {
      throw new RangeError('a picture at the very end of the memory');
    }
    const half = PixelMemory.resampleWork(values) / 2;
    this.#kernel.resampleBytes(
      place(to, 0, 0, values * height, 1),
      place(from, 0, 0, from.byteLength, 1),
      fromStride,
      bands,
      place(across.bytes, 0, 0, across.bytes.byteLength, 1),
      across.recordBytes,
      width,
      place(down.bytes, 0, 0, down.bytes.byteLength, 1),
      down.recordBytes,
      height,
      place(work, 0, 0, half, 1),
      place(work, half, 0, half, 1),
    );
  }
}

/** Address of a part of a view, after a check that the whole part lies in it: the kernel itself checks nothing of this. */
function place(view: ArrayBufferView, offset: number, stride: number, bytes: number, rows: number): number {
  const end = offset + stride * (rows - 1) + bytes;
  if (!(offset >= 0) || !(bytes >= 0) || !(stride >= 0) || (rows > 0 && end > view.byteLength)) {
    throw new RangeError(`${rows} rows of ${bytes} bytes from ${offset} in ${view.byteLength} bytes`);
  }
  return view.byteOffset + offset;
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
