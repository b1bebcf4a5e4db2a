/**
 * Where the tiles of a segmenter meet, and which of their pixels are kept for it.
 *
 * Every tile gives the classes of its core. Around the border between two cores lies a strip, half of it in each, in which both
 * tiles see the pixel: there their probabilities are blended, with weights that fall linearly from one side of the strip to the
 * other, so that no seam is left and no order of the tiles matters. A strip is as wide as the overlap, less what the model is known
 * to get wrong at a tile's edge (its halo); it is never wider than the cores beside it, so that along an axis no pixel lies in two
 * strips. With an overlap of twice the halo nothing is left to blend: each core is right to its border.
 */
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import { coreModelRect } from './grid.ts';

export interface SeamRule {
  /** Pixels at a tile's edge that the model gets wrong for want of context. */
  halo: number;
  /** `centre`: no strips, each pixel is its core's. */
  seams: 'blend' | 'centre';
}

/** Of each side of a core: how far its strip reaches to both sides of the border; 0 where there is none. Model pixels. */
export interface Strips {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface MaskPlace {
  /** Model pixels of the whole image. */
  core: Rect;
  strips: Strips;
  /** The core and the halves of its strips beyond it: the pixels that a tile's mask holds. Model pixels of the whole image. */
  rect: Rect;
}

/**
 * Only where the model gives probabilities can they be blended; class numbers can't.
 */
export function seamRule({
  seams,
  halo,
  outputs,
}: Pick<ModelManifest, 'seams' | 'halo' | 'outputs'>): SeamRule {
  const hasProbabilities = outputs.classMap !== undefined || outputs.probability !== undefined;
  return { halo, seams: hasProbabilities ? (seams ?? 'blend') : 'centre' };
}

export function maskPlace(plan: GridPlan, tile: number, rule: SeamRule): MaskPlace {
  const core = coreModelRect(plan, tile);
  const column = tile % plan.columns;
  const row = Math.floor(tile / plan.columns);
  const half = halfStrip(plan.overlap, rule);
  const widthOf = (c: number): number => coreModelRect(plan, c).width;
  const heightOf = (r: number): number => coreModelRect(plan, r * plan.columns).height;
  const strips = {
    left: column === 0 ? 0 : half(widthOf(column - 1), core.width),
    right: column === plan.columns - 1 ? 0 : half(core.width, widthOf(column + 1)),
    top: row === 0 ? 0 : half(heightOf(row - 1), core.height),
    bottom: row === plan.rows - 1 ? 0 : half(core.height, heightOf(row + 1)),
  };
  const rect = {
    x: core.x - strips.left,
    y: core.y - strips.top,
    width: core.width + strips.left + strips.right,
    height: core.height + strips.top + strips.bottom,
  };
  return { core, strips, rect };
}

function halfStrip(overlap: number, { halo, seams }: SeamRule): (before: number, after: number) => number {
  if (seams === 'centre') return () => 0;
  // With less overlap than the model needs no pixel of it is right in both tiles: then all of it is blended.
  const usable = overlap < 2 * halo ? overlap : overlap - 2 * halo;
  return (before, after) => Math.floor(Math.min(usable, before, after) / 2);
}

/** Whether a pixel of a mask lies in one of its strips; `x` and `y` from the mask's top left corner. */
export function inStrip({ rect, strips }: MaskPlace, x: number, y: number): boolean {
  return (
    x < 2 * strips.left ||
    y < 2 * strips.top ||
    x >= rect.width - 2 * strips.right ||
    y >= rect.height - 2 * strips.bottom
  );
}
