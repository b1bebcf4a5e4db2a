/** The masks of tiles, read row by row from the top as a sweep over the image needs them. */
import { blockEdge, noLabel, stripPixels, type SegmentMask } from './segment-mask.ts';
import type { MaskPlace } from './segment-seams.ts';

export class MaskRows {
  readonly place: MaskPlace;
  readonly mask: SegmentMask;
  /** Runs of the current row: where each ends (model pixels of the whole image) and its class. */
  readonly ends: Int32Array;
  readonly labels: Uint8Array;
  count = 0;
  readonly #classes: number;
  /** Where the means of each block begin in `mask.means`. */
  readonly #blocks: Uint32Array;
  readonly #blocksAcross: number;
  /** Where the current row of pixels in strips begins in a plane, and the number of pixels of a plane. */
  readonly #plane: number;
  #at = 0;
  #next: number;

  /** @throws {RangeError} where the mask is not one of this place */
  constructor(mask: SegmentMask, place: MaskPlace, classes: number) {
    const { rect, strips } = place;
    const same = (['left', 'top', 'right', 'bottom'] as const).every(
      (side) => mask.strips[side] === strips[side],
    );
    if (mask.width !== rect.width || mask.height !== rect.height || !same) {
      throw new RangeError(
        `a mask of ${mask.width} x ${mask.height} pixels where ${rect.width} x ${rect.height} belong`,
      );
    }
    this.mask = mask;
    this.place = place;
    this.ends = new Int32Array(rect.width);
    this.labels = new Uint8Array(rect.width);
    this.#classes = classes;
    this.#next = rect.y;
    this.#plane = stripPixels(mask);
    this.#blocksAcross = Math.ceil(rect.width / blockEdge);
    this.#blocks = blockStarts(mask.means, this.#blocksAcross * Math.ceil(rect.height / blockEdge));
  }

  /** Reads on to a row of the whole image, which must not lie above an earlier one. @throws {RangeError} */
  advanceTo(y: number): void {
    for (; this.#next <= y; this.#next++) this.#readRow();
  }

  #readRow(): void {
    const { classes } = this.mask;
    const { x, width } = this.place.rect;
    let count = 0;
    let at = this.#at;
    for (let end = 0; end < width; count++) {
      const label = classes[at++]!;
      let length = 0;
      let shift = 0;
      let byte: number;
      do {
        byte = classes[at++] ?? 0;
        length |= (byte & 127) << shift;
        shift += 7;
      } while (byte > 127 && shift < 28);
      end += length;
      if (length <= 0 || end > width || (label >= this.#classes && label !== noLabel)) {
        throw new RangeError(`a run of ${length} pixels of class ${label} in a row of ${width}`);
      }
      this.ends[count] = x + end;
      this.labels[count] = label;
    }
    this.count = count;
    this.#at = at;
  }

  /** Number of the run of the current row that holds column `x`. */
  runAt(x: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle]! > x) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Sum of the mean probabilities (0-255) of pixels from..to of the row `y`, all of class `label`. @throws {RangeError} */
  probabilitySum(label: number, from: number, to: number, y: number): number {
    const { means } = this.mask;
    if (means.length === 0) return 255 * (to - from);
    const { rect } = this.place;
    const row = Math.floor((y - rect.y) / blockEdge) * this.#blocksAcross;
    let sum = 0;
    for (let left = from - rect.x, end = to - rect.x; left < end;) {
      const block = Math.floor(left / blockEdge);
      const right = Math.min(end, (block + 1) * blockEdge);
      let at = this.#blocks[row + block]!;
      const last = at + 1 + 2 * means[at]!;
      for (at++; at < last && means[at] !== label;) at += 2;
      if (at >= last) throw new RangeError(`no mean of class ${label} in block ${row + block}`);
      sum += means[at + 1]! * (right - left);
      left = right;
    }
    return sum;
  }

  /** Place in a plane of `stripPlanes` of a pixel that lies in a strip; the whole image's coordinates. */
  stripIndex(x: number, y: number): number {
    const { rect, strips } = this.place;
    const row = y - rect.y;
    const column = x - rect.x;
    const left = 2 * strips.left;
    const sides = left + 2 * strips.right;
    const top = 2 * strips.top;
    const bottom = rect.height - 2 * strips.bottom;
    if (row < top) return row * rect.width + column;
    if (row >= bottom)
      return top * rect.width + (bottom - top) * sides + (row - bottom) * rect.width + column;
    const start = top * rect.width + (row - top) * sides;
    return start + (column < left ? column : column - rect.width + sides);
  }

  /** Pixels of a plane of `stripPlanes`. */
  get planeLength(): number {
    return this.#plane;
  }
}

function blockStarts(means: Uint8Array, blocks: number): Uint32Array {
  if (means.length === 0) return new Uint32Array(0);
  const starts = new Uint32Array(blocks);
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    starts[block] = at;
    at += 1 + 2 * (means[at] ?? 0);
  }
  if (at !== means.length) throw new RangeError(`${means.length} bytes of means where ${at} are needed`);
  return starts;
}
