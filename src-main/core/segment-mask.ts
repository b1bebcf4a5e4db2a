/**
 * What a segmenter says about the pixels of a tile, packed: the class of each pixel of the mask's rectangle (see segment-seams.ts),
 * how sure the model is on average, and the probabilities of all classes where tiles are blended.
 *
 * Layout, version 1; numbers are little-endian:
 *
 *   byte 0       1
 *   byte 1       0: the body follows as it is; 1: compressed (raw deflate, RFC 1951)
 *   byte 2       planes of probabilities: 0, or a number for each class (`highest`), or for each class but 0 (`threshold`)
 *   byte 3       0: a pixel has the class of the highest plane; 1: of the highest plane where above the threshold, else class 0;
 *                2: of the highest plane where it reaches the threshold, else class 0, which has a plane of its own
 *   4, 6, 8, 10  uint16: half strips at the left, top, right and bottom
 *   12, 16       uint32: width and height
 *   20, 24, 28   uint32: bytes of the classes, of the means, and of the body
 *   32           the body, its three parts one after the other:
 *     classes    row by row, runs of one class: class (uint8; 255: nothing is known), length (LEB128), to the end of the row
 *     means      for each block of 8 x 8 pixels, row by row: how many classes it has; of each class (uint8) the mean of its
 *                probability over the pixels that have it (uint8, 255 = 1). Empty where the model gives class numbers only
 *     strips     plane by plane, the probabilities (uint8) of the pixels that lie in strips, row by row: each as its difference
 *                (modulo 256) to the one before it, which is small where probabilities change slowly
 */
import type { Strips } from './segment-seams.ts';

/** The class of pixels of which nothing is known, or nothing is to be said. */
export const noLabel = 255;

export const blockEdge = 8;
const headerBytes = 32;
const version = 1;
/** By their numbers in byte 3. */
const rules = ['highest', 'threshold', 'highest-from-threshold'] as const;
export type MaskRule = (typeof rules)[number];

export interface SegmentMask {
  width: number;
  height: number;
  strips: Strips;
  /** Number of planes in `stripPlanes`. */
  planes: number;
  rule: MaskRule;
  /** Runs, as in the layout. */
  classes: Uint8Array;
  means: Uint8Array;
  stripPlanes: Uint8Array;
}

/** Number of pixels in the strips of a mask. */
export function stripPixels({
  width,
  height,
  strips,
}: Pick<SegmentMask, 'width' | 'height' | 'strips'>): number {
  const across = 2 * (strips.top + strips.bottom);
  return across * width + (height - across) * 2 * (strips.left + strips.right);
}

/** @param deflate raw deflate; its result is used where it is smaller */
export function packMask(mask: SegmentMask, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const { classes, means, stripPlanes, strips } = mask;
  const body = new Uint8Array(classes.length + means.length + stripPlanes.length);
  body.set(classes);
  body.set(means, classes.length);
  const strip = classes.length + means.length;
  for (let i = 0, before = 0; i < stripPlanes.length; before = stripPlanes[i++]!) {
    body[strip + i] = stripPlanes[i]! - before;
  }
  const deflated = deflate(body);
  const stored = deflated.length < body.length ? deflated : body;
  const packed = new Uint8Array(headerBytes + stored.length);
  const view = new DataView(packed.buffer);
  packed.set([version, stored === body ? 0 : 1, mask.planes, rules.indexOf(mask.rule)]);
  [strips.left, strips.top, strips.right, strips.bottom].forEach((half, i) =>
    view.setUint16(4 + 2 * i, half, true),
  );
  [mask.width, mask.height, classes.length, means.length, body.length].forEach((value, i) =>
    view.setUint32(12 + 4 * i, value, true),
  );
  packed.set(stored, headerBytes);
  return packed;
}

/** The compressed part of a mask and how many bytes come out of it, for those who inflate it beforehand; null where there is none. */
export function compressedBody(packed: Uint8Array): { bytes: Uint8Array; length: number } | null {
  if (packed.length < headerBytes || packed[1] !== 1) return null;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return { bytes: packed.subarray(headerBytes), length: view.getUint32(28, true) };
}

/**
 * @param inflate of raw deflate; told how many bytes come out
 * @throws {RangeError} where the bytes are no mask of this layout
 */
export function unpackMask(
  packed: Uint8Array,
  inflate: (bytes: Uint8Array, length: number) => Uint8Array,
): SegmentMask {
  if (packed.length < headerBytes || packed[0] !== version) {
    throw new RangeError(`no mask: ${packed.length} bytes of version ${packed[0]}`);
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const [left, top, right, bottom] = [4, 6, 8, 10].map((at) => view.getUint16(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  const [width, height, classBytes, meanBytes, length] = [12, 16, 20, 24, 28].map((at) =>
    view.getUint32(at, true),
  ) as [number, number, number, number, number];
  const stored = packed.subarray(headerBytes);
  // The strips are summed up where they are.
  const body = packed[1] === 0 ? new Uint8Array(stored) : inflate(stored, length);
  const planes = packed[2] ?? 0;
  const rule = rules[packed[3] ?? rules.length];
  if (rule === undefined) throw new RangeError(`no mask: a rule ${packed[3]}`);
  const strips = { left, top, right, bottom };
  const needed = classBytes + meanBytes + planes * stripPixels({ width, height, strips });
  if (body.length !== length || needed !== length) {
    throw new RangeError(`no mask: ${body.length} bytes where ${length} are stated and ${needed} needed`);
  }
  const stripPlanes = body.subarray(classBytes + meanBytes);
  for (let i = 1; i < stripPlanes.length; i++) stripPlanes[i]! += stripPlanes[i - 1]!;
  return {
    width,
    height,
    strips,
    planes,
    rule,
    classes: body.subarray(0, classBytes),
    means: body.subarray(classBytes, classBytes + meanBytes),
    stripPlanes,
  };
}

/** The class of each pixel, row by row, as runs. */
export function encodeClasses(labels: Uint8Array, width: number): Uint8Array {
  // A run of n pixels takes at most 2 bytes a pixel where n is 1, less where it is longer.
  const bytes = new Uint8Array(2 * labels.length);
  let to = 0;
  for (let row = 0; row < labels.length; row += width) {
    for (let from = row; from < row + width;) {
      const label = labels[from]!;
      let end = from + 1;
      while (end < row + width && labels[end] === label) end++;
      bytes[to++] = label;
      let length = end - from;
      for (; length > 127; length >>>= 7) bytes[to++] = (length & 127) | 128;
      bytes[to++] = length;
      from = end;
    }
  }
  return bytes.slice(0, to);
}

/** Mean probability of each class in each block, as in the layout. `probability`: of each pixel, that of its class, 0-255. */
export function encodeMeans(labels: Uint8Array, probability: Uint8Array, width: number): Uint8Array {
  const height = labels.length / width;
  const bytes: number[] = [];
  const sums = new Uint32Array(256);
  const counts = new Uint32Array(256);
  for (let top = 0; top < height; top += blockEdge) {
    for (let left = 0; left < width; left += blockEdge) {
      const present: number[] = [];
      for (let y = top; y < Math.min(height, top + blockEdge); y++) {
        for (let at = y * width + left; at < y * width + Math.min(width, left + blockEdge); at++) {
          const label = labels[at]!;
          if (label === noLabel) continue;
          if (counts[label] === 0) present.push(label);
          counts[label]!++;
          sums[label]! += probability[at]!;
        }
      }
      bytes.push(present.length);
      for (const label of present.sort((a, b) => a - b)) {
        bytes.push(label, Math.round(sums[label]! / counts[label]!));
        sums[label] = 0;
        counts[label] = 0;
      }
    }
  }
  return Uint8Array.from(bytes);
}
