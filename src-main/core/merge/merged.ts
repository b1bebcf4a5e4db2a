/** What merging answers, and the check that every mode makes first. */
import { GigatileError } from '../../contract/errors.ts';
import type { Shape } from '../../contract/finding.ts';
import type { GridPlan } from '../../contract/run.ts';
import { detectionStride } from '../worker-protocol.ts';
import type { Outlines } from './outlines.ts';

/** What is known about detections beside their numbers. */
export interface MergeContext {
  /** Where the model gives more than boxes. */
  outlines?: Outlines | undefined;
  /** The run's tiles: with them, objects that a tile's border cuts are told. */
  plan?: GridPlan | undefined;
}

export interface Merged {
  /** Indexes of the detections that remain, in the order of the mode. */
  kept: Int32Array;
  /** x, y, width, height of each of them in level-0 pixels, in the order of `kept`; grown where the mode joins boxes. */
  boxes: Float64Array;
  /** Scores in the order of `kept`, where some are not those of the detections themselves. */
  scores?: Float32Array;
  /** Outlines of joined detections by position in `kept`; null: none any more. The others have their own. */
  shapes?: Map<number, Shape | null>;
}

/** Beyond this (pixels) nothing is a place in an image; it also keeps cell numbers within 32 bits. */
const farthest = 2 ** 28;

/**
 * @returns the number of detections
 * @throws {GigatileError} model-invalid where a detection is no box: a box that is not a number would be lost without a word
 */
export function checkDetections(packed: Float32Array, tiles: Int32Array): number {
  const count = packed.length / detectionStride;
  if (count !== tiles.length) {
    throw new GigatileError(
      'internal',
      `${packed.length} numbers are no list of ${tiles.length} detections with ${detectionStride} numbers each`,
    );
  }
  for (let i = 0, p = 0; i < count; i++, p += detectionStride) {
    const x = packed[p]!;
    const y = packed[p + 1]!;
    const width = packed[p + 2]!;
    const height = packed[p + 3]!;
    // Written so that NaN fails each of them.
    const isBox =
      Math.abs(x) <= farthest &&
      Math.abs(y) <= farthest &&
      width >= 0 &&
      width <= farthest &&
      height >= 0 &&
      height <= farthest &&
      packed[p + 4]! >= 0 &&
      Math.abs(packed[p + 5]!) < Infinity;
    if (!isBox) {
      const numbers = [...packed.subarray(p, p + detectionStride)].join(', ');
      throw new GigatileError('model-invalid', 'The model gave a detection that is no box', {
        where: `tile ${tiles[i]}: x, y, width, height, class, score = ${numbers}`,
        hint: 'Check the outputs that the model declares, or its normalisation.',
      });
    }
  }
  return count;
}
