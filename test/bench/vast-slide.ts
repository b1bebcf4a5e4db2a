/**
 * A slide as large as there is none: a pyramid whose tiles are all the same few JPEGs. Its file is small and quickly made, and a screen
 * has as much to do with it as with a true one.
 */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { dataOffset, forgeTiff, type ForgedTag } from '../unit/images/forge-tiff.ts';

const tile = 512;
const pictures = 6;

/** Texture of stained tissue, as far as a decoder is concerned. */
async function picture(seed: number): Promise<Buffer> {
  const pixels = Buffer.alloc(tile * tile * 3);
  for (let y = 0; y < tile; y++) {
    for (let x = 0; x < tile; x++) {
      const wave = Math.sin((x + seed * 40) / 17) * Math.cos((y - seed * 23) / 13) + Math.sin((x * y) / 997);
      const at = (y * tile + x) * 3;
      pixels[at] = 205 + wave * 22;
      pixels[at + 1] = 150 + wave * 30;
      pixels[at + 2] = 195 + wave * 20;
    }
  }
  return sharp(pixels, { raw: { width: tile, height: tile, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** @param edge of the square image, pixels; 0.5 µm each */
export async function writeVastSlide(path: string, edge: number): Promise<void> {
  const jpegs = await Promise.all(Array.from({ length: pictures }, (_, i) => picture(i)));
  const starts: number[] = [];
  let end = dataOffset(true);
  for (const jpeg of jpegs) {
    starts.push(end);
    end += jpeg.length;
  }
  const sizes = [edge];
  while ((sizes.at(-1) ?? 0) > tile) sizes.push(Math.ceil((sizes.at(-1) ?? 0) / 2));
  const directories = sizes.map((size, level) => {
    const across = Math.ceil(size / tile);
    const which = Array.from({ length: across ** 2 }, (_, i) => (i + Math.floor(i / across) * 2) % pictures);
    const tags: ForgedTag[] = [
      { tag: 254, type: 4, value: [level === 0 ? 0 : 1] },
      { tag: 256, type: 4, value: [size] },
      { tag: 257, type: 4, value: [size] },
      { tag: 258, type: 3, value: [8, 8, 8] },
      { tag: 259, type: 3, value: [7] },
      { tag: 262, type: 3, value: [6] },
      { tag: 277, type: 3, value: [3] },
      // 20,000 pixels a centimetre: 0.5 µm.
      { tag: 282, type: 5, value: [20_000] },
      { tag: 283, type: 5, value: [20_000] },
      { tag: 284, type: 3, value: [1] },
      { tag: 296, type: 3, value: [3] },
      { tag: 322, type: 4, value: [tile] },
      { tag: 323, type: 4, value: [tile] },
      { tag: 324, type: 4, value: which.map((each) => starts[each] ?? 0) },
      { tag: 325, type: 4, value: which.map((each) => jpegs[each]?.length ?? 0) },
      { tag: 530, type: 3, value: [2, 2] },
    ];
    return { tags };
  });
  writeFileSync(path, forgeTiff({ big: true, directories, data: Buffer.concat(jpegs) }));
}
