/**
 * Sorting a million detections by several float32 keys: a least-significant-digit radix sort over typed arrays, which costs
 * a few passes over memory where a comparator costs twenty million calls.
 */

export interface SortKey {
  /** Where the key of item i lies: values[i * stride + offset]. */
  values: Float32Array;
  stride: number;
  offset: number;
  descending?: boolean;
}

const digitBits = 11;
const digits = 1 << digitBits;

/** Unsigned integers that sort as the float32 keys do: the sign bit flipped, negative numbers inverted. */
function sortable(key: SortKey, count: number): Uint32Array {
  const column = new Float32Array(count);
  // Adding 0 makes +0 of -0: the two are one value and must not be told apart.
  for (let i = 0, p = key.offset; i < count; i++, p += key.stride) column[i] = key.values[p]! + 0;
  const bits = new Uint32Array(column.buffer);
  const flip = key.descending === true ? 0xffffffff : 0;
  for (let i = 0; i < count; i++) {
    const b = bits[i]!;
    bits[i] = (b >>> 31 === 1 ? ~b : b | 0x80000000) ^ flip;
  }
  return bits;
}

/** Sorts `order` by `bits`, stably; answers the array that holds the result (one of the two). */
function radixSort(bits: Uint32Array, order: Int32Array, scratch: Int32Array): [Int32Array, Int32Array] {
  const count = order.length;
  let from = order;
  let to = scratch;
  const positions = new Int32Array(digits);
  for (let shift = 0; shift < 32; shift += digitBits) {
    positions.fill(0);
    for (let i = 0; i < count; i++) positions[(bits[i]! >>> shift) & (digits - 1)]!++;
    // All in one digit: nothing to move (class indexes, sizes of one model).
    if (positions[(bits[0]! >>> shift) & (digits - 1)] === count) continue;
    let start = 0;
    for (let digit = 0; digit < digits; digit++) {
      const here = positions[digit]!;
      positions[digit] = start;
      start += here;
    }
    for (let i = 0; i < count; i++) {
      const item = from[i]!;
      to[positions[(bits[item]! >>> shift) & (digits - 1)]!++] = item;
    }
    [from, to] = [to, from];
  }
  return [from, to];
}

/** Indexes 0 … count - 1 sorted by the keys, the most significant first; equal items stay in the order of their index. */
export function rankBy(count: number, keys: readonly SortKey[]): Int32Array {
  let order: Int32Array = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const [first, ...others] = keys;
  if (count < 2 || first === undefined) return order;

  let scratch: Int32Array = new Int32Array(count);
  const bits = sortable(first, count);
  [order, scratch] = radixSort(bits, order, scratch);
  // Scores rarely tie; where they don't, one key is enough.
  let ties = false;
  for (let i = 1; i < count && !ties; i++) ties = bits[order[i]!] === bits[order[i - 1]!];
  if (!ties || others.length === 0) return order;

  for (let i = 0; i < count; i++) order[i] = i;
  for (const key of others.toReversed()) [order, scratch] = radixSort(sortable(key, count), order, scratch);
  [order] = radixSort(bits, order, scratch);
  return order;
}
