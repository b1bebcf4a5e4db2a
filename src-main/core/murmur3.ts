/**
 * MurmurHash3 x86_128 by Austin Appleby (public domain): a fast, well-mixed 128-bit hash without cryptographic claims, for names
 * that must be the same on every machine. Written from its description; checked against published values in the tests.
 */

const c1 = 0x239b961b;
const c2 = 0xab0e9789;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93;

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/** One word of input, as it goes into a lane. */
const mixed = (word: number, first: number, bits: number, second: number) =>
  Math.imul(rotate(Math.imul(word, first), bits), second);

function finalMix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** @returns four unsigned 32-bit numbers, in the order in which the hash is written */
export function murmur3(bytes: Uint8Array, seed = 0): [number, number, number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let a = seed;
  let b = seed;
  let c = seed;
  let d = seed;
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    a ^= mixed(view.getInt32(at, true), c1, 15, c2);
    a = (Math.imul(rotate(a, 19) + b, 5) + 0x561ccd1b) | 0;
    b ^= mixed(view.getInt32(at + 4, true), c2, 16, c3);
    b = (Math.imul(rotate(b, 17) + c, 5) + 0x0bcaa747) | 0;
    c ^= mixed(view.getInt32(at + 8, true), c3, 17, c4);
    c = (Math.imul(rotate(c, 15) + d, 5) + 0x96cd1c35) | 0;
    d ^= mixed(view.getInt32(at + 12, true), c4, 18, c1);
    d = (Math.imul(rotate(d, 13) + a, 5) + 0x32ac3b17) | 0;
  }

  // What is left, padded with zeros: a word of zeros changes nothing.
  const tail = new Int32Array(4);
  for (let k = at; k < bytes.length; k++) tail[(k - at) >> 2]! |= bytes[k]! << (8 * ((k - at) & 3));
  a ^= mixed(tail[0]!, c1, 15, c2);
  b ^= mixed(tail[1]!, c2, 16, c3);
  c ^= mixed(tail[2]!, c3, 17, c4);
  d ^= mixed(tail[3]!, c4, 18, c1);

  a ^= bytes.length;
  b ^= bytes.length;
  c ^= bytes.length;
  d ^= bytes.length;
  a = (a + b + c + d) | 0;
  b = finalMix(a + b);
  c = finalMix(a + c);
  d = finalMix(a + d);
  a = (finalMix(a) + b + c + d) | 0;
  return [a >>> 0, (a + b) >>> 0, (a + c) >>> 0, (a + d) >>> 0];
}
