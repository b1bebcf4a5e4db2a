/**
 * A picture without end in which every place can be told from every other, for forged slides: stained blobs on a light ground, a
 * fine texture, glass in between, and a slow change of colour over the whole.
 */
import type { Raster } from '../../../src-main/images/image-source.ts';

/** A repeatable value in [0, 1) for a place. */
function noise(x: number, y: number): number {
  let hash = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

function paint(x: number, y: number): [number, number, number] {
  // Glass between pieces of tissue.
  if (Math.sin(x / 137) + Math.sin(y / 119) > 1.1) return [241, 240, 243];
  const blob = Math.sin(x / 19.7 + Math.sin(y / 61) * 2) * Math.sin(y / 17.3 + Math.cos(x / 97) * 2);
  const drift = 30 * Math.sin(x / 411) + 30 * Math.cos(y / 373);
  const grain = 3 * noise(Math.floor(x / 2), Math.floor(y / 2));
  // Stained where the waves are high, with an edge of a few pixels.
  const dark = 60 / (1 + Math.exp(6 * (0.4 - blob)));
  return [205 + drift - dark - grain, 150 + drift / 2 - dark - grain, 195 - drift / 2 - dark / 2 - grain];
}

/** A part of the picture at a scale (level-0 pixels a pixel). */
export function pictureAt(x: number, y: number, width: number, height: number, scale = 1): Raster {
  const data = new Uint8Array(width * height * 3);
  const clamped = new Uint8ClampedArray(data.buffer);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i += 3) {
      clamped.set(paint((x + column + 0.5) * scale, (y + row + 0.5) * scale), i);
    }
  }
  return { width, height, bands: 3, dtype: 'uint8', data };
}
