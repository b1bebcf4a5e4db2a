/**
 * The header of a JPEG that is read in parts: where its restart intervals lie on the image, and a header for a picture made of
 * some of them. ITU-T T.81, annexes B (markers) and F.1 (decoding starts afresh after each RSTn).
 */
import { GigatileError } from '../../contract/errors.ts';

export interface RestartJpeg {
  /** SOI to SOS, without comments and application data except those that say how colours are stored. */
  readonly header: Buffer;
  /** Where the frame's height (2 bytes) and width (2 bytes) lie in `header`. */
  readonly sizeAt: number;
  /** 0 where the picture is too large for a JPEG to say. */
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly mcuWidth: number;
  readonly mcuHeight: number;
  /** MCUs from one restart marker to the next; 0: there are none. */
  readonly interval: number;
  /** One baseline scan of all components: its intervals can be decoded by themselves. */
  readonly divisible: boolean;
  /** Bytes before the first interval's. */
  readonly dataAt: number;
}

interface Frame {
  at: number;
  sequential: boolean;
  width: number;
  height: number;
  components: number;
  mcuWidth: number;
  mcuHeight: number;
}

const marker = { soi: 0xd8, sos: 0xda, dri: 0xdd, app0: 0xe0, app14: 0xee, com: 0xfe } as const;

/** Reads up to SOS. null: the header goes on beyond these bytes. @throws {GigatileError} image-corrupt */
export function readRestartJpeg(bytes: Buffer, where: string): RestartJpeg | null {
  if (bytes.length < 4) return null;
  if (bytes[0] !== 0xff || bytes[1] !== marker.soi) throw corrupt('does not start like a JPEG', where);
  const parts: Buffer[] = [bytes.subarray(0, 2)];
  let [frame, interval, length]: [Frame | null, number, number] = [null, 0, 2];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw corrupt(`has no marker at byte ${at} of its header`, where);
    const code = bytes[at + 1] ?? 0;
    if (code === 0xff) {
      at++;
      continue;
    }
    const size = bytes.readUInt16BE(at + 2);
    const isBare = code <= 0x01 || (code >= 0xd0 && code <= 0xd9);
    if (isBare || size < 2) throw corrupt(`has the marker ${code.toString(16)} in its header`, where);
    const end = at + 2 + size;
    if (end > bytes.length) return null;
    if (isFrame(code)) {
      if (frame !== null) throw corrupt('has two frame headers', where);
      frame = readFrame(bytes, at, end, length, where);
    }
    if (code === marker.dri) {
      if (size < 4) throw corrupt('has a short restart interval', where);
      interval = bytes.readUInt16BE(at + 4);
    }
    if (isKept(code)) {
      parts.push(bytes.subarray(at, end));
      length += end - at;
    }
    if (code === marker.sos) {
      if (frame === null) throw corrupt('has a scan before its frame header', where);
      return {
        ...frame,
        header: Buffer.concat(parts),
        sizeAt: frame.at + 5,
        interval,
        divisible: frame.sequential && bytes[at + 4] === frame.components,
        dataAt: end,
      };
    }
    at = end;
  }
  return null;
}

/** The header of a picture of the same kind with another size. */
export function sizedHeader(jpeg: RestartJpeg, width: number, height: number): Buffer {
  const header = Buffer.from(jpeg.header);
  header.writeUInt16BE(height, jpeg.sizeAt);
  header.writeUInt16BE(width, jpeg.sizeAt + 2);
  return header;
}

function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

/** Everything but comments and the application data of cameras and scanners, which can be long. */
function isKept(code: number): boolean {
  const isApplication = code >= marker.app0 && code <= 0xef;
  return code !== marker.com && (!isApplication || code === marker.app0 || code === marker.app14);
}

function readFrame(bytes: Buffer, at: number, end: number, kept: number, where: string): Frame {
  const components = at + 10 <= end ? (bytes[at + 9] ?? 0) : 0;
  if (components === 0 || at + 10 + components * 3 > end) throw corrupt('has a damaged frame header', where);
  let [across, down] = [1, 1];
  for (let i = 0; i < components; i++) {
    const factors = bytes[at + 11 + i * 3] ?? 0;
    const [horizontal, vertical] = [factors >> 4, factors & 15];
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) {
      throw corrupt(`has sampling factors ${horizontal} x ${vertical}`, where);
    }
    across = Math.max(across, horizontal);
    down = Math.max(down, vertical);
  }
  // A scan of one component goes block by block, whatever its factors say.
  if (components === 1) [across, down] = [1, 1];
  const code = bytes[at + 1] ?? 0;
  return {
    at: kept,
    sequential: code === 0xc0 || code === 0xc1,
    height: bytes.readUInt16BE(at + 5),
    width: bytes.readUInt16BE(at + 7),
    components,
    mcuWidth: across * 8,
    mcuHeight: down * 8,
  };
}

function corrupt(what: string, where: string): GigatileError {
  return new GigatileError('image-corrupt', `The JPEG of this level ${what}`, {
    where,
    hint: 'The file is damaged or was not copied completely.',
  });
}
