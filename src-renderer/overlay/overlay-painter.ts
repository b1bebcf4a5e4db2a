/** What both painters of the overlay (WebGL2 and, without it, 2D canvas) are told and asked. */
import type { FindingSet } from '../state/finding-set.ts';
import type { TileStateBuffer } from '../state/tile-state-buffer.ts';
import type { Outlines } from './outlines.ts';
import type { GridAxis } from './grid-axis.ts';
import type { TileColours } from './tile-pixel.ts';
import type { ViewTransform } from './view-transform.ts';

export interface OverlayScene {
  tiles: TileStateBuffer | null;
  axes: { x: GridAxis; y: GridAxis } | null;
  colours: TileColours;
  /** 256 RGBA texels. */
  classColours: Uint8Array;
  findings: FindingSet | null;
  /** Changes where something inside `tiles` or `findings` did. */
  tilesVersion: number;
  findingsVersion: number;
  /** Outlines of the findings in view; null where there are none, or too many. */
  outlines: Outlines | null;
  /** Findings have outlines: until those are there, points say where they are, and boxes would say what is not so. */
  asPoints: boolean;
  showTiles: boolean;
  showFindings: boolean;
  /** 0-1. */
  tileOpacity: number;
  /** What remains of it inside of the tiles' borders, 0-1; the stack lowers it no further as one comes closer (insideStrength). */
  tileInside: number;
  threshold: number;
  /** Ordinal of the selected finding, -1 where none. */
  selectedFinding: number;
  /** Index of the inspected tile, -1 where none. */
  selectedTile: number;
}

/** Whether two scenes are painted alike: what changes inside of tiles and findings is told by their versions. */
export function isSameScene(a: OverlayScene, b: OverlayScene): boolean {
  const keys = Object.keys(a) as (keyof OverlayScene)[];
  return keys.every((key) => Object.is(a[key], b[key]));
}

export interface OverlayPainter {
  readonly kind: 'webgl2' | 'canvas-2d';
  readonly canvas: HTMLCanvasElement;
  draw(view: ViewTransform, scene: OverlayScene): void;
  dispose(): void;
}

/** Gives the canvas the view's size in device pixels, if it has another one. */
export function fitCanvas(canvas: HTMLCanvasElement, view: ViewTransform): void {
  const width = Math.max(1, Math.round(view.width * view.density));
  const height = Math.max(1, Math.round(view.height * view.density));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
