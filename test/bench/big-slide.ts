/** Large pyramids to measure on: tissue-like texture with white around it, JPEG Q85 in 256 px tiles, made by libvips. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One side of the texture that is repeated: noise costs libvips more than anything else. */
const texture = 4096;
const folder = join(tmpdir(), 'gigatile-bench');

/**
 * The path of a slide of (4096 * repeats)² pixels, made once and kept in the system's temporary folder. Every level is exactly half
 * of the one before it, which hardly any real slide's is.
 */
export function bigSlide(repeats = 3): string {
  return slide(texture * repeats, texture * repeats, `slide-${texture * repeats}.tif`);
}

/**
 * The same, 40,700 x 40,300 pixels: libvips rounds the sides of its levels down and deep zoom rounds up, so that OpenSlide has to scale
 * as it has to with a scanner's slides. The targets of the display tiles were set with one of this size.
 */
export function realSizeSlide(width = 40_700, height = 40_300): string {
  return slide(width, height, `slide-${width}x${height}.tif`);
}

function slide(width: number, height: number, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  console.log(`Making ${path} (${width} x ${height} px), once …`);
  const work = mkdtempSync(join(folder, 'making-'));
  try {
    const half = join(work, 'half-made.tif');
    const options = 'tile,tile-width=256,tile-height=256,pyramid,compression=jpeg,Q=85,bigtiff';
    // Repeated, cut and saved in one go: as a file between, the pixels alone would take gigabytes.
    vips('embed', textureIn(work), `${half}[${options}]`, 0, 0, width, height, '--extend', 'repeat');
    renameSync(half, path);
  } finally {
    rmSync(work, { recursive: true });
  }
  return path;
}

/** The texture, made once for slides of all sizes. */
function textureIn(work: string): string {
  const path = join(folder, `texture-${texture}.v`);
  if (existsSync(path)) return path;
  const file = (name: string): string => join(work, name);
  const linear = (from: string, to: string, scale: number, offset: number): void =>
    vips('linear', file(from), file(to), '--', scale, offset);
  vips('worley', file('cells.v'), texture, texture, '--cell-size', 32);
  vips('perlin', file('stain.v'), texture, texture, '--cell-size', 256);
  vips('perlin', file('shape.v'), texture, texture, '--cell-size', 2048);
  vips('gaussnoise', file('noise.v'), texture, texture, '--sigma', 7, '--mean', 0);
  linear('cells.v', 'a.v', 2.5, 110);
  linear('stain.v', 'b.v', 30, 0);
  vips('add', file('a.v'), file('b.v'), file('c.v'));
  vips('add', file('c.v'), file('noise.v'), file('d.v'));
  linear('d.v', 'red.v', 1, 30);
  linear('d.v', 'green.v', 0.8, -10);
  linear('d.v', 'blue.v', 0.9, 35);
  vips('bandjoin', ['red.v', 'green.v', 'blue.v'].map(file).join(' '), file('tissue.v'));
  linear('tissue.v', 'white0.v', 0, 243);
  vips('relational_const', file('shape.v'), file('inside.v'), 'more', '--', -0.1);
  vips('ifthenelse', file('inside.v'), file('tissue.v'), file('white0.v'), file('float.v'));
  vips('cast', file('float.v'), file('base.v'), 'uchar');
  renameSync(file('base.v'), path);
  return path;
}

function vips(...args: (string | number)[]): void {
  execFileSync('vips', args.map(String), { stdio: 'inherit' });
}
