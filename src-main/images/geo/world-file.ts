/** A world file beside an image: six lines of numbers, for where the image itself does not say where it lies. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Geo } from '../../contract/image.ts';
import { isAffine } from './geo-tags.ts';

/** Six numbers need less. */
const mostBytes = 4096;

/**
 * For `scene.tif`: `scene.tfw`, `scene.tifw`, `scene.wld`, in lower or upper case. null where there is none, or none that is
 * six numbers: it is no part of the image, so it cannot make it unreadable.
 */
export function readWorldFile(imagePath: string): Geo['transform'] | null {
  const dot = imagePath.lastIndexOf('.');
  if (dot < 0) return null;
  const stem = imagePath.slice(0, dot);
  const extension = imagePath.slice(dot + 1);
  const short = `${extension.at(0) ?? ''}${extension.at(-1) ?? ''}w`;
  for (const name of [short, `${extension}w`, 'wld']) {
    for (const path of [`${stem}.${name.toLowerCase()}`, `${stem}.${name.toUpperCase()}`]) {
      const transform = readOne(path);
      if (transform !== null) return transform;
    }
  }
  return null;
}

function readOne(path: string): Geo['transform'] | null {
  if (!existsSync(path)) return null;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > mostBytes) return null;
  return parseWorldFile(readFileSync(path, 'latin1'));
}

/** Lines A, D, B, E, C, F; C and F are the centre of the first pixel. */
export function parseWorldFile(text: string): Geo['transform'] | null {
  const words = text.trim().split(/\s+/);
  if (words.length < 6) return null;
  const [a = 0, d = 0, b = 0, e = 0, c = 0, f = 0] = words.slice(0, 6).map((word) => {
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word) ? Number(word) : Number.NaN;
  });
  const transform: Geo['transform'] = [c - (a + b) / 2, a, b, f - (d + e) / 2, d, e];
  return isAffine(transform) ? transform : null;
}
