/** Pixels and properties by programs that nobody here wrote: OpenSlide, GDAL, libvips. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'gigatile-images-'));
const remove = (): void => rmSync(root, { recursive: true, force: true });
// Forges that compare themselves with an oracle are used outside of a test runner too.
if (process.env['VITEST'] === undefined) process.once('exit', remove);
else (await import('vitest')).afterAll(remove);

/** A fresh folder that is removed when the test file is through. */
export function scratchFolder(): string {
  return mkdtempSync(join(root, 'x'));
}

export function run(program: string, ...args: string[]): Buffer {
  return execFileSync(program, args, { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface Region {
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** `openslide-show-properties`, as a map. */
export function openslideProperties(path: string): Map<string, string> {
  const text = run('openslide-show-properties', path).toString();
  return new Map(
    [...text.matchAll(/^([^:\n]+): '(.*)'$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

const openslideScript = `
import json, sys, openslide
path, out, regions = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
slide = openslide.OpenSlide(path)
with open(out, 'wb') as f:
    for r in regions:
        d = slide.level_downsamples[r['level']]
        # read_region takes level-0 coordinates.
        at = (round(r['x'] * d), round(r['y'] * d))
        image = slide.read_region(at, r['level'], (r['width'], r['height']))
        f.write(image.convert('RGB').tobytes())
`;

/** RGB pixels of regions, by OpenSlide in Python; one buffer a region. */
export function openslideRegions(path: string, regions: readonly Region[]): Buffer[] {
  const out = join(scratchFolder(), 'regions.raw');
  run('/usr/bin/python3', '-c', openslideScript, path, out, JSON.stringify(regions));
  const bytes = readFileSync(out);
  let at = 0;
  return regions.map((region) => {
    const length = region.width * region.height * 3;
    at += length;
    return bytes.subarray(at - length, at);
  });
}

export interface GdalInfo {
  size: [number, number];
  geoTransform?: number[];
  stac?: { 'proj:epsg'?: number | null };
  metadata?: Record<string, Record<string, string>>;
  bands: {
    type: string;
    block: [number, number];
    description?: string;
    noDataValue?: number;
    overviews?: { size: [number, number] }[];
  }[];
}

export function gdalInfo(path: string): GdalInfo {
  const info: GdalInfo = JSON.parse(run('gdalinfo', '-json', path).toString());
  return info;
}

/** All bands of a whole level, interleaved, little endian, by GDAL. Level 0 is the image, level n its overview n - 1. */
export function gdalLevel(path: string, level: number): Buffer {
  const out = join(scratchFolder(), 'level.raw');
  const overview = level === 0 ? 'NONE' : String(level - 1);
  run('gdal_translate', '-q', '-of', 'ENVI', '-co', 'INTERLEAVE=BIP', '-ovr', overview, path, out);
  return readFileSync(out);
}

/** All bands of an image as libvips decodes it; `options` as in `file.tif[subifd=0]`. */
export function vipsPixels(path: string, options: string, region?: Omit<Region, 'level'>): Buffer {
  const folder = scratchFolder();
  const out = join(folder, 'pixels.raw');
  if (region === undefined) {
    run('vips', 'rawsave', `${path}${options}`, out);
    return readFileSync(out);
  }
  const { x, y, width, height } = region;
  const part = join(folder, 'part.v');
  run('vips', 'extract_area', `${path}${options}`, part, `${x}`, `${y}`, `${width}`, `${height}`);
  run('vips', 'rawsave', part, out);
  return readFileSync(out);
}

/** A region of a whole level's pixels. */
export function regionOf(
  whole: Buffer,
  levelWidth: number,
  pixelBytes: number,
  { x, y, width, height }: Omit<Region, 'level'>,
): Buffer {
  return Buffer.concat(
    Array.from({ length: height }, (_, row) => {
      const start = ((y + row) * levelWidth + x) * pixelBytes;
      return whole.subarray(start, start + width * pixelBytes);
    }),
  );
}

export function difference(a: ArrayLike<number>, b: ArrayLike<number>): { max: number; mean: number } {
  if (a.length !== b.length) throw new Error(`${a.length} against ${b.length} values`);
  // Mostly they are the same, which is seen at once.
  if (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0)
    return { max: 0, mean: 0 };
  let [max, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (gap > max) max = gap;
    sum += gap;
  }
  return { max, mean: sum / a.length };
}

/** Bytes of pixels, as the oracles write them. */
export function bytesOf(data: ArrayBufferView): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** Reproducible "random" numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomRegions(
  levels: readonly { width: number; height: number }[],
  count: number,
  seed: number,
): Region[] {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  return levels.flatMap(({ width: w, height: h }, level) =>
    Array.from({ length: count }, () => {
      const [x, y] = [upTo(w), upTo(h)];
      return { level, x, y, width: 1 + upTo(Math.min(600, w - x)), height: 1 + upTo(Math.min(600, h - y)) };
    }),
  );
}
