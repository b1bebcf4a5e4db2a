/**
 * `npm run icons`: renders the drawings of this folder into what installers take: ICO for Windows, ICNS for macOS, PNGs for
 * Linux. The results are committed, so that packing needs no converter. Done again by hand when a drawing changes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { writeIcns, writeIco } from './icon-files.ts';

const here = import.meta.dirname;
const sides = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/** What is too fine for so few pixels has a drawing of its own. */
const small = 32;

async function render(svg: string, side: number): Promise<Buffer> {
  // Rendered at the size itself, not scaled down from a larger picture; drawings are 1024 units wide (72 dpi = one pixel each).
  const drawing = readFileSync(join(here, svg));
  return sharp(drawing, { density: (72 * side) / 1024 })
    .resize(side, side)
    .png({ compressionLevel: 9, palette: true, effort: 10 })
    .toBuffer();
}

async function renderAll(name: string, smallName = name): Promise<Map<number, Buffer>> {
  const pngs = new Map<number, Buffer>();
  for (const side of sides) pngs.set(side, await render(`${side <= small ? smallName : name}.svg`, side));
  writeFileSync(join(here, `${name}.ico`), writeIco(pngs));
  writeFileSync(join(here, `${name}.icns`), writeIcns(pngs));
  return pngs;
}

const app = await renderAll('icon', 'icon-small');
writeFileSync(join(here, 'icon.png'), app.get(1024)!);
mkdirSync(join(here, 'icons'), { recursive: true });
for (const [side, png] of app) writeFileSync(join(here, 'icons', `${side}x${side}.png`), png);
await renderAll('case');
await renderAll('image');
