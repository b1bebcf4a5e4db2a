/**
 * The headers of a JPEG 2000 codestream: ISO/IEC 15444-1 (ITU-T T.800) annex A. Nothing is decoded here, and nothing is allocated
 * by a count that the bytes at hand don't back up.
 */
import { GigatileError } from '../../contract/errors.ts';

export const marker = {
  soc: 0xff4f,
  cap: 0xff50,
  siz: 0xff51,
  cod: 0xff52,
  coc: 0xff53,
  qcd: 0xff5c,
  qcc: 0xff5d,
  rgn: 0xff5e,
  poc: 0xff5f,
  ppm: 0xff60,
  ppt: 0xff61,
  sot: 0xff90,
  sod: 0xff93,
  eoc: 0xffd9,
} as const;

export interface Component {
  /** Bits of a sample, 1 to 38. */
  precision: number;
  signed: boolean;
  /** Reference-grid points per sample. */
  dx: number;
  dy: number;
}

/** SIZ: the reference grid, from which all sizes follow. */
export interface ImageSize {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  tileWidth: number;
  tileHeight: number;
  tileX0: number;
  tileY0: number;
  components: readonly Component[];
}

/** How a component's coefficients are coded (COD, COC). */
export interface CodingStyle {
  /** Wavelet decompositions: 0 to 32. */
  levels: number;
  /** Exponents of the code-block's size. */
  blockWidth: number;
  blockHeight: number;
  /** Bits of table A.19: 1 bypass, 2 reset, 4 terminate each pass, 8 vertically causal, 16 predictable, 32 symbols. */
  blockStyle: number;
  /** 5-3 integer wavelet; else 9-7. */
  reversible: boolean;
  /** Exponents of the precinct's size for each resolution, coarsest first. */
  precincts: readonly { width: number; height: number }[];
}

/** QCD, QCC: exponent and mantissa for each sub-band; style 1 gives the first only. */
export interface Quantization {
  style: number;
  guardBits: number;
  steps: readonly { exponent: number; mantissa: number }[];
}

export interface Progression {
  order: number;
  firstResolution: number;
  firstComponent: number;
  endLayer: number;
  endResolution: number;
  endComponent: number;
}

export interface TileCoding {
  order: number;
  layers: number;
  /** The first three components were transformed together (RCT or ICT). */
  multiComponent: boolean;
  components: readonly { style: CodingStyle; quantization: Quantization; roiShift: number }[];
  /** Changes of progression, in place of `order`. */
  progressions: readonly Progression[];
}

/** Everything before the first tile-part. */
export interface MainHeader {
  size: ImageSize;
  coding: TileCoding;
  /** High-throughput block coding (part 15), which is another coder. */
  highThroughput: boolean;
  /** Bytes of the header, SOC to before the first SOT. */
  length: number;
}

export interface TilePart {
  tile: number;
  /** From its SOT; 0: to the end of the codestream. */
  length: number;
  /** Its number among the tile's. */
  part: number;
}

export function corrupt(what: string): GigatileError {
  return new GigatileError('image-corrupt', `The JPEG 2000 codestream is damaged: ${what}`);
}

export function unsupported(what: string): GigatileError {
  return new GigatileError('image-unsupported', `JPEG 2000 with ${what} cannot be read`, {
    hint: 'Convert it to a tiled TIFF, for example with gdal_translate.',
  });
}

/** A marker segment's content, read in order. */
class Segment {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    if (this.#at >= this.#end) throw corrupt('a header segment ends early');
    return this.#bytes[this.#at++] ?? 0;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }
}

/** What COD, COC, QCD, QCC, RGN and POC of one header said, before it is known what overrules what. */
interface Collected {
  cod: { order: number; layers: number; multiComponent: boolean; style: CodingStyle } | null;
  coc: Map<number, CodingStyle>;
  qcd: Quantization | null;
  qcc: Map<number, Quantization>;
  roi: Map<number, number>;
  progressions: Progression[];
}

const nothing = (): Collected => ({
  cod: null,
  coc: new Map(),
  qcd: null,
  qcc: new Map(),
  roi: new Map(),
  progressions: [],
});

/**
 * The main header at the start of `bytes`, which may end after it. null: it is longer than the bytes given.
 *
 * @throws {GigatileError} image-corrupt, image-unsupported
 */
export function readMainHeader(bytes: Uint8Array): MainHeader | null {
  if (bytes.length < 4) return null;
  if (word(bytes, 0) !== marker.soc || word(bytes, 2) !== marker.siz) {
    throw corrupt('it does not start with SOC and SIZ');
  }
  let size: ImageSize | null = null;
  let highThroughput = false;
  const collected = nothing();
  let at = 2;
  for (;;) {
    if (at + 4 > bytes.length) return null;
    const code = word(bytes, at);
    if (code === marker.sot) break;
    const length = segmentLength(bytes, at, code);
    if (at + 2 + length > bytes.length) return null;
    const segment = new Segment(bytes, at + 4, at + 2 + length);
    if (code === marker.siz) size = readSize(segment);
    else if (size === null) throw corrupt('SIZ is not the first segment');
    else if (code === marker.cap) highThroughput ||= (segment.u32() & 0x2_0000) !== 0;
    else if (code === marker.ppm) throw unsupported('packet headers gathered in the main header (PPM)');
    else readCoding(code, segment, size, collected);
    at += 2 + length;
  }
  if (size === null) throw corrupt('it has no SIZ segment');
  const coding = resolveCoding(size, collected, null);
  highThroughput ||= coding.components.some(({ style }) => (style.blockStyle & 0x40) !== 0);
  return { size, coding, highThroughput, length: at };
}

/** The SOT segment at `at` (12 bytes). */
export function readTilePart(bytes: Uint8Array, at: number): TilePart {
  if (at + 12 > bytes.length || word(bytes, at) !== marker.sot || word(bytes, at + 2) !== 10) {
    throw corrupt('there is no tile-part where one should be');
  }
  const tile = word(bytes, at + 4);
  const length = word(bytes, at + 6) * 65_536 + word(bytes, at + 8);
  if (length !== 0 && length < 14) throw corrupt(`a tile-part of ${length} bytes`);
  return { tile, length, part: bytes[at + 10] ?? 0 };
}

export interface TileHeader {
  coding: TileCoding;
  /** PPT: packet headers apart from their data; null: they are in the data. */
  packetHeaders: Uint8Array | null;
  /** The data of each tile-part. */
  data: readonly Uint8Array[];
}

/** Headers and data of all tile-parts of one tile, each from its SOT to its end. */
export function readTileHeader(main: MainHeader, parts: readonly Uint8Array[]): TileHeader {
  const collected = nothing();
  const packed: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  for (const part of parts) {
    let at = 12;
    for (;;) {
      if (at + 2 > part.length) throw corrupt('a tile-part ends in its header');
      const code = word(part, at);
      if (code === marker.sod) break;
      const length = segmentLength(part, at, code);
      if (at + 2 + length > part.length) throw corrupt('a tile-part ends in its header');
      const segment = new Segment(part, at + 4, at + 2 + length);
      if (code === marker.ppt) {
        segment.u8();
        packed.push(segment.rest());
      } else {
        readCoding(code, segment, main.size, collected);
      }
      at += 2 + length;
    }
    data.push(part.subarray(at + 2));
  }
  return {
    coding: resolveCoding(main.size, collected, main.coding),
    packetHeaders: packed.length === 0 ? null : Buffer.concat(packed),
    data,
  };
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

function segmentLength(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0xff30 || (code >= 0xff30 && code <= 0xff3f) || code === marker.soc || code >= 0xff91) {
    throw corrupt(`marker ${code.toString(16)} in a header`);
  }
  if (at + 4 > bytes.length) throw corrupt('a header segment ends early');
  const length = word(bytes, at + 2);
  if (length < 2) throw corrupt(`a header segment of ${length} bytes`);
  return length;
}

function readSize(segment: Segment): ImageSize {
  segment.u16();
  const [x1, y1, x0, y0] = [segment.u32(), segment.u32(), segment.u32(), segment.u32()];
  const [tileWidth, tileHeight, tileX0, tileY0] = [
    segment.u32(),
    segment.u32(),
    segment.u32(),
    segment.u32(),
  ];
  const count = segment.u16();
  if (count < 1 || count > 16_384 || segment.left < count * 3) throw corrupt(`${count} components`);
  const components = Array.from({ length: count }, () => {
    const depth = segment.u8();
    const [dx, dy] = [segment.u8(), segment.u8()];
    const precision = (depth & 0x7f) + 1;
    if (dx < 1 || dy < 1 || precision > 38) {
      throw corrupt(`a component of ${precision} bits with a step of ${dx} x ${dy}`);
    }
    return { precision, signed: depth >= 0x80, dx, dy };
  });
  const hasArea = x1 > x0 && y1 > y0 && tileWidth > 0 && tileHeight > 0;
  // The first tile holds the image's first pixel (B.3).
  if (
    !hasArea ||
    tileX0 > x0 ||
    tileY0 > y0 ||
    tileX0 + tileWidth <= x0 ||
    tileY0 + tileHeight <= y0 ||
    Math.max(x1, y1) > 2 ** 31
  ) {
    throw corrupt(`an image from (${x0}, ${y0}) to (${x1}, ${y1}) in tiles of ${tileWidth} x ${tileHeight}`);
  }
  return { x0, y0, x1, y1, tileWidth, tileHeight, tileX0, tileY0, components };
}

function readCoding(code: number, segment: Segment, size: ImageSize, into: Collected): void {
  const component = (): number => {
    const index = size.components.length < 257 ? segment.u8() : segment.u16();
    if (index >= size.components.length) throw corrupt(`a header for component ${index}, which there is not`);
    return index;
  };
  switch (code) {
    case marker.cod: {
      const flags = segment.u8();
      const order = segment.u8();
      const layers = segment.u16();
      const transform = segment.u8();
      if (order > 4 || layers < 1 || transform > 1) {
        throw corrupt(`progression ${order} with ${layers} layers`);
      }
      const style = readStyle(segment, (flags & 1) !== 0);
      into.cod = { order, layers, multiComponent: transform === 1, style };
      break;
    }
    case marker.coc: {
      const index = component();
      into.coc.set(index, readStyle(segment, (segment.u8() & 1) !== 0));
      break;
    }
    case marker.qcd:
      into.qcd = readQuantization(segment);
      break;
    case marker.qcc: {
      const index = component();
      into.qcc.set(index, readQuantization(segment));
      break;
    }
    case marker.rgn: {
      const index = component();
      if (segment.u8() !== 0) throw corrupt('a region of interest of an unknown kind');
      into.roi.set(index, segment.u8());
      break;
    }
    case marker.poc: {
      const wide = size.components.length >= 257;
      while (segment.left >= (wide ? 9 : 7)) {
        const firstResolution = segment.u8();
        const firstComponent = wide ? segment.u16() : segment.u8();
        const endLayer = segment.u16();
        const endResolution = segment.u8();
        const endComponent = wide ? segment.u16() : segment.u8() || 256;
        const order = segment.u8();
        if (order > 4) throw corrupt(`progression ${order}`);
        into.progressions.push({
          order,
          firstResolution,
          firstComponent,
          endLayer,
          endResolution,
          endComponent,
        });
      }
      break;
    }
    default:
    // Comments, tables of lengths (TLM, PLT, PLM) and places (CRG) and what later editions add: nothing that pixels depend on.
  }
}

function readStyle(segment: Segment, ownPrecincts: boolean): CodingStyle {
  const levels = segment.u8();
  const blockWidth = (segment.u8() & 15) + 2;
  const blockHeight = (segment.u8() & 15) + 2;
  const blockStyle = segment.u8();
  const transform = segment.u8();
  if (levels > 32 || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12 || transform > 1) {
    throw corrupt(`${levels} decompositions with code-blocks of 2^${blockWidth} x 2^${blockHeight}`);
  }
  const precincts = Array.from({ length: levels + 1 }, (_, resolution) => {
    const both = ownPrecincts ? segment.u8() : 0xff;
    const exponents = { width: both & 15, height: both >> 4 };
    if (resolution > 0 && (exponents.width === 0 || exponents.height === 0)) throw corrupt('empty precincts');
    return exponents;
  });
  return { levels, blockWidth, blockHeight, blockStyle, reversible: transform === 1, precincts };
}

function readQuantization(segment: Segment): Quantization {
  const both = segment.u8();
  const [style, guardBits] = [both & 31, both >> 5];
  if (style > 2) throw corrupt(`quantization ${style}`);
  const steps: { exponent: number; mantissa: number }[] = [];
  while (segment.left >= (style === 0 ? 1 : 2)) {
    const value = style === 0 ? segment.u8() << 8 : segment.u16();
    steps.push({ exponent: value >> 11, mantissa: style === 0 ? 0 : value & 2047 });
  }
  if (steps.length === 0) throw corrupt('quantization without a step');
  return { style, guardBits, steps };
}

/** A.6: a component's own segment before the general one, and a tile's before the main header's. */
function resolveCoding(size: ImageSize, header: Collected, main: TileCoding | null): TileCoding {
  const general = header.cod ?? main;
  if (general === null || (header.qcd === null && header.qcc.size === 0 && main === null)) {
    throw corrupt('it does not say how it is coded (COD, QCD)');
  }
  return {
    order: general.order,
    layers: general.layers,
    multiComponent: general.multiComponent,
    components: size.components.map((_, index) => {
      const before = main?.components[index];
      const style = header.coc.get(index) ?? header.cod?.style ?? before?.style;
      const quantization = header.qcc.get(index) ?? header.qcd ?? before?.quantization;
      if (style === undefined || quantization === undefined) {
        throw corrupt(`it does not say how component ${index} is coded`);
      }
      return { style, quantization, roiShift: header.roi.get(index) ?? before?.roiShift ?? 0 };
    }),
    progressions: header.progressions.length > 0 ? header.progressions : (main?.progressions ?? []),
  };
}
