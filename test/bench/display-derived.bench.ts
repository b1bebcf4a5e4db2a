/**
 * Display tiles that must be decoded and encoded anew (Deflate, 16 bit): our reader against sharp, which cuts each tile out of the
 * same file, in this process, one request after the other, hardly a tile twice. `node test/bench/display-derived.bench.ts`; adds to test/bench/results/display-derived.json.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { bigSlide } from './big-slide.ts';
import { record, type Figure } from './results.ts';
import { percentile, tileRequests } from './tile-requests.ts';

const target = 1.2;
const passes = 3;
const load = loadavg()[0] ?? 0;
sharp.cache(false);
sharp.concurrency(1);

/** Made once from the benchmark's slide. */
function variant(name: string, make: (from: string, to: string) => string[]): string {
  const folder = join(tmpdir(), 'gigatile-bench');
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const half = join(folder, `half-${name}`);
  const [program = '', ...args] = make(bigSlide(3), half);
  console.log(`Making ${path}, once …`);
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(half, path);
  return path;
}

const tiled =
  '-co TILED=YES -co BLOCKXSIZE=512 -co BLOCKYSIZE=512 -co COMPRESS=DEFLATE -co PREDICTOR=2'.split(' ');
const files = [
  {
    what: 'Deflate, 8 bit RGB, 512 px tiles',
    path: variant('deflate-512.tif', (from, to) => [
      ...'gdal_translate -q -srcwin 0 0 8192 8192'.split(' '),
      ...tiled,
      from,
      to,
    ]),
    cut: (path: string, x: number, y: number, width: number, height: number) =>
      sharp(path, { limitInputPixels: false })
        .extract({ left: x, top: y, width, height })
        .jpeg({ quality: 85 }),
  },
  {
    what: 'Deflate, 4 bands of 16 bit, 512 px tiles',
    path: variant('deflate-16bit-512.tif', (from, to) => [
      ...'gdal_translate -q -srcwin 0 0 6144 6144 -ot UInt16 -b 1 -b 2 -b 3 -b 1 -scale 0 255 0 10000'.split(
        ' ',
      ),
      ...'-co PHOTOMETRIC=RGB -co ALPHA=NO'.split(' '),
      ...tiled,
      from,
      to,
    ]),
    // The same work: cut, stretch to 8 bit, three of the bands, JPEG.
    cut: (path: string, x: number, y: number, width: number, height: number) =>
      sharp(path, { limitInputPixels: false })
        .extract({ left: x, top: y, width, height })
        .removeAlpha()
        .linear(255 / 10_000, 0)
        .toColourspace('srgb')
        .jpeg({ quality: 85 }),
  },
];

const figures: Figure[] = [];
const details: Record<string, unknown> = {};
const codecs = await createCodecs();
for (const { what, path, cut } of files) {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const source = await openImage(path, codecs);
    const [level] = source.info.display.levels;
    if (level === undefined) throw new Error('no level');
    const requests = tileRequests([level], 150);
    // What is made once for an image (its stretch) is not what is measured.
    await source.displayTile(0, 0, 0);
    let start = performance.now();
    for (const request of requests) {
      if ((await source.displayTile(...request)) === null) throw new Error('no tile');
    }
    ours.push((performance.now() - start) / 1000 / requests.length);
    const { tileWidth, tileHeight, width, height } = level;
    start = performance.now();
    for (const [, column, row] of requests) {
      const [x, y] = [column * tileWidth, row * tileHeight];
      await cut(path, x, y, Math.min(tileWidth, width - x), Math.min(tileHeight, height - y)).toBuffer();
    }
    theirs.push((performance.now() - start) / 1000 / requests.length);
    source.close();
  }
  const [rate, their] = [1 / percentile(ours, 0.5), 1 / percentile(theirs, 0.5)];
  figures.push({
    what: `Display tiles that are decoded and encoded: ${what}`,
    ours: `${Math.round(rate)} tiles/s`,
    against: `sharp, ${Math.round(their)} tiles/s`,
    result: `${(rate / their).toFixed(2)} times`,
    target: `${target} times`,
    reached: rate / their >= target,
  });
  details[what] = { ours, theirs };
}
await record('display-derived', figures, details, load);
