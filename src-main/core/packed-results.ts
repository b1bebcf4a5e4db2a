/**
 * Results of many tiles as one message carries them: three lists instead of an object and several arrays a tile, each of which would be
 * written, read and cleared away one by one, in time that the model could have.
 */
import type { PackedResults, TileResult } from './worker-protocol.ts';

/** Remote models, which have more to say of a tile, send their results as they are. */
export type PlainResult = Omit<TileResult, 'note'>;

/** Tile, score, class, sharpness, and how long its values, detections, outlines and mask are. */
const rowLength = 8;
/** In the place of a length, or of the sharpness: there is none. NaN in that of the sharpness: it cannot be told. */
const absent = -1;

/** Takes results as they come and keeps nothing else of them. */
export class ResultPacker {
  #rows = new Float64Array(32 * rowLength);
  #numbers = new Float32Array(1024);
  #masks = new Uint8Array(0);
  #count = 0;
  #numberCount = 0;
  #maskBytes = 0;

  get count(): number {
    return this.#count;
  }

  add({ tile, score, classIndex, sharpness, values, detections, shapes, mask }: PlainResult): void {
    const at = this.#count * rowLength;
    if (at + rowLength > this.#rows.length) this.#rows = grown(this.#rows, at + rowLength);
    const rows = this.#rows;
    rows[at] = tile;
    rows[at + 1] = score;
    rows[at + 2] = classIndex;
    rows[at + 3] = sharpness === undefined ? absent : (sharpness ?? Number.NaN);
    rows[at + 4] = this.#append(values);
    rows[at + 5] = this.#append(detections);
    rows[at + 6] = shapes === undefined ? absent : this.#append(shapes);
    rows[at + 7] = mask === undefined ? absent : this.#appendMask(mask);
    this.#count++;
  }

  #append(numbers: Float32Array): number {
    const end = this.#numberCount + numbers.length;
    if (end > this.#numbers.length) this.#numbers = grown(this.#numbers, end);
    this.#numbers.set(numbers, this.#numberCount);
    this.#numberCount = end;
    return numbers.length;
  }

  #appendMask(mask: Uint8Array): number {
    const end = this.#maskBytes + mask.length;
    if (end > this.#masks.length) this.#masks = grown(this.#masks, end);
    this.#masks.set(mask, this.#maskBytes);
    this.#maskBytes = end;
    return mask.length;
  }

  /** All that came since the last time. */
  take(): PackedResults {
    const packed = {
      rows: this.#rows.slice(0, this.#count * rowLength),
      numbers: this.#numbers.slice(0, this.#numberCount),
      masks: this.#masks.slice(0, this.#maskBytes),
    };
    this.#count = 0;
    this.#numberCount = 0;
    this.#maskBytes = 0;
    return packed;
  }
}

/** The results of a message, however they came. */
export function resultsOf(results: readonly TileResult[] | PackedResults): readonly TileResult[] {
  return 'rows' in results ? unpacked(results) : results;
}

/** Their arrays are views of the packed ones. */
function unpacked({ rows, numbers, masks }: PackedResults): PlainResult[] {
  const results: PlainResult[] = [];
  let number = 0;
  let maskByte = 0;
  const next = (length: number): Float32Array => numbers.subarray(number, (number += length));
  for (let at = 0; at < rows.length; at += rowLength) {
    const [tile = 0, score = 0, classIndex = 0, sharpness = absent] = rows.subarray(at, at + 4);
    const [values = 0, detections = 0, shapes = absent, mask = absent] = rows.subarray(
      at + 4,
      at + rowLength,
    );
    const result: PlainResult = {
      tile,
      score,
      classIndex,
      values: next(values),
      detections: next(detections),
    };
    if (shapes !== absent) result.shapes = next(shapes);
    if (mask !== absent) result.mask = masks.subarray(maskByte, (maskByte += mask));
    if (sharpness !== absent) result.sharpness = Number.isNaN(sharpness) ? null : sharpness;
    results.push(result);
  }
  return results;
}

function grown<T extends Float64Array | Float32Array | Uint8Array>(array: T, least: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}
