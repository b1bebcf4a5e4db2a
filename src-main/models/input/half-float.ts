/** IEEE 754 half precision, as the bits that onnxruntime takes for `float16`. */

const highest = 65_504;
const numbers = new Float32Array(1);
const bits = new Uint32Array(numbers.buffer);

/**
 * The nearest half float, halves to even. What lies beyond ±65504, the highest finite one, is given as that: an infinity would make
 * everything in a network one, or NaN.
 */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  if (Math.abs(value) >= highest) return value < 0 ? 0xfbff : 0x7bff;
  numbers[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 0xff) - 127;
  const fraction = word & 0x7f_ffff;
  if (exponent < -25) return sign;
  // Below 2^-14 the leading one is no longer implied: it moves right with the others.
  const isSmall = exponent < -14;
  const digits = isSmall ? fraction | 0x80_0000 : fraction;
  const dropped = isSmall ? -1 - exponent : 13;
  const kept = digits >>> dropped;
  const rest = digits & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  const rounded = rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
  // Rounding up to the next power of two carries into the exponent, as it should.
  return sign | ((isSmall ? 0 : (exponent + 15) << 10) + rounded);
}
