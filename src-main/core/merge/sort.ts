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

/** One list of items with their keys, and room for another. */
interface Buffers {
  items: Int32Array;
  bits: Uint32Array;
  otherItems: Int32Array;
  otherBits: Uint32Array;
}

/** Sorts the items by their keys, stably. Keys travel with their items, so that each pass reads memory in sequence. */
function radixSort(buffers: Buffers): void {
  const count = buffers.items.length;
  const passes = Math.ceil(32 / digitBits);
  const positions = new Int32Array(digits * passes);
  for (let i = 0; i < count; i++) {
    const key = buffers.bits[i]!;
    for (let pass = 0; pass < passes; pass++) {
      positions[pass * digits + ((key >>> (pass * digitBits)) & (digits - 1))]!++;
    }
  }
  for (let pass = 0; pass < passes; pass++) {
    const shift = pass * digitBits;
    const base = pass * digits;
    // All in one digit: nothing to move (class indexes, sizes of one model).
    if (positions[base + ((buffers.bits[0]! >>> shift) & (digits - 1))] === count) continue;
    let start = 0;
    for (let digit = base; digit < base + digits; digit++) {
      const here = positions[digit]!;
      positions[digit] = start;
      start += here;
    }
    const { items, bits, otherItems, otherBits } = buffers;
    for (let i = 0; i < count; i++) {
      const key = bits[i]!;
      const to = positions[base + ((key >>> shift) & (digits - 1))]!++;
      otherBits[to] = key;
      otherItems[to] = items[i]!;
    }
    Object.assign(buffers, { items: otherItems, bits: otherBits, otherItems: items, otherBits: bits });
  }
}

/** From and to (exclusive) of each run of equal keys. */
function tiedRuns(sorted: Uint32Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 1, from = 0; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[from]) continue;
    if (i - from > 1) runs.push([from, i]);
    from = i;
  }
  return runs;
}

/** As the keys sort: by number, -0 equal to 0. NaN does not come here, see checkDetections. */
function compareBy(keys: readonly SortKey[], a: number, b: number): number {
  for (const { values, stride, offset, descending } of keys) {
    const difference = values[a * stride + offset]! - values[b * stride + offset]!;
    if (difference !== 0) return descending === true ? -difference : difference;
  }
  return 0;
}

/** Indexes 0 … count - 1 sorted by the keys, the most significant first; equal items stay in the order of their index. */
export function rankBy(count: number, keys: readonly SortKey[]): Int32Array {
  const items = new Int32Array(count);
  for (let i = 0; i < count; i++) items[i] = i;
  const [first, ...others] = keys;
  if (count < 2 || first === undefined) return items;

  const buffers: Buffers = {
    items,
    bits: sortable(first, count),
    otherItems: new Int32Array(count),
    otherBits: new Uint32Array(count),
  };
  radixSort(buffers);
  // Scores rarely tie: then the few that do are put in order among themselves.
  const ties = tiedRuns(buffers.bits);
  if (ties.length === 0 || others.length === 0) return buffers.items;
  if (ties.reduce((sum, [from, to]) => sum + to - from, 0) < count / 8) {
    for (const [from, to] of ties)
      buffers.items.subarray(from, to).sort((a, b) => compareBy(others, a, b) || a - b);
    return buffers.items;
  }

  for (let i = 0; i < count; i++) buffers.items[i] = i;
  for (const key of [...others.toReversed(), first]) {
    const column = sortable(key, count);
    for (let i = 0; i < count; i++) buffers.bits[i] = column[buffers.items[i]!]!;
    radixSort(buffers);
  }
  return buffers.items;
}
