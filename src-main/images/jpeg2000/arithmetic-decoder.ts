/**
 * The MQ arithmetic decoder and the raw bit reader of JPEG 2000's code-blocks: ISO/IEC 15444-1 annex C and D.6. One per thread,
 * whose state lies in typed arrays: it is asked some ten million times for a large tile.
 */

/** Table C.2: probability estimate, next state after the more and the less probable symbol, whether the sense switches. */
const table: readonly (readonly [qe: number, nmps: number, nlps: number, swap: number])[] = [
  [0x5601, 1, 1, 1],
  [0x3401, 2, 6, 0],
  [0x1801, 3, 9, 0],
  [0x0ac1, 4, 12, 0],
  [0x0521, 5, 29, 0],
  [0x0221, 38, 33, 0],
  [0x5601, 7, 6, 1],
  [0x5401, 8, 14, 0],
  [0x4801, 9, 14, 0],
  [0x3801, 10, 14, 0],
  [0x3001, 11, 17, 0],
  [0x2401, 12, 18, 0],
  [0x1c01, 13, 20, 0],
  [0x1601, 29, 21, 0],
  [0x5601, 15, 14, 1],
  [0x5401, 16, 14, 0],
  [0x5101, 17, 15, 0],
  [0x4801, 18, 16, 0],
  [0x3801, 19, 17, 0],
  [0x3401, 20, 18, 0],
  [0x3001, 21, 19, 0],
  [0x2801, 22, 19, 0],
  [0x2401, 23, 20, 0],
  [0x2201, 24, 21, 0],
  [0x1c01, 25, 22, 0],
  [0x1801, 26, 23, 0],
  [0x1601, 27, 24, 0],
  [0x1401, 28, 25, 0],
  [0x1201, 29, 26, 0],
  [0x1101, 30, 27, 0],
  [0x0ac1, 31, 28, 0],
  [0x09c1, 32, 29, 0],
  [0x08a1, 33, 30, 0],
  [0x0521, 34, 31, 0],
  [0x0441, 35, 32, 0],
  [0x02a1, 36, 33, 0],
  [0x0221, 37, 34, 0],
  [0x0141, 38, 35, 0],
  [0x0111, 39, 36, 0],
  [0x0085, 40, 37, 0],
  [0x0049, 41, 38, 0],
  [0x0025, 42, 39, 0],
  [0x0015, 43, 40, 0],
  [0x0009, 44, 41, 0],
  [0x0005, 45, 42, 0],
  [0x0001, 45, 43, 0],
  [0x5601, 46, 46, 0],
];

/**
 * A context holds its state as one number: the estimate in the low 16 bits, then state * 2 + more probable symbol. `following`
 * is what it becomes, by (state * 2 + symbol) * 2 + whether the less probable symbol came.
 */
const following = new Int32Array(188);
const packed = (state: number, symbol: number): number =>
  ((state * 2 + symbol) << 16) | (table[state]?.[0] ?? 0);
for (const [state, [, nmps, nlps, swap]] of table.entries()) {
  for (const symbol of [0, 1]) {
    following[(state * 2 + symbol) * 2] = packed(nmps, symbol);
    following[(state * 2 + symbol) * 2 + 1] = packed(nlps, symbol ^ swap);
  }
}

export const runContext = 17;
export const uniformContext = 18;

const contexts = new Int32Array(19);
/** A, C, counter, position; for raw bits: last byte, bits left in it, unused, position. */
const registers = new Int32Array(4);
let bytes: Uint8Array = new Uint8Array(0);

/** Table D.7. */
export function resetContexts(): void {
  contexts.fill(packed(0, 0));
  contexts[0] = packed(4, 0);
  contexts[runContext] = packed(3, 0);
  contexts[uniformContext] = packed(46, 0);
}

/** `data` ends with two bytes 0xff after the code-block's own. */
export function startArithmetic(data: Uint8Array): void {
  bytes = data;
  registers[0] = 0x8000;
  registers[1] = (data[0] ?? 0xff) << 16;
  registers[3] = 0;
  nextByte();
  registers[1] = (registers[1] ?? 0) << 7;
  registers[2] = (registers[2] ?? 0) - 7;
}

function nextByte(): void {
  const at = registers[3] ?? 0;
  const next = bytes[at + 1] ?? 0xff;
  if ((bytes[at] ?? 0xff) === 0xff) {
    if (next > 0x8f) {
      registers[1] = (registers[1] ?? 0) + 0xff00;
      registers[2] = 8;
    } else {
      registers[3] = at + 1;
      registers[1] = (registers[1] ?? 0) + (next << 9);
      registers[2] = 7;
    }
  } else {
    registers[3] = at + 1;
    registers[1] = (registers[1] ?? 0) + (next << 8);
    registers[2] = 8;
  }
}

/**
 * The next decision in a context (figures C.15 to C.18). What comes is as good as random, and a processor guesses branches: all
 * but one of them are arithmetic here, which makes it twice as fast.
 */
export function decision(context: number): number {
  const state = contexts[context] as number;
  const qe = state & 0xffff;
  const rest = (registers[0] as number) - qe;
  const code = registers[1] as number;
  // All ones where the code lies in the lower part.
  const lower = ((code >>> 16) - qe) >> 31;
  const a = rest + ((qe - rest) & lower);
  const c = code - ((qe << 16) & ~lower);
  if ((a & 0x8000) !== 0) {
    registers[0] = a;
    registers[1] = c;
    return (state >> 16) & 1;
  }
  // The parts change places where the upper one is the smaller.
  const less = ((rest - qe) >>> 31) ^ (lower & 1);
  contexts[context] = following[((state >> 16) << 1) | less] as number;
  renormalize(a, c);
  return ((state >> 16) & 1) ^ less;
}

function renormalize(interval: number, code: number): void {
  let c = code;
  let count = registers[2] as number;
  let shift = Math.clz32(interval) - 16;
  registers[0] = interval << shift;
  while (shift > count) {
    registers[1] = c << count;
    shift -= count;
    nextByte();
    c = registers[1];
    count = registers[2] as number;
  }
  registers[1] = c << shift;
  registers[2] = count - shift;
}

export function startRaw(data: Uint8Array): void {
  bytes = data;
  registers[0] = 0;
  registers[1] = 0;
  registers[3] = 0;
}

/** The next bit of a bypassed pass; a zero bit is stuffed after 0xff. */
export function rawBit(): number {
  let left = registers[1] as number;
  if (left === 0) {
    left = registers[0] === 0xff ? 7 : 8;
    registers[0] = bytes[registers[3] as number] ?? 0xff;
    registers[3] = (registers[3] as number) + 1;
  }
  left--;
  registers[1] = left;
  return ((registers[0] as number) >> left) & 1;
}
