/**
 * Round structures of the tissue: glands with a lumen, solid nests of tumour cells, vessels. They stand on a staggered grid, at
 * most one a cell (where two would overlap, the first has the place), in a space that is bent by the fields glandX and glandY; so they never look like a grid.
 */
import { Draw, hash } from '../random.ts';
import { largestGlandShift, type CoarseFields } from './coarse-fields.ts';

export type StructureKind = 'gland' | 'nest' | 'vessel';

/** Sides of the polygon that a structure's outline is. */
export const outlineSteps = 96;

export interface Structure {
  kind: StructureKind;
  /** Centre in the bent space, px. */
  x: number;
  y: number;
  /** Largest radius of the outline. */
  reach: number;
  /** Radius of the outline and of the lumen (0: none) by angle, px. */
  outer: Float32Array;
  inner: Float32Array;
  /** 0-1, different for every structure: how much mucin, blood, secretion it has. */
  character: number;
  /** State for further random draws. */
  seed: number;
}

/** Distance of the grid's rows and columns, px. */
const pitch = 196;

/** A structure's largest radius, and the halo that is painted around it, px. */
const largestReach = pitch * 0.485;
const halo = 10;

/** px from the centre of a structure in the bent space within which it can be seen on the slide, along each axis. */
const influence = largestReach + halo + largestGlandShift;

/** What the fields must cover around a rectangle whose structures are wanted, px. */
export const structureMargin = influence + largestReach + largestGlandShift;

function outline(structure: Structure, base: number, stretch: number, thickness: number, draw: Draw): void {
  const tilt = draw.between(0, Math.PI);
  const waves = [2, 3, 4, 5, 7].map((k) => ({
    k,
    height: (draw.next() * 0.13) / Math.sqrt(k - 0.8),
    phase: draw.between(0, 6.283),
  }));
  const innerPhase = draw.between(0, 6.283);
  const folds = 3 + Math.floor(draw.next() * 5);
  const foldHeight = draw.between(0.02, 0.2);
  for (let i = 0; i < outlineSteps; i++) {
    const angle = (i / outlineSteps) * 2 * Math.PI;
    const c = Math.cos(angle - tilt) / stretch;
    const s = Math.sin(angle - tilt) * Math.sqrt(stretch);
    let r = base / Math.hypot(c, s);
    for (const wave of waves) r *= 1 + wave.height * Math.sin(wave.k * angle + wave.phase);
    r = Math.min(r, largestReach);
    structure.outer[i] = r;
    const inner = (r - thickness) * (1 - foldHeight * (1 + Math.sin(folds * angle + innerPhase)));
    structure.inner[i] = structure.kind === 'nest' ? 0 : Math.max(structure.kind === 'vessel' ? 6 : 0, inner);
    structure.reach = Math.max(structure.reach, r);
  }
}

type Near = (x: number, y: number) => boolean;

/**
 * The structure of one grid cell, or null where there is none or its centre is not `near`. Apart from that a function of seed
 * and cell, and of the fields at its centre.
 */
function structureAt(
  seed: number,
  fields: CoarseFields,
  column: number,
  row: number,
  near: Near,
): Structure | null {
  const state = hash(seed, 51, column, row);
  const draw = new Draw(state);
  const x = (column + 0.5 + (row & 1) * 0.5 + draw.between(-0.17, 0.17)) * pitch;
  const y = (row + 0.5 + draw.between(-0.17, 0.17)) * pitch * 0.9;
  if (!near(x, y)) return null;
  const centre = unbend(fields, x, y);
  const distance = fields.at('distance', centre.x, centre.y);
  const gland = fields.at('gland', centre.x, centre.y);
  const chance = draw.next();
  const choice = draw.next();
  const base: Structure = {
    kind: 'gland',
    x,
    y,
    reach: 0,
    outer: new Float32Array(outlineSteps),
    inner: new Float32Array(outlineSteps),
    character: draw.next(),
    seed: hash(seed, 52, column, row),
  };
  if (gland > 0 && chance < 0.7 + gland * 1.5) {
    if (choice < fields.at('solid', centre.x, centre.y)) base.kind = 'nest';
    const radius = pitch * (base.kind === 'nest' ? draw.between(0.3, 0.47) : draw.between(0.31, 0.455));
    outline(base, radius, draw.between(1, 1.25), draw.between(31, 44), draw);
    return distance < -base.reach - 14 ? base : null;
  }
  if (gland < -0.12 && chance < 0.1 && fields.at('lymph', centre.x, centre.y) < 0) {
    base.kind = 'vessel';
    outline(base, draw.between(15, 46), draw.between(1, 1.6), draw.between(7, 15), draw);
    return distance < -base.reach - 10 ? base : null;
  }
  return null;
}

/** Where a point of the bent space lies on the slide. */
export function unbend(fields: CoarseFields, x: number, y: number): { x: number; y: number } {
  let px = x;
  let py = y;
  // The bending is gentle: the fixed point is reached to about a hundredth of a pixel.
  for (let i = 0; i < 9; i++) {
    const nx = x - fields.at('glandX', px, py);
    py = y - fields.at('glandY', px, py);
    px = nx;
  }
  return { x: px, y: py };
}

export function bend(fields: CoarseFields, x: number, y: number): { x: number; y: number } {
  return { x: x + fields.at('glandX', x, y), y: y + fields.at('glandY', x, y) };
}

/** A direction as a place on an outline, 0 to `outlineSteps`. */
export function outlinePlace(dx: number, dy: number): number {
  const turn = Math.atan2(dy, dx) / (2 * Math.PI);
  return (turn < 0 ? turn + 1 : turn) * outlineSteps;
}

/** Radius at a place on an outline, between its corners too. */
export function radiusAt(outline: Float32Array, place: number): number {
  const i = Math.floor(place);
  const a = outline[i % outlineSteps] as number;
  return a + ((outline[(i + 1) % outlineSteps] as number) - a) * (place - i);
}

export interface Depth {
  structure: Structure;
  /** px inside the outline (negative outside), and px outside the lumen. */
  fromOuter: number;
  fromInner: number;
}

/** All structures that touch a rectangle of the slide, and which of them holds a point. */
export class StructureIndex {
  readonly structures: Structure[] = [];
  readonly #cells = new Map<number, Structure>();

  /** The fields must cover the rectangle and `structureMargin` around it. */
  constructor(seed: number, fields: CoarseFields, x: number, y: number, width: number, height: number) {
    const near: Near = (cx, cy) =>
      cx > x - influence && cy > y - influence && cx < x + width + influence && cy < y + height + influence;
    const firstRow = Math.floor((y - influence) / (pitch * 0.9)) - 1;
    const lastRow = Math.ceil((y + height + influence) / (pitch * 0.9));
    const firstColumn = Math.floor((x - influence) / pitch) - 2;
    const lastColumn = Math.ceil((x + width + influence) / pitch);
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const structure = structureAt(seed, fields, column, row, near);
        if (!structure) continue;
        this.structures.push(structure);
        this.#cells.set(row * 65536 + column, structure);
      }
    }
  }

  /** The structure whose outline, widened by `margin`, holds the point of the bent space. */
  at(x: number, y: number, margin: number): Depth | null {
    const row = Math.floor(y / (pitch * 0.9));
    for (let r = row - 1; r <= row + 1; r++) {
      const column = Math.floor(x / pitch - (r & 1) * 0.5);
      for (let c = column - 1; c <= column + 1; c++) {
        const structure = this.#cells.get(r * 65536 + c);
        if (!structure) continue;
        const dx = x - structure.x;
        const dy = y - structure.y;
        const distance = Math.sqrt(dx * dx + dy * dy);
        if (distance > structure.reach + margin) continue;
        const place = outlinePlace(dx, dy);
        const fromOuter = radiusAt(structure.outer, place) - distance;
        if (fromOuter > -margin) {
          return { structure, fromOuter, fromInner: distance - radiusAt(structure.inner, place) };
        }
      }
    }
    return null;
  }
}
