/**
 * Coefficients of a code-block, bit-plane by bit-plane: ISO/IEC 15444-1 annex D. A coefficient is kept doubled, with its last
 * bit for the half step by which what was not coded is estimated (E.1.1.2 with r = 1/2).
 */
import {
  decision,
  rawBit,
  resetContexts,
  runContext,
  startArithmetic,
  startRaw,
  uniformContext,
} from './arithmetic-decoder.ts';
import { corrupt } from './codestream.ts';
import type { BlockSegment, CodeBlock } from './tile-layout.ts';

const style = { bypass: 1, reset: 2, causal: 8, symbols: 32 } as const;

/** What a sample knows: its neighbours' significance and (of the four nearest) sign, then its own state. */
const north = 1;
const south = 2;
const west = 4;
const east = 8;
const northWest = 16;
const northEast = 32;
const southWest = 64;
const southEast = 128;
const neighbours = 255;
const northNegative = 256;
const southNegative = 512;
const westNegative = 1024;
const eastNegative = 2048;
const significant = 4096;
const visited = 8192;
const refined = 16_384;
/** A vertically causal code-block's stripe knows nothing of the stripe below. */
const aboveOnly = ~(south | southWest | southEast | southNegative);

/** Table D.1 by orientation * 256 + neighbours. */
const zeroContexts = new Uint8Array(1024);
/** Tables D.2 and D.3 by the four nearest: context + 128 where the sign is flipped. */
const signContexts = new Uint8Array(256);

for (let orientation = 0; orientation < 4; orientation++) {
  for (let near = 0; near < 256; near++) {
    const count = (...bits: number[]): number => bits.filter((bit) => (near & bit) !== 0).length;
    const [h, v] =
      orientation === 1 ? [count(north, south), count(west, east)] : [count(west, east), count(north, south)];
    const d = count(northWest, northEast, southWest, southEast);
    zeroContexts[orientation * 256 + near] =
      orientation === 3 ? diagonalContext(d, h + v) : straightContext(h, v, d);
  }
}
for (let near = 0; near < 256; near++) {
  const contribution = (bit: number): number => ((near & bit) === 0 ? 0 : (near & (bit << 4)) === 0 ? 1 : -1);
  const h = Math.max(-1, Math.min(1, contribution(west) + contribution(east)));
  const v = Math.max(-1, Math.min(1, contribution(north) + contribution(south)));
  const flip = h < 0 || (h === 0 && v < 0);
  const context = 9 + Math.abs(h === 0 ? v : 3 + v * h);
  signContexts[near] = context + (flip ? 128 : 0);
}

function straightContext(h: number, v: number, d: number): number {
  if (h === 2) return 8;
  if (h === 1) return v > 0 ? 7 : d > 0 ? 6 : 5;
  if (v > 0) return 2 + v;
  return Math.min(d, 2);
}

function diagonalContext(d: number, straight: number): number {
  if (d >= 3) return 8;
  if (d === 2) return straight > 0 ? 7 : 6;
  return d * 3 + Math.min(straight, 2);
}

/** Of the largest code-block (4096 samples, neither side over 1024), the flags with a border. */
const coefficients = new Int32Array(4096);
const flags = new Uint16Array(1026 * 6);
let width = 0;
let height = 0;
let stride = 0;
/** Where in `zeroContexts` the sub-band's begin. */
let zeroBase = 0;
let causal = false;
let stream = new Uint8Array(0);

/**
 * Doubled coefficients of a code-block, row by row; valid until the next call.
 *
 * @param planes bit-planes that the sub-band can have
 * @throws {GigatileError} image-corrupt
 */
export function decodeBlock(
  block: CodeBlock,
  orientation: number,
  planes: number,
  blockStyle: number,
): Int32Array {
  const { rect } = block;
  width = rect.x1 - rect.x0;
  height = rect.y1 - rect.y0;
  stride = width + 2;
  flags.fill(0, 0, stride * (height + 2));
  coefficients.fill(0, 0, width * height);
  zeroBase = orientation * 256;
  causal = (blockStyle & style.causal) !== 0;
  let plane = planes - block.zeroPlanes;
  if (plane > 30) throw corrupt(`a code-block of ${plane} bit-planes`);
  resetContexts();
  let kind = 2;
  let pass = 0;
  for (const segment of block.segments) {
    const isRaw = (blockStyle & style.bypass) !== 0 && pass >= 10 && kind < 2;
    const data = joined(segment);
    if (isRaw) startRaw(data);
    else startArithmetic(data);
    for (let i = 0; i < segment.passes && plane > 0; i++, pass++) {
      if (kind === 0) significancePass(1 << plane, isRaw);
      else if (kind === 1) refinementPass(1 << plane, isRaw);
      else cleanupPass(1 << plane, (blockStyle & style.symbols) !== 0);
      if ((blockStyle & style.reset) !== 0) resetContexts();
      if (++kind === 3) {
        kind = 0;
        plane--;
      }
    }
  }
  return coefficients;
}

/** A segment's bytes in one piece, and the two bytes that end every stream for the decoder. */
function joined(segment: BlockSegment): Uint8Array {
  if (stream.length < segment.length + 2) stream = new Uint8Array(segment.length * 2 + 64);
  let at = 0;
  for (const chunk of segment.chunks) {
    stream.set(chunk, at);
    at += chunk.length;
  }
  stream[at] = 0xff;
  stream[at + 1] = 0xff;
  return stream;
}

/** A sample becomes significant: its neighbours learn it. */
function spread(at: number, negative: number): void {
  const [above, below] = [at - stride, at + stride];
  const sign = -negative;
  flags[above - 1] = (flags[above - 1] as number) | southEast;
  flags[above] = (flags[above] as number) | south | (sign & southNegative);
  flags[above + 1] = (flags[above + 1] as number) | southWest;
  flags[at - 1] = (flags[at - 1] as number) | east | (sign & eastNegative);
  flags[at] = (flags[at] as number) | significant;
  flags[at + 1] = (flags[at + 1] as number) | west | (sign & westNegative);
  flags[below - 1] = (flags[below - 1] as number) | northEast;
  flags[below] = (flags[below] as number) | north | (sign & northNegative);
  flags[below + 1] = (flags[below + 1] as number) | northWest;
}

function signOf(flag: number): number {
  const context = signContexts[(flag & 15) | ((flag >> 4) & 0xf0)] as number;
  return decision(context & 127) ^ (context >> 7);
}

function significancePass(one: number, isRaw: boolean): void {
  const [w, h, step, base, isCausal] = [width, height, stride, zeroBase, causal];
  const value = one | (one >> 1);
  for (let top = 0; top < h; top += 4) {
    const bottom = Math.min(top + 4, h);
    for (let x = 0; x < w; x++) {
      let at = (top + 1) * step + x + 1;
      for (let y = top; y < bottom; y++, at += step) {
        let flag = flags[at] as number;
        if (isCausal && y === top + 3) flag &= aboveOnly;
        if ((flag & neighbours) === 0 || (flag & significant) !== 0) continue;
        const isSet = isRaw ? rawBit() : decision(zeroContexts[base + (flag & neighbours)] as number);
        if (isSet === 1) {
          const negative = isRaw ? rawBit() : signOf(flag);
          coefficients[y * w + x] = (value ^ -negative) + negative;
          spread(at, negative);
        }
        flags[at] = (flags[at] as number) | visited;
      }
    }
  }
}

function refinementPass(one: number, isRaw: boolean): void {
  const [w, h, step, isCausal] = [width, height, stride, causal];
  const half = one >> 1;
  for (let top = 0; top < h; top += 4) {
    const bottom = Math.min(top + 4, h);
    for (let x = 0; x < w; x++) {
      let at = (top + 1) * step + x + 1;
      for (let y = top; y < bottom; y++, at += step) {
        let flag = flags[at] as number;
        if ((flag & (significant | visited)) !== significant) continue;
        if (isCausal && y === top + 3) flag &= aboveOnly;
        const context = (flag & refined) !== 0 ? 16 : (flag & neighbours) !== 0 ? 15 : 14;
        const bit = isRaw ? rawBit() : decision(context);
        const before = coefficients[y * w + x] as number;
        // Half a step more or less, away from zero; without branches, as bits and signs are random.
        const direction = (bit - 1) ^ (before >> 31);
        coefficients[y * w + x] = before + ((half ^ direction) - direction);
        flags[at] = (flags[at] as number) | refined;
      }
    }
  }
}

function cleanupPass(one: number, hasSymbols: boolean): void {
  const [w, h, step, base, isCausal] = [width, height, stride, zeroBase, causal];
  const value = one | (one >> 1);
  for (let top = 0; top < h; top += 4) {
    const bottom = Math.min(top + 4, h);
    for (let x = 0; x < w; x++) {
      let at = (top + 1) * step + x + 1;
      let y = top;
      let isKnown = false;
      if (bottom - top === 4 && isQuiet(at)) {
        if (decision(runContext) === 0) continue;
        const run = decision(uniformContext) * 2 + decision(uniformContext);
        y += run;
        at += run * step;
        isKnown = true;
      }
      for (; y < bottom; y++, at += step) {
        const stored = flags[at] as number;
        if ((stored & (significant | visited)) === 0) {
          const flag = isCausal && y === top + 3 ? stored & aboveOnly : stored;
          if (isKnown || decision(zeroContexts[base + (flag & neighbours)] as number) === 1) {
            isKnown = false;
            const negative = signOf(flag);
            coefficients[y * w + x] = (value ^ -negative) + negative;
            spread(at, negative);
          }
        }
        flags[at] = (flags[at] as number) & ~visited;
      }
    }
  }
  // 1010: only a check, and one that damaged streams fail without being useless.
  if (hasSymbols) for (let i = 0; i < 4; i++) decision(uniformContext);
}

/** Four samples of a column of which nothing is known, so that they are coded as a run (D.3.4). */
function isQuiet(at: number): boolean {
  const rest = significant | visited | neighbours;
  const last = flags[at + 3 * stride] as number;
  const seen =
    (flags[at] as number) |
    (flags[at + stride] as number) |
    (flags[at + 2 * stride] as number) |
    (causal ? last & aboveOnly : last);
  return (seen & rest) === 0;
}
