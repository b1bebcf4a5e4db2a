/** From a frame's bytes to pixels: RGB, or grey with its darkest value 0. */
import { GigatileError } from '../../../contract/errors.ts';
import type { Codecs, EncodedImage, Raster } from '../../image-source.ts';
import { bytesPerSample, pixelArray } from '../../raster.ts';
import { colourMarkersLength, jpegFrame, jpegTileHeader, saysRgb } from '../../tiff/jpeg-stream.ts';
import { FrameTable, frameBytes, readFrame } from './frame-table.ts';
import type { Instance } from './instance.ts';
import { decodeRle } from './rle.ts';
import { streamSize } from './stream-size.ts';

/** Where the photometric is RGB, a decoder must be told; else the stream is served as it is. */
const rgbHeader = jpegTileHeader(null, true, '');

/** The frames of one file. */
export class FrameDecoder {
  readonly #instance: Instance;
  readonly #codecs: Codecs;
  readonly #table: FrameTable;

  constructor(instance: Instance, codecs: Codecs) {
    this.#instance = instance;
    this.#codecs = codecs;
    this.#table = new FrameTable(instance);
  }

  get instance(): Instance {
    return this.#instance;
  }

  /** A frame that a browser can show, undecoded. Only where `isPassthrough`. */
  stored(frame: number): EncodedImage {
    return { type: 'image/jpeg', bytes: this.#jpegStream(frame) };
  }

  /** `memory`, of a frame's size, takes the pixels where that can be. */
  decode(frame: number, memory?: Uint8Array): Raster | Promise<Raster> {
    const { encoding } = this.#instance.format;
    switch (encoding) {
      case 'none':
        return this.#finish(this.#decodeNative(frame, memory), true);
      case 'rle':
        return this.#finish(this.#decodeRle(frame, memory), true);
      case 'jpeg':
        return this.#finish(this.#decodeJpeg(frame, memory), false);
      case 'jpeg-ls':
        return this.#decodeAsync(frame, (bytes) => this.#codecs.decodeJpegLs(bytes), true);
      case 'jpeg2000': {
        // The decoder undoes the stream's own transform (YBR_ICT, YBR_RCT); only YBR_FULL is left as it is.
        const isYcc = this.#instance.format.photometric.startsWith('YBR_FULL');
        return this.#decodeAsync(frame, (bytes) => this.#codecs.decodeJpeg2000(bytes), isYcc);
      }
    }
  }

  #decodeNative(frame: number, memory?: Uint8Array): Raster {
    const { format, file } = this.#instance;
    const raster = this.#raster(memory);
    const target = bytesOf(raster);
    const ranges = this.#table.ranges(frame);
    const [range] = ranges;
    if (range !== undefined && ranges.length === 1 && range.length >= target.length && !format.planar) {
      file.readInto(target, 0, range.offset, target.length, () => this.#name(frame));
      return raster;
    }
    const bytes = readFrame(file, ranges, 0, () => this.#name(frame));
    if (bytes.length < target.length)
      throw this.#damaged(frame, `has ${bytes.length} of ${target.length} bytes`);
    if (!format.planar) {
      target.set(bytes.subarray(0, target.length));
      return raster;
    }
    const pixels = format.rows * format.columns;
    for (let band = 0, from = 0; band < format.samples; band++) {
      for (let to = band; to < target.length; to += format.samples) target[to] = bytes[from++] ?? 0;
      from = (band + 1) * pixels;
    }
    return raster;
  }

  #decodeRle(frame: number, memory?: Uint8Array): Raster {
    const { format, file } = this.#instance;
    const raster = this.#raster(memory);
    const bytes = readFrame(file, this.#table.ranges(frame), 0, () => this.#name(frame));
    const wrong = decodeRle(bytes, bytesOf(raster), format.samples, bytesPerSample(format.dtype));
    if (wrong !== null) throw this.#damaged(frame, wrong);
    return raster;
  }

  #decodeJpeg(frame: number, memory?: Uint8Array): Raster {
    const { rows, columns, samples } = this.#instance.format;
    const stream = this.#jpegStream(frame);
    const head = jpegFrame(stream);
    if (head === null) throw this.#damaged(frame, 'is no JPEG');
    if (head.precision !== 8) {
      throw new GigatileError('image-unsupported', `JPEG of ${head.precision} bits cannot be read`, {
        where: this.#name(frame),
        hint: 'Convert it, for example with dcmdjpeg of dcmtk.',
      });
    }
    if (head.width !== columns || head.height !== rows || head.components !== samples) {
      throw this.#damaged(frame, `is a JPEG of ${head.width} x ${head.height} with ${head.components} bands`);
    }
    const needed = rows * columns * samples;
    const into = memory !== undefined && memory.byteLength >= needed ? memory.subarray(0, needed) : null;
    return this.#guard(frame, () => this.#codecs.decodeJpeg(stream, into === null ? {} : { into }));
  }

  async #decodeAsync(
    frame: number,
    decoded: (bytes: Uint8Array) => Promise<Raster>,
    isAsStored: boolean,
  ): Promise<Raster> {
    const { format, file } = this.#instance;
    const { rows, columns, samples, dtype } = format;
    const bytes = readFrame(file, this.#table.ranges(frame), 0, () => this.#name(frame));
    const size = streamSize(bytes);
    if (size !== null && (size.width !== columns || size.height !== rows)) {
      throw this.#damaged(frame, `is compressed as ${size.width} x ${size.height} pixels`);
    }
    let raster: Raster;
    try {
      raster = await decoded(bytes);
    } catch (cause) {
      throw this.#failure(frame, cause);
    }
    if (raster.width !== columns || raster.height !== rows || raster.bands !== samples) {
      throw this.#damaged(frame, `gives ${raster.width} x ${raster.height} pixels of ${raster.bands} bands`);
    }
    if (raster.dtype !== dtype) {
      if (raster.dtype !== 'uint8' || dtype !== 'uint16') {
        throw this.#damaged(frame, `gives ${raster.dtype} instead of ${dtype}`);
      }
      raster = { ...raster, dtype, data: Uint16Array.from(raster.data) };
    }
    return this.#finish(raster, isAsStored);
  }

  /** What the encoding leaves to do: colours to RGB, unused bits away, MONOCHROME1 (0 is white) turned round. */
  #finish(raster: Raster, isAsStored: boolean): Raster {
    const { format } = this.#instance;
    const { data } = raster;
    const top = 2 ** format.bitsStored - 1;
    const isFullRange = top === (format.dtype === 'uint8' ? 255 : 65_535);
    if (format.samples === 3) {
      if (isAsStored && format.photometric.startsWith('YBR') && data instanceof Uint8Array) toRgb(data);
    } else if (format.photometric === 'MONOCHROME1') {
      for (let i = 0; i < data.length; i++) data[i] = top - ((data[i] ?? 0) & top);
    } else if (!isFullRange) {
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) & top;
    }
    return raster;
  }

  /**
   * The photometric interpretation decides, whatever the stream's own markers say: without Adobe's a decoder takes three
   * components for YCbCr.
   */
  #jpegStream(frame: number): Buffer {
    const { format, file } = this.#instance;
    const ranges = this.#table.ranges(frame);
    if (format.photometric !== 'RGB') {
      const stored = readFrame(file, ranges, 0, () => this.#name(frame));
      return format.samples === 3 && saysRgb(stored) ? withoutMarkers(stored) : stored;
    }
    const room = rgbHeader.length - 2;
    const stream = readFrame(file, ranges, room, () => this.#name(frame));
    if (stream.length < room + 4 || stream[room] !== 0xff || stream[room + 1] !== 0xd8) {
      throw this.#damaged(frame, 'is no JPEG');
    }
    const skip = colourMarkersLength(stream, rgbHeader.length);
    if (saysRgb(stream.subarray(room))) return stream.subarray(room);
    rgbHeader.copy(stream);
    if (skip === 0) return stream;
    stream.copyWithin(rgbHeader.length, rgbHeader.length + skip);
    return stream.subarray(0, stream.length - skip);
  }

  #raster(memory: Uint8Array | undefined): Raster {
    const { rows, columns, samples, dtype } = this.#instance.format;
    const fits = memory !== undefined && memory.byteLength === frameBytes(this.#instance);
    const data = pixelArray(dtype, rows * columns * samples, fits ? memory : undefined);
    return { width: columns, height: rows, bands: samples, dtype, data };
  }

  #guard(frame: number, decode: () => Raster): Raster {
    try {
      return decode();
    } catch (cause) {
      throw this.#failure(frame, cause);
    }
  }

  #failure(frame: number, cause: unknown): GigatileError {
    if (cause instanceof GigatileError && cause.code !== 'image-corrupt') return cause.at(this.#name(frame));
    return this.#damaged(
      frame,
      `cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }

  #damaged(frame: number, what: string): GigatileError {
    return new GigatileError('image-corrupt', `A frame of the image ${what}`, {
      where: this.#name(frame),
      hint: 'The file is damaged there; other parts may be fine.',
    });
  }

  #name(frame: number): string {
    return `${this.#instance.file.name}, (7FE0,0010) PixelData, frame ${frame + 1}`;
  }
}

/** Whether a browser can show the frames as they are. */
export function isPassthrough({ format }: Instance): boolean {
  return format.encoding === 'jpeg' && format.dtype === 'uint8' && format.photometric !== 'MONOCHROME1';
}

/** JPEG without the JFIF and Adobe segments at its start. */
function withoutMarkers(stream: Buffer): Buffer {
  return Buffer.concat([stream.subarray(0, 2), stream.subarray(2 + colourMarkersLength(stream, 2))]);
}

function bytesOf({ data }: Raster): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** YBR_FULL, in place: the inverse of the equations of PS3.3 C.7.6.3.1.2. */
function toRgb(data: Uint8Array): void {
  const clamp = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));
  for (let i = 0; i + 2 < data.length; i += 3) {
    const y = data[i] ?? 0;
    const cb = (data[i + 1] ?? 0) - 128;
    const cr = (data[i + 2] ?? 0) - 128;
    data[i] = clamp(y + 1.402 * cr);
    data[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    data[i + 2] = clamp(y + 1.772 * cb);
  }
}
