/** A field of class numbers as a segmenter would give it, tiled and packed: what the tests of regions begin with. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { GridPlan } from '../../../../src-main/contract/run.ts';
import { tileCount } from '../../../../src-main/core/grid.ts';
import { SegmentBlend } from '../../../../src-main/core/segment-blend.ts';
import {
  encodeClasses,
  encodeMeans,
  packMask,
  stripPixels,
  unpackMask,
  type SegmentMask,
} from '../../../../src-main/core/segment-mask.ts';
import { MaskRows } from '../../../../src-main/core/segment-rows.ts';
import { inStrip, maskPlace, type SeamRule } from '../../../../src-main/core/segment-seams.ts';
import { SegmentSweep, type SweepLimits, type SweptRegion } from '../../../../src-main/core/segment-sweep.ts';

/** Probabilities (0-255) of all classes at a pixel of the whole image, as one tile sees it. */
export type Model = (x: number, y: number, tile: number) => readonly number[];

export const deflate = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes, { level: 1 });
export const inflate = (bytes: Uint8Array, length: number): Uint8Array =>
  inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) });

export const highest = (numbers: readonly number[]): number => numbers.indexOf(Math.max(...numbers));

/** @param least that a class has to reach (0-255); else the pixel is of class 0 */
export function tileMask(model: Model, plan: GridPlan, tile: number, rule: SeamRule, least = 0): SegmentMask {
  const place = maskPlace(plan, tile, rule);
  const { rect, strips } = place;
  const labels = new Uint8Array(rect.width * rect.height);
  const probability = new Uint8Array(labels.length);
  const planes = model(rect.x, rect.y, tile).length;
  const pixels = stripPixels({ ...rect, strips });
  const stripPlanes = new Uint8Array(planes * pixels);
  let strip = 0;
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      const numbers = model(rect.x + x, rect.y + y, tile);
      const label = Math.max(...numbers) >= least ? highest(numbers) : 0;
      labels[y * rect.width + x] = label;
      probability[y * rect.width + x] = numbers[label]!;
      if (inStrip(place, x, y)) {
        numbers.forEach((n, p) => (stripPlanes[p * pixels + strip] = n));
        strip++;
      }
    }
  }
  return {
    width: rect.width,
    height: rect.height,
    strips,
    planes,
    rule: least === 0 ? 'highest' : 'highest-from-threshold',
    classes: encodeClasses(labels, rect.width),
    means: encodeMeans(labels, probability, rect.width),
    stripPlanes,
  };
}

export interface Outcome {
  /** Class of each pixel of the image, row by row; noLabel where none. */
  labels: Uint8Array;
  regions: (SweptRegion & { rings: number[][] })[];
  cuts: number;
  dropped: number;
}

/** Everything between a model and the regions, without the engine. `has`: tiles with a result. */
export function regionsOf(
  model: Model,
  plan: GridPlan,
  options: Partial<SeamRule & SweepLimits> & {
    classes: number;
    background?: number | null;
    /** That a class has to reach (0-255); else the pixel is of class 0. */
    least?: number;
    has?: (tile: number) => boolean;
  },
): Outcome {
  const rule: SeamRule = { halo: options.halo ?? 0, seams: options.seams ?? 'blend' };
  const blend = new SegmentBlend(plan, rule, (options.least ?? 127.5) / 255, options.background ?? null);
  const width = blend.row.ends.length;
  const rings: number[][] = [];
  const regions: Outcome['regions'] = [];
  const sweep = new SegmentSweep(
    width,
    { smallest: options.smallest ?? 0, mostCorners: options.mostCorners ?? Infinity },
    { put: (points) => rings.push([...points]) - 1 },
    (region) => regions.push({ ...region, rings: [region.outer, ...region.holes].map((at) => rings[at]!) }),
  );
  const rows = Array.from({ length: tileCount(plan) }, (_, tile) => {
    if (options.has?.(tile) === false) return null;
    const mask = unpackMask(packMask(tileMask(model, plan, tile, rule, options.least), deflate), inflate);
    return new MaskRows(mask, maskPlace(plan, tile, rule), options.classes);
  });
  const labels: number[] = [];
  for (let row = 0; row < plan.rows; row++) {
    const tiles = (r: number): (MaskRows | null)[] => rows.slice(r * plan.columns, (r + 1) * plan.columns);
    for (const _ of blend.rows(row, tiles)) {
      for (let run = 0, x = 0; run < blend.row.count; run++) {
        for (; x < blend.row.ends[run]!; x++) labels.push(blend.row.labels[run]!);
      }
      sweep.push(blend.row);
    }
  }
  sweep.finish();
  return { labels: Uint8Array.from(labels), regions, cuts: sweep.cuts, dropped: sweep.dropped };
}
