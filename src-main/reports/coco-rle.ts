/**
 * COCO's run lengths of a mask, compressed to text: columns from left to right, in each from top to bottom, runs of 0 and 1 in turn,
 * beginning with 0 (pycocotools, maskApi.c, rleToString).
 */
import { fillPolygons } from '../core/polygon-fill.ts';
import type { FlatPolygon } from './outlines.ts';

export interface CocoRle {
  /** Height, width. */
  size: [number, number];
  counts: string;
}

/** pycocotools counts in 32 bits. */
const mostPixels = 2 ** 32 - 1;

/** null where the image has more pixels than COCO's tools can count. */
export function cocoRle(polygons: readonly FlatPolygon[], width: number, height: number): CocoRle | null {
  if (width * height > mostPixels) return null;
  const counts: number[] = [];
  let end = 0;
  fillPolygons(
    polygons,
    (column, from, to) => {
      const top = Math.max(0, from);
      const bottom = Math.min(height, to);
      if (column < 0 || column >= width || top >= bottom) return;
      const start = column * height + top;
      const length = bottom - top;
      // A run down to the last row goes on in the first one of the next column.
      if (start === end && counts.length > 0) counts[counts.length - 1]! += length;
      else counts.push(start - end, length);
      end = start + length;
    },
    true,
  );
  if (end < width * height) counts.push(width * height - end);
  return { size: [height, width], counts: counts.map(compressed).join('') };
}

/** Five bits a sign, the lowest first; from the fourth number on the difference to the one before the last. */
function compressed(count: number, i: number, counts: readonly number[]): string {
  let rest = i > 2 ? count - counts[i - 2]! : count;
  let text = '';
  for (let more = true; more;) {
    const bits = ((rest % 32) + 32) % 32;
    rest = Math.floor(rest / 32);
    more = (bits & 0x10) !== 0 ? rest !== -1 : rest !== 0;
    text += String.fromCharCode((more ? bits | 0x20 : bits) + 48);
  }
  return text;
}
