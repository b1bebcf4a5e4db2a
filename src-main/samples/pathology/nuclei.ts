/**
 * Where the nuclei lie: the truth of a sample. Each is a function of the seed and its place, so that the block that holds its
 * centre counts it and every block that it touches paints it alike.
 */
import { Draw, hash } from '../random.ts';
import type { Texture } from '../textures.ts';
import type { CoarseFields } from './coarse-fields.ts';
import { fatCellAt, fatFrom } from './fat.ts';
import { fibreDirection, fibreValue } from './stroma.ts';
import {
  bend,
  outlinePlace,
  outlineSteps,
  radiusAt,
  unbend,
  type Structure,
  type StructureIndex,
} from './structures.ts';

export const nucleusKinds = ['epithelial', 'tumour', 'lymphocyte', 'stromal', 'endothelial'] as const;
export type NucleusKind = (typeof nucleusKinds)[number];

export interface Nucleus {
  kind: NucleusKind;
  /** Centre, level-0 px. */
  x: number;
  y: number;
  /** Semi-axes in px, and the direction of the longer one in radians. */
  a: number;
  b: number;
  angle: number;
  /** Amount of haematoxylin at its middle. */
  stain: number;
  /** 0-1: from even and dark to pale with clumps. */
  vesicular: number;
  seed: number;
}

/** No nucleus reaches farther than this from its centre, px. */
export const nucleusMargin = 18;

export interface NucleusSite {
  seed: number;
  fields: CoarseFields;
  structures: StructureIndex;
  fibres: Texture;
}

function shaped(
  kind: NucleusKind,
  x: number,
  y: number,
  angle: number,
  draw: Draw,
  site: NucleusSite,
): Nucleus {
  const { a, b, stain, vesicular } = sizes[kind](draw);
  // A few are cut so thin, or lie so far from the focus, that they are hardly stained.
  const strength = site.fields.at('haematoxylin', x, y) * (draw.next() < 0.05 ? draw.between(0.3, 0.6) : 1);
  return { kind, x, y, a, b, angle, stain: stain * strength, vesicular, seed: Math.floor(draw.next() * 1e9) };
}

/** Semi-axes in px of 0.5 µm. */
const sizes: Record<NucleusKind, (draw: Draw) => { a: number; b: number; stain: number; vesicular: number }> =
  {
    epithelial: (draw) => ({
      a: draw.between(6.6, 9.2),
      b: draw.between(4.4, 5.8),
      stain: draw.between(0.52, 0.86),
      vesicular: draw.between(0.2, 0.7),
    }),
    tumour: (draw) => {
      const size = draw.between(5.6, 9) * (draw.next() < 0.06 ? 1.3 : 1);
      return {
        a: size * draw.between(1, 1.25),
        b: size * draw.between(0.78, 0.95),
        stain: draw.between(0.5, 1),
        vesicular: draw.between(0.3, 1),
      };
    },
    lymphocyte: (draw) => {
      const size = draw.between(4, 5.7);
      return {
        a: size * draw.between(1, 1.12),
        b: size,
        stain: draw.between(0.7, 1.02),
        vesicular: draw.between(0, 0.3),
      };
    },
    stromal: (draw) => ({
      a: draw.between(6.5, 12.5),
      b: draw.between(2.7, 4.2),
      stain: draw.between(0.62, 1.05),
      vesicular: draw.between(0.1, 0.5),
    }),
    endothelial: (draw) => ({
      a: draw.between(6, 10),
      b: draw.between(2.4, 3.4),
      stain: draw.between(0.65, 1),
      vesicular: 0.1,
    }),
  };

/** All nuclei whose centres lie in a rectangle (half-open), level-0 px. */
export function nucleiIn(
  site: NucleusSite,
  x0: number,
  y0: number,
  width: number,
  height: number,
): Nucleus[] {
  const found: Nucleus[] = [];
  const push = (nucleus: Nucleus): void => {
    if (nucleus.x >= x0 && nucleus.y >= y0 && nucleus.x < x0 + width && nucleus.y < y0 + height) {
      found.push(nucleus);
    }
  };
  for (const structure of site.structures.structures) {
    if (structure.kind === 'nest') nestNuclei(site, structure, push);
    else ringNuclei(site, structure, push);
  }
  scattered(site, lymphGrid, x0, y0, width, height, push);
  scattered(site, stromaGrid, x0, y0, width, height, push);
  return found;
}

/** One row of nuclei along the outline of a gland or vessel, and parts of a second one. */
function ringNuclei(site: NucleusSite, structure: Structure, push: (nucleus: Nucleus) => void): void {
  const draw = new Draw(structure.seed);
  const vessel = structure.kind === 'vessel';
  const kind = vessel ? 'endothelial' : 'epithelial';
  const crowded = draw.next();
  const depth = vessel ? 4.5 : 12 + structure.character * 4;
  let angle = draw.between(0, 0.2);
  const end = 2 * Math.PI + angle - 0.08;
  while (angle < end) {
    const place = ((angle / (2 * Math.PI)) % 1) * outlineSteps;
    const outer = radiusAt(structure.outer, place);
    const room = outer - radiusAt(structure.inner, place);
    const second = !vessel && room > 34 && draw.next() < 0.1 + crowded * 0.3;
    for (const shift of second ? [0, 15.5] : [0]) {
      if (draw.next() < (vessel ? 0.45 : 0.07)) continue;
      const r = outer - depth - shift - draw.between(-2, 2.2);
      const at = unbend(site.fields, structure.x + r * Math.cos(angle), structure.y + r * Math.sin(angle));
      if (
        site.structures.at(structure.x + r * Math.cos(angle), structure.y + r * Math.sin(angle), 0)
          ?.structure !== structure
      )
        continue;
      const turn = angle + (vessel ? Math.PI / 2 : 0) + draw.between(-0.25, 0.25);
      push(shaped(kind, at.x, at.y, turn, draw, site));
    }
    const step = vessel ? draw.between(17, 34) : draw.between(12.2, 15) + (1 - crowded) * 2.5;
    angle += step / Math.max(12, outer - depth);
  }
}

/** Nuclei packed loosely through a solid nest. */
function nestNuclei(site: NucleusSite, structure: Structure, push: (nucleus: Nucleus) => void): void {
  const draw = new Draw(structure.seed);
  const spacing = draw.between(18.5, 23);
  const rows = Math.ceil(structure.reach / spacing);
  for (let row = -rows; row <= rows; row++) {
    for (let column = -rows; column <= rows; column++) {
      const dx = (column + (row & 1) * 0.5 + draw.between(-0.22, 0.22)) * spacing;
      const dy = (row * 0.88 + draw.between(-0.22, 0.22)) * spacing;
      const present = draw.next() < 0.93;
      const turn = draw.between(0, Math.PI);
      const state = draw.next() * 4294967296;
      const outer = radiusAt(structure.outer, outlinePlace(dx, dy));
      if (!present || Math.hypot(dx, dy) > outer - 9) continue;
      if (site.structures.at(structure.x + dx, structure.y + dy, 0)?.structure !== structure) continue;
      const at = unbend(site.fields, structure.x + dx, structure.y + dy);
      push(shaped('tumour', at.x, at.y, turn, new Draw(state), site));
    }
  }
}

interface Grid {
  salt: number;
  /** Distance of the grid's cells, and how far a nucleus strays from its cell's middle, px. */
  pitch: number;
  stray: number;
  kindAt: (
    site: NucleusSite,
    x: number,
    y: number,
    draw: Draw,
  ) => { kind: NucleusKind; angle: number } | null;
}

const lymphGrid: Grid = {
  salt: 61,
  pitch: 13.6,
  stray: 4.4,
  kindAt: (site, x, y, draw) => {
    const lymph = site.fields.at('lymph', x, y);
    if (lymph <= 0 || draw.next() > 0.2 + Math.min(0.55, lymph * 2)) return null;
    return { kind: 'lymphocyte', angle: draw.between(0, Math.PI) };
  },
};

const stromaGrid: Grid = {
  salt: 62,
  pitch: 33,
  stray: 11,
  kindAt: (site, x, y, draw) => {
    const chance = draw.next();
    const kindChance = draw.next();
    const stray = draw.between(-0.3, 0.3);
    if (site.fields.at('lymph', x, y) > -0.03) return null;
    // Around glands and lymphocytes the tissue is richer in cells.
    const gland = site.fields.at('gland', x, y);
    const near = Math.max(0, 0.45 + site.fields.at('lymph', x, y)) * 0.5 + Math.max(0, 0.3 + gland) * 0.5;
    if (chance > 0.24 + near) return null;
    const angle = fibreDirection(site.fields, x, y) + stray;
    return { kind: kindChance < near * 0.9 ? 'lymphocyte' : 'stromal', angle };
  },
};

function scattered(
  site: NucleusSite,
  grid: Grid,
  x0: number,
  y0: number,
  width: number,
  height: number,
  push: (nucleus: Nucleus) => void,
): void {
  const { pitch } = grid;
  for (let row = Math.floor(y0 / pitch) - 1; row <= (y0 + height) / pitch + 1; row++) {
    for (let column = Math.floor(x0 / pitch) - 1; column <= (x0 + width) / pitch + 1; column++) {
      const draw = new Draw(hash(site.seed, grid.salt, column, row));
      const x = (column + 0.5 + (row & 1) * 0.5) * pitch + draw.between(-grid.stray, grid.stray);
      const y = (row + 0.5) * pitch + draw.between(-grid.stray, grid.stray);
      if (x < x0 || y < y0 || x >= x0 + width || y >= y0 + height) continue;
      if (site.fields.at('distance', x, y) > -12) continue;
      const found = grid.kindAt(site, x, y, draw);
      if (!found || !isOpen(site, x, y, found.kind)) continue;
      push(shaped(found.kind, x, y, found.angle, draw, site));
    }
  }
}

/** true where a nucleus of the connective tissue may lie: not in a gland, a vessel, a fat cell or a gap between fibres. */
function isOpen(site: NucleusSite, x: number, y: number, kind: NucleusKind): boolean {
  const bent = bend(site.fields, x, y);
  if (site.structures.at(bent.x, bent.y, 9)) return false;
  if (site.fields.at('fat', x, y) > fatFrom) {
    const fat = fatCellAt(site.seed, site.fields, x, y);
    if (fat !== null && fat > 1) return false;
  }
  return kind === 'lymphocyte' || fibreValue(site.fields, site.fibres, x, y) > 70;
}
