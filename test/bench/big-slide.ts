/** A large pyramid to measure on: tissue-like texture with white around it, JPEG Q85 in 256 px tiles, made by libvips. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One side of the texture that is repeated: noise costs libvips more than anything else. */
const texture = 4096;

/** The path of a slide of (4096 * repeats)² pixels; made once and kept in the system's temporary folder. */
export function bigSlide(repeats = 3): string {
  const folder = join(tmpdir(), 'gigatile-bench');
  const path = join(folder, `slide-${texture * repeats}.tif`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  console.log(`Making ${path} (${texture * repeats} px square), once …`);
  const file = (name: string): string => join(folder, name);
  const vips = (...args: string[]): void => void execFileSync('vips', args, { stdio: 'inherit' });
  const size = String(texture);
  const linear = (from: string, to: string, scale: string, offset: string): void =>
    vips('linear', file(from), file(to), '--', scale, offset);
  vips('worley', file('cells.v'), size, size, '--cell-size', '32');
  vips('perlin', file('stain.v'), size, size, '--cell-size', '256');
  vips('perlin', file('shape.v'), size, size, '--cell-size', '2048');
  vips('gaussnoise', file('noise.v'), size, size, '--sigma', '7', '--mean', '0');
  linear('cells.v', 'a.v', '2.5', '110');
  linear('stain.v', 'b.v', '30', '0');
  vips('add', file('a.v'), file('b.v'), file('c.v'));
  vips('add', file('c.v'), file('noise.v'), file('d.v'));
  linear('d.v', 'red.v', '1', '30');
  linear('d.v', 'green.v', '0.8', '-10');
  linear('d.v', 'blue.v', '0.9', '35');
  vips('bandjoin', ['red.v', 'green.v', 'blue.v'].map(file).join(' '), file('tissue.v'));
  linear('tissue.v', 'white0.v', '0', '243');
  vips('relational_const', file('shape.v'), file('inside.v'), 'more', '--', '-0.1');
  vips('ifthenelse', file('inside.v'), file('tissue.v'), file('white0.v'), file('float.v'));
  vips('cast', file('float.v'), file('base.v'), 'uchar');
  vips('replicate', file('base.v'), file('large.v'), String(repeats), String(repeats));
  const half = file('half-made.tif');
  vips(
    ...`tiffsave ${file('large.v')} ${half} --tile --tile-width 256 --tile-height 256`.split(' '),
    ...'--pyramid --compression jpeg --Q 85 --bigtiff'.split(' '),
  );
  renameSync(half, path);
  for (const name of 'cells stain shape noise a b c d red green blue tissue white0 inside float base large'.split(
    ' ',
  )) {
    rmSync(file(`${name}.v`), { force: true });
  }
  return path;
}
