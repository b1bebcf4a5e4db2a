/**
 * How the image lies on the overlay's canvas. There it is always upright: where the view is turned or mirrored, the canvas as a whole
 * is, around its centre, and is large enough to cover the screen then (`turn`).
 */
export interface ViewTransform {
  /** CSS pixels of the image's top-left corner from the canvas's. */
  originX: number;
  originY: number;
  /** CSS pixels per level-0 pixel. */
  scale: number;
  /** Canvas size, CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  density: number;
  /** Only where the view is turned or mirrored. */
  turn?: Turn;
}

export interface Turn {
  /** Clockwise on the screen; before it is mirrored. */
  degrees: number;
  /** Left and right. */
  isFlipped: boolean;
  /** The screen, CSS pixels; its centre is the canvas's. */
  width: number;
  height: number;
}

/** The canvas that covers a screen of this size when it is turned. */
export function turnedSize({ degrees, width, height }: Turn): { width: number; height: number } {
  const angle = (degrees * Math.PI) / 180;
  const [c, s] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  return {
    width: Math.ceil(width * c + height * s - 1e-6),
    height: Math.ceil(width * s + height * c - 1e-6),
  };
}

/** Level-0 pixels to CSS pixels of the screen. */
export function toScreen(view: ViewTransform, x: number, y: number): { x: number; y: number } {
  const [canvasX, canvasY] = [view.originX + x * view.scale, view.originY + y * view.scale];
  const { turn } = view;
  if (turn === undefined) return { x: canvasX, y: canvasY };
  const at = rotated(canvasX - view.width / 2, canvasY - view.height / 2, turn.degrees);
  return { x: turn.width / 2 + (turn.isFlipped ? -at.x : at.x), y: turn.height / 2 + at.y };
}

/** CSS pixels of the screen to level-0 pixels. */
export function toImage(view: ViewTransform, x: number, y: number): { x: number; y: number } {
  const { turn } = view;
  let [canvasX, canvasY] = [x, y];
  if (turn !== undefined) {
    const fromCentre = x - turn.width / 2;
    const at = rotated(turn.isFlipped ? -fromCentre : fromCentre, y - turn.height / 2, -turn.degrees);
    [canvasX, canvasY] = [at.x + view.width / 2, at.y + view.height / 2];
  }
  return { x: (canvasX - view.originX) / view.scale, y: (canvasY - view.originY) / view.scale };
}

function rotated(x: number, y: number, degrees: number): { x: number; y: number } {
  const angle = (degrees * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return { x: x * c - y * s, y: x * s + y * c };
}

/** From a quarter of the full resolution on (10x of a 40x slide) one looks at the tissue; at 1:1 at nothing else. */
const fadeFrom = 1 / 4;
/** What remains inside of a tile at 1:1: a tint that leaves the stain to be judged. */
const leastInside = 0.08;
/** A tile that fills the screen says little by its colour, at whatever resolution; CSS pixels. */
const largeTile = { from: 160, to: 640, least: 0.35 };

/**
 * What remains of the tiles' colour inside of their borders at a zoom, 0-1: all of it on the overview, where the pattern of tiles is
 * what one looks at; hardly anything at 1:1, where the borders alone tell the colour.
 * @param scale CSS pixels per level-0 pixel
 * @param tileSize CSS pixels
 */
export function insideStrength(scale: number, tileSize: number): number {
  const close = Math.min(1, Math.max(0, Math.log2(scale / fadeFrom) / -Math.log2(fadeFrom)));
  const large = Math.min(1, Math.max(0, (tileSize - largeTile.from) / (largeTile.to - largeTile.from)));
  return Math.min(1 - (1 - leastInside) * close, 1 - (1 - largeTile.least) * large);
}

/** How strong the findings are, 0-1: zoomed out there are many in few pixels, and they become a tint. */
export function pointStrength({ scale }: ViewTransform): number {
  return Math.min(1, 0.2 + scale * 3);
}

/** The part of the image that the canvas covers, level-0 pixels; may reach beyond the image, and beyond a screen that is turned. */
export function visibleRect(view: ViewTransform): { x: number; y: number; width: number; height: number } {
  return {
    x: -view.originX / view.scale,
    y: -view.originY / view.scale,
    width: view.width / view.scale,
    height: view.height / view.scale,
  };
}
