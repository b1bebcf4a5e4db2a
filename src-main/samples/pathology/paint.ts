/** Paints glands, vessels, blood cells and nuclei over the connective tissue of a block. */
import { clamp01, Draw, hash } from '../random.ts';
import type { Texture } from '../textures.ts';
import { largestGlandShift, type CoarseFields } from './coarse-fields.ts';
import type { Nucleus } from './nuclei.ts';
import { stainUnit, type StainBlock } from './stains.ts';
import { outlinePlace, radiusAt, unbend, type Structure } from './structures.ts';

interface Place {
  block: StainBlock;
  x0: number;
  y0: number;
}

/** The part of a block that a square around (x, y) covers, in px of the block. */
function clip(place: Place, x: number, y: number, reach: number): [number, number, number, number] {
  const size = place.block.size;
  return [
    Math.max(0, Math.floor(x - reach - place.x0)),
    Math.max(0, Math.floor(y - reach - place.y0)),
    Math.min(size, Math.ceil(x + reach - place.x0) + 1),
    Math.min(size, Math.ceil(y + reach - place.y0) + 1),
  ];
}

export function paintStructure(
  place: Place,
  structure: Structure,
  fields: CoarseFields,
  clouds: Texture,
): void {
  const { block, x0, y0 } = place;
  const centre = unbend(fields, structure.x, structure.y);
  const [left, top, right, bottom] = clip(place, centre.x, centre.y, structure.reach + largestGlandShift + 8);
  const mask = clouds.size - 1;
  const shift = structure.seed & mask;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const sx = x0 + x;
      const sy = y0 + y;
      const dx = sx + fields.at('glandX', sx, sy) - structure.x;
      const dy = sy + fields.at('glandY', sx, sy) - structure.y;
      const square = dx * dx + dy * dy;
      if (square > (structure.reach + 6) * (structure.reach + 6)) continue;
      const distance = Math.sqrt(square);
      const angle = outlinePlace(dx, dy);
      const fromOuter = radiusAt(structure.outer, angle) - distance;
      if (fromOuter < -6) continue;
      const fromInner = distance - radiusAt(structure.inner, angle);
      const cloud = clouds.data[((sy + shift) & mask) * clouds.size + ((sx + shift * 3) & mask)] as number;
      const at = y * block.size + x;
      const amounts = tissueOf(structure, fromOuter, fromInner, cloud);
      const strength = fields.at('eosin', sx, sy) * stainUnit;
      const cover = amounts.cover;
      block.eosin[at] = (block.eosin[at] as number) * (1 - cover) + amounts.eosin * strength * cover;
      block.haematoxylin[at] =
        (block.haematoxylin[at] as number) * (1 - cover) + amounts.haematoxylin * stainUnit * cover;
    }
  }
}

/** Stains by the depth in the wall of a structure. `cloud` 0-255. */
function tissueOf(
  structure: Structure,
  fromOuter: number,
  fromInner: number,
  cloud: number,
): { cover: number; eosin: number; haematoxylin: number } {
  const grain = cloud / 255 - 0.5;
  if (fromOuter < 0) {
    // A cleft around some nests, where the tissue shrank.
    const cleft = structure.kind === 'nest' && structure.character > 0.55 ? 0.8 : 0.25;
    return { cover: cleft * clamp01((6 + fromOuter) / 3), eosin: 0.05, haematoxylin: 0.01 };
  }
  const edge = clamp01(fromOuter / 1.5);
  if (structure.kind === 'vessel') {
    const lumen = clamp01(0.5 - fromInner / 2);
    return { cover: edge, eosin: (0.33 + 0.14 * grain) * (1 - lumen), haematoxylin: 0.05 * (1 - lumen) };
  }
  if (structure.kind === 'nest') {
    return { cover: edge, eosin: 0.2 + 0.13 * grain, haematoxylin: 0.1 + 0.08 * grain };
  }
  const lumen = clamp01(0.5 - fromInner / 2.5);
  const secretion = structure.character > 0.72 ? 0.1 * clamp01(cloud / 128 - 0.4) : 0.004;
  const depth = fromOuter / Math.max(1, fromOuter + fromInner);
  let eosin = 0.16 + 0.1 * depth + 0.11 * grain;
  let haematoxylin = 0.13 - 0.06 * depth + 0.05 * grain;
  // Goblets: pale drops of mucin in the half towards the lumen.
  if (structure.character < 0.62 && depth > 0.48 && cloud > 150) {
    const drop = clamp01((cloud - 150) / 20) * clamp01((depth - 0.48) * 12);
    eosin += (0.035 - eosin) * drop;
    haematoxylin += (0.05 - haematoxylin) * drop;
  }
  if (fromOuter < 2.5) eosin += 0.12;
  if (fromInner < 3) eosin += 0.1;
  return {
    cover: edge,
    eosin: eosin * (1 - lumen) + secretion * lumen,
    haematoxylin: haematoxylin * (1 - lumen) + secretion * 0.5 * lumen,
  };
}

/** Red cells packed into the lumen of a vessel. */
export function paintBlood(place: Place, structure: Structure, fields: CoarseFields): void {
  if (structure.kind !== 'vessel' || structure.character < 0.3) return;
  const spacing = 11.5;
  const rows = Math.ceil(structure.reach / spacing) + 1;
  for (let row = -rows; row <= rows; row++) {
    for (let column = -rows; column <= rows; column++) {
      const draw = new Draw(hash(structure.seed, 64, column, row));
      const dx = (column + (row & 1) * 0.5 + draw.between(-0.3, 0.3)) * spacing;
      const dy = (row * 0.9 + draw.between(-0.3, 0.3)) * spacing;
      const room = radiusAt(structure.inner, outlinePlace(dx, dy)) - Math.hypot(dx, dy);
      if (room < 3 || draw.next() > structure.character) continue;
      const at = unbend(fields, structure.x + dx, structure.y + dy);
      paintRedCell(place, at.x, at.y, draw.between(5.4, 6.8), draw.between(0.8, 1.2));
    }
  }
}

function paintRedCell(place: Place, x: number, y: number, radius: number, strength: number): void {
  const { block, x0, y0 } = place;
  const [left, top, right, bottom] = clip(place, x, y, radius + 1);
  for (let py = top; py < bottom; py++) {
    for (let px = left; px < right; px++) {
      const dx = x0 + px - x;
      const dy = y0 + py - y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      const cover = clamp01((radius - distance) / 1.5 + 0.5);
      if (cover === 0) continue;
      // Paler in the middle: the cell is a dish.
      const amount = (distance < 2.5 ? 0.75 : 1) * strength * cover * stainUnit;
      const at = py * block.size + px;
      block.eosin[at] = Math.max(block.eosin[at] as number, amount * 0.42);
      block.blood[at] = Math.max(block.blood[at] as number, amount * 0.16);
    }
  }
}

export function paintNucleus(place: Place, nucleus: Nucleus, clouds: Texture, fine: Texture): void {
  const { block, x0, y0 } = place;
  const { a, b, vesicular } = nucleus;
  const [left, top, right, bottom] = clip(place, nucleus.x, nucleus.y, a + 3);
  const c = Math.cos(nucleus.angle);
  const s = Math.sin(nucleus.angle);
  const mask = clouds.size - 1;
  const fineMask = fine.size - 1;
  const seed = nucleus.seed;
  const scale = Math.sqrt(a * b);
  // One or two nucleoli in pale nuclei.
  const draw = new Draw(seed);
  const nucleolus = vesicular > 0.45;
  const nx = nucleus.x + draw.between(-0.35, 0.35) * b;
  const ny = nucleus.y + draw.between(-0.35, 0.35) * b;
  for (let py = top; py < bottom; py++) {
    for (let px = left; px < right; px++) {
      const sx = x0 + px;
      const sy = y0 + py;
      const dx = sx - nucleus.x;
      const dy = sy - nucleus.y;
      const u = (dx * c + dy * s) / a;
      const v = (dy * c - dx * s) / b;
      const q = u * u + v * v;
      if (q > 2.2) continue;
      const bumps =
        (clouds.data[((sy + seed) & mask) * clouds.size + ((sx + (seed >> 9)) & mask)] as number) - 128;
      const depth = (1 - Math.sqrt(q)) * (b + (scale - b) * 0.5) + bumps * 0.008;
      const cover = clamp01(depth / 2.4 + 0.5);
      if (cover === 0) continue;
      const grain =
        (fine.data[((sy + (seed >> 4)) & fineMask) * fine.size + ((sx + seed) & fineMask)] as number) / 128 -
        1;
      const rim = depth < 1.8 && depth > -0.4 ? 0.16 * vesicular : 0;
      let stain = nucleus.stain * (1 - 0.3 * vesicular + rim + grain * (0.17 + 0.25 * vesicular));
      if (nucleolus) {
        const near = (sx - nx) * (sx - nx) + (sy - ny) * (sy - ny);
        if (near < 5) stain += 0.28;
      }
      const at = py * block.size + px;
      const amount = stain * stainUnit;
      const before = block.haematoxylin[at] as number;
      block.haematoxylin[at] = before + Math.max(0, amount - before * 0.4) * cover;
      block.eosin[at] = (block.eosin[at] as number) * (1 - cover * 0.6) + 140 * cover;
    }
  }
}
