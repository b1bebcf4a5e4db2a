/** What the overlay's tests ask of the page in Chromium. */
import type { GridPlan, Rect } from '../../src-main/contract/run.ts';
import type { TileRecord } from '../../src-main/contract/tile-frame.ts';
import type { ViewTransform } from '../../src-renderer/overlay/view-transform.ts';

export interface PaintRequest {
  painter: 'webgl2' | 'canvas-2d';
  plan: GridPlan;
  pageSize: number;
  records: TileRecord[];
  /** A second frame, applied after the first was painted. */
  update: TileRecord[] | null;
  colours: { rows: number; texels: number[] };
  view: ViewTransform;
  opacity: number;
  /** What remains inside of borders; 1 where not told. */
  inside?: number;
  selectedTile: number;
  /** Boxes of findings, and the one that is accepted before the second frame. */
  findings?: { boxes: Rect[]; accepted: number };
  /** Device pixels from the top left. */
  samples: { x: number; y: number }[];
}

export interface PaintAnswer {
  /** RGBA 0-255: premultiplied for WebGL, not premultiplied for 2D. */
  samples: number[][];
}

/** Findings of two classes in turn, red and blue, over an image of 1000 x 1000. */
export interface DensityRequest {
  painter: 'points' | 'density';
  boxes: Rect[];
  scale: number;
}

export interface DensityAnswer {
  /** Mean of the premultiplied colour of each quarter of the canvas, 0-1. */
  quarters: number[][];
}
