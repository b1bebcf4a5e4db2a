/** Fat cells: closely packed empty rounds with thin walls, as Voronoi cells of scattered centres. */
import { hash } from '../random.ts';
import { largestGlandShift, type CoarseFields } from './coarse-fields.ts';

const pitch = 98;

/** Only where the field `fat` is above this can a cell of fat reach. */
export const fatFrom = -0.9;

/** true where no cell of fat can reach into a square of the slide. Cheap, to be asked before many points are. */
export function isFree(seed: number, fields: CoarseFields, x: number, y: number, size: number): boolean {
  if (Math.max(fields.at('fat', x, y), fields.at('fat', x + size, y + size)) < fatFrom) return true;
  const reach = pitch * 1.25 + largestGlandShift;
  for (let r = Math.floor((y - reach) / pitch); r <= (y + size + reach) / pitch; r++) {
    for (let c = Math.floor((x - reach) / pitch); c <= (x + size + reach) / pitch; c++) {
      const h = hash(seed, 63, c, r);
      if (isFat(fields, (c + across(h)) * pitch, (r + down(h)) * pitch)) return false;
    }
  }
  return true;
}

/** Position of a centre in its cell, 0-1, from the cell's hash. */
const across = (h: number): number => 0.15 + ((h & 0xffff) / 65536) * 0.7;
const down = (h: number): number => 0.15 + ((h >>> 16) / 65536) * 0.7;

function isFat(fields: CoarseFields, x: number, y: number): boolean {
  return fields.at('fat', x, y) > 0 && fields.at('distance', x, y) < -110;
}

/** px from the wall to the middle of the cell that holds the point, or null where the nearest cell is none of fat. */
export function fatCellAt(seed: number, fields: CoarseFields, slideX: number, slideY: number): number | null {
  // Bent a little, so that walls are curved.
  const x = slideX + fields.at('glandX', slideX, slideY) * 0.8;
  const y = slideY + fields.at('glandY', slideX, slideY) * 0.8;
  const column = Math.floor(x / pitch);
  const row = Math.floor(y / pitch);
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  let third = Number.POSITIVE_INFINITY;
  let cx = 0;
  let cy = 0;
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) {
      const h = hash(seed, 63, c, r);
      const px = (c + across(h)) * pitch;
      const py = (r + down(h)) * pitch;
      const d = (px - x) * (px - x) + (py - y) * (py - y);
      if (d < nearest) {
        third = second;
        second = nearest;
        nearest = d;
        cx = px;
        cy = py;
      } else if (d < second) {
        third = second;
        second = d;
      } else if (d < third) third = d;
    }
  }
  if (!isFat(fields, cx, cy)) return null;
  // Rounded where three cells meet: a smooth minimum of the distances to both walls.
  const near = Math.sqrt(nearest);
  const a = (Math.sqrt(second) - near) / 2;
  const b = (Math.sqrt(third) - near) / 2;
  return a - 5 * Math.log(1 + Math.exp((a - b) / 5)) + 1.2;
}
