/** Large images without tiles: the pyramid that is made of them once, bit by bit what a decoder and plain halving give. */
import { execFileSync, fork } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { halve } from '../../../src-main/images/box-filter.ts';
import type { ImageSource, Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { Preparation } from '../../../src-main/images/pyramid-cache/preparation.ts';
import { PreparedSource } from '../../../src-main/images/pyramid-cache/prepared-source.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { bytesOf, difference, randomRegions, run, scratchFolder, vipsPixels } from './oracles.ts';

/** Odd sizes, so that every level's last row and column are special. */
const [width, height] = [4001, 3103];
const maxInMemory = 4 * 1024 * 1024;

const codecs = await createCodecs();
const folder = scratchFolder();
const at = (name: string): string => join(folder, name);

/** Smooth gradients with speckles: compresses like a photograph, and no two places are alike. */
function painted(bands: number, depth: 8 | 16): Buffer {
  const data = Buffer.alloc(width * height * bands * (depth / 8));
  const values = depth === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  let state = 12345;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      for (let band = 0; band < bands; band++) {
        const value = x * (band + 1) + y * 3 + (((state >>> (8 + band * 4)) & 31) - 16);
        values[(y * width + x) * bands + band] = depth === 8 ? (value >> 4) & 255 : value & 65_535;
      }
    }
  }
  return data;
}

beforeAll(async () => {
  const raw = { width, height, channels: 3 as const };
  const rgb = painted(3, 8);
  const picture = sharp(rgb, { raw, limitInputPixels: false });
  await picture.clone().png({ compressionLevel: 1 }).toFile(at('rgb.png'));
  await picture.clone().jpeg({ quality: 90, chromaSubsampling: '4:2:0' }).toFile(at('rgb.jpg'));
  await picture.clone().webp({ quality: 60, effort: 0 }).toFile(at('rgb.webp'));
  run(
    'gdal_translate',
    '-q',
    '-co',
    'COMPRESS=DEFLATE',
    '-co',
    'PREDICTOR=2',
    at('rgb.png'),
    at('strips.tif'),
  );
  writeFileSync(at('deep.raw'), painted(1, 16));
  run('vips', 'rawload', at('deep.raw'), at('deep.v'), `${width}`, `${height}`, '2');
  run(
    'vips',
    'copy',
    at('deep.v'),
    at('deep-16.v'),
    '--format',
    'ushort',
    '--bands',
    '1',
    '--interpretation',
    'grey16',
  );
  run('vips', 'pngsave', at('deep-16.v'), at('deep.png'), '--compression', '1');
}, 300_000);

async function opened(
  name: string,
  cache: string,
  extra: { limitBytes?: number } = {},
): Promise<PreparedSource> {
  const source: ImageSource = await openImage(
    at(name),
    codecs,
    { maxInMemory, maxFlatPixels: 1e9 },
    { folder: cache, limitBytes: extra.limitBytes ?? null },
  );
  if (!(source instanceof PreparedSource)) throw new Error(`${name} is not prepared`);
  return source;
}

const preparationOf = (source: PreparedSource): Preparation => source.preparation;
const inCache = (cache: string): string[] => (existsSync(cache) ? readdirSync(cache).toSorted() : []);
const prepared = (cache: string): string[] => inCache(cache).filter((name) => name.endsWith('.tif'));

/** All levels by the project's own halving of what libvips decodes: what an image without tiles has always been shown as. */
function levelsOf(base: Raster, count: number): Raster[] {
  const levels = [base];
  while (levels.length < count) levels.push(halve(levels.at(-1) ?? base, null));
  return levels;
}

function cut(raster: Raster, x: number, y: number, w: number, h: number): Buffer {
  const sample = raster.data.BYTES_PER_ELEMENT * raster.bands;
  const bytes = bytesOf(raster.data);
  return Buffer.concat(
    Array.from({ length: h }, (_, row) => {
      const from = ((y + row) * raster.width + x) * sample;
      return bytes.subarray(from, from + w * sample);
    }),
  );
}

it.each([
  ['rgb.png', 3, 'uint8'],
  ['rgb.jpg', 3, 'uint8'],
  ['rgb.webp', 3, 'uint8'],
  ['strips.tif', 3, 'uint8'],
  ['deep.png', 1, 'uint16'],
] as const)('%s: every level is exactly what libvips decodes, halved', async (name, bands, dtype) => {
  const cache = scratchFolder();
  const source = await opened(name, cache);
  expect(source.info).toMatchObject({ width, height, bands, dtype });
  expect(source.info.levels).toHaveLength(1);
  const decoded = vipsPixels(at(name), '');
  const data = dtype === 'uint8' ? new Uint8Array(decoded) : new Uint16Array(new Uint8Array(decoded).buffer);
  const levels = levelsOf({ width, height, bands, dtype, data }, source.info.display.levels.length);
  for (const region of randomRegions(levels, 6, 7)) {
    const level = levels[region.level];
    if (level === undefined) throw new Error('no level');
    const scale = 2 ** region.level;
    const rect = {
      x: region.x * scale,
      y: region.y * scale,
      width: region.width * scale,
      height: region.height * scale,
    };
    const found = await source.readScaled(rect, region.width, region.height);
    const expected = cut(level, region.x, region.y, region.width, region.height);
    expect(bytesOf(found.data).equals(expected), JSON.stringify(region)).toBe(true);
  }
  const corner = await source.readRegion({ level: 0, x: width - 3, y: height - 2, width: 3, height: 2 });
  const expectedCorner = cut(levels[0] as Raster, width - 3, height - 2, 3, 2);
  expect(bytesOf(corner.data).equals(expectedCorner)).toBe(true);
  expect(inCache(cache)).toEqual(prepared(cache));
  source.close();
});

it('is the same whether it is prepared or small enough for memory', async () => {
  const large = await opened('rgb.png', scratchFolder());
  const small = await openImage(
    at('rgb.png'),
    codecs,
    { maxInMemory: 1e9 },
    { folder: scratchFolder(), limitBytes: null },
  );
  expect(small.preparation).toBeUndefined();
  expect(
    large.info.display.levels.map(({ width: w, height: h, downsample }) => ({ w, h, downsample })),
  ).toEqual(small.info.display.levels.map(({ width: w, height: h, downsample }) => ({ w, h, downsample })));
  for (const [rect, w, h] of [
    [{ x: 0, y: 0, width, height }, 1024, Math.round((1024 * height) / width)],
    [{ x: 511.5, y: 77.25, width: 3001.5, height: 2000 }, 731, 444],
    [{ x: -50, y: 6900, width: 400, height: 400 }, 400, 400],
  ] as const) {
    const [a, b] = [await large.readScaled(rect, w, h), await small.readScaled(rect, w, h)];
    expect(bytesOf(a.data).equals(bytesOf(b.data))).toBe(true);
  }
  large.close();
  small.close();
});

it('is made once: a second opening, and one in another process, use what is there', async () => {
  const cache = scratchFolder();
  const first = await opened('rgb.png', cache);
  await preparationOf(first).whenReady();
  expect(preparationOf(first).builds).toBe(1);
  first.close();
  const second = await opened('rgb.png', cache);
  expect(preparationOf(second).view).toMatchObject({ state: 'ready', fraction: 1 });
  await second.readRegion({ level: 0, x: 0, y: 0, width: 8, height: 8 });
  expect(preparationOf(second).builds).toBe(0);
  second.close();
});

it('is made once where two ask for it at the same time', async () => {
  const cache = scratchFolder();
  const [a, b] = [await opened('rgb.png', cache), await opened('rgb.png', cache)];
  await Promise.all([preparationOf(a).whenReady(), preparationOf(b).whenReady()]);
  expect(preparationOf(a).builds + preparationOf(b).builds).toBe(1);
  expect(prepared(cache)).toHaveLength(1);
  a.close();
  b.close();
});

it('an image that was edited in place is prepared again', async () => {
  const cache = scratchFolder();
  const before = await opened('rgb.jpg', cache);
  await preparationOf(before).whenReady();
  before.close();
  const now = new Date(Date.now() + 5000);
  utimesSync(at('rgb.jpg'), now, now);
  const after = await opened('rgb.jpg', cache);
  expect(preparationOf(after).view.state).toBe('idle');
  after.close();
});

it('cancelling leaves nothing behind, and it can be begun again', async () => {
  const cache = scratchFolder();
  const source = await opened('rgb.png', cache);
  const preparation = preparationOf(source);
  preparation.start();
  while (preparation.view.fraction < 0.2) await preparation.changed(100);
  expect(inCache(cache).some((name) => name.endsWith('.part'))).toBe(true);
  await preparation.cancel();
  expect(preparation.view.state).toBe('cancelled');
  expect(inCache(cache)).toEqual([]);
  await expect(source.readRegion({ level: 0, x: 0, y: 0, width: 8, height: 8 })).rejects.toMatchObject({
    code: 'cancelled',
  });
  preparation.restart();
  await preparation.whenReady();
  expect(preparation.view.state).toBe('ready');
  source.close();
});

it('shows finished parts and the quick picture while it is made, and says what is not there', async () => {
  const png = await opened('rgb.png', scratchFolder());
  const preparation = preparationOf(png);
  preparation.start();
  while (preparation.view.fraction < 0.4) await preparation.changed(50);
  const top = await png.displayTile(0, 1, 1);
  const last = png.info.display.levels[0];
  const bottom = await png.displayTile(0, 1, Math.floor((last?.height ?? 0) / (last?.tileHeight ?? 1)));
  expect(top?.type).toBe('image/jpeg');
  expect(bottom?.type).toBe('image/png');
  const { data, info } = await sharp(bottom?.bytes).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(4);
  // Hatched and half transparent: seen to be missing.
  expect(data.every((value) => value < 255)).toBe(true);
  expect(new Set(data.filter((_, i) => i % 4 === 3)).size).toBe(2);
  const shown = await sharp(top?.bytes).raw().toBuffer();
  await preparation.whenReady();
  const again = await png.displayTile(0, 1, 1);
  expect(shown.equals(await sharp(again?.bytes).raw().toBuffer())).toBe(true);
  png.close();

  const jpeg = await opened('rgb.jpg', scratchFolder());
  const early = preparationOf(jpeg);
  early.start();
  while (early.preview === null && early.view.state === 'working') await early.changed(50);
  const coarse = await jpeg.renderScaled({ x: 0, y: 0, width, height }, 300, 230);
  if (early.view.state === 'working') expect((await jpeg.displayTile(0, 3, 5))?.type).toBe('image/jpeg');
  await early.whenReady();
  const fine = await jpeg.renderScaled({ x: 0, y: 0, width, height }, 300, 230);
  const [a, b] = await Promise.all([coarse, fine].map((image) => sharp(image.bytes).raw().toBuffer()));
  const gap = (a ?? Buffer.alloc(0)).reduce((sum, value, i) => sum + Math.abs(value - (b?.[i] ?? 0)), 0);
  expect(gap / (a?.length ?? 1)).toBeLessThan(12);
  jpeg.close();
});

it('a damaged or half cache file is noticed and made again', async () => {
  const cache = scratchFolder();
  const first = await opened('rgb.png', cache);
  const wanted = { level: 0, x: 3000, y: 2500, width: 64, height: 64 };
  const pixels = bytesOf((await first.readRegion(wanted)).data);
  first.close();
  const path = join(cache, prepared(cache)[0] ?? '');
  const whole = readFileSync(path);

  truncateSync(path, Math.floor(whole.length / 2));
  const half = await opened('rgb.png', cache);
  expect(preparationOf(half).view.state).toBe('idle');
  expect(bytesOf((await half.readRegion(wanted)).data).equals(pixels)).toBe(true);
  expect(preparationOf(half).builds).toBe(1);
  half.close();

  // Every tile has a checksum: a flipped bit in the middle of the pixels does not come through.
  const damaged = Buffer.from(whole);
  for (let i = Math.floor(whole.length / 10); i < whole.length; i += 5000)
    damaged[i] = (damaged[i] ?? 0) ^ 0x10;
  writeFileSync(path, damaged);
  const flipped = await opened('rgb.png', cache);
  expect(preparationOf(flipped).view.state).toBe('ready');
  expect(bytesOf((await flipped.readRegion(wanted)).data).equals(pixels)).toBe(true);
  expect(preparationOf(flipped).builds).toBe(1);
  flipped.close();
});

it('what was used longest ago makes room; an image that is too large alone is refused, and still shown coarsely', async () => {
  const cache = scratchFolder();
  const one = await opened('rgb.png', cache);
  await preparationOf(one).whenReady();
  one.close();
  const [oldest = ''] = prepared(cache);
  const bytes = statSync(join(cache, oldest)).size;
  utimesSync(join(cache, oldest), new Date(0), new Date(0));

  const two = await opened('rgb.jpg', cache, { limitBytes: bytes * 1.2 });
  await preparationOf(two).whenReady();
  expect(prepared(cache)).toHaveLength(1);
  expect(prepared(cache)).not.toContain(oldest);
  two.close();

  const three = await opened('strips.tif', scratchFolder(), { limitBytes: bytes / 4 });
  await expect(preparationOf(three).whenReady()).rejects.toMatchObject({
    code: 'disk-full',
    hint: expect.stringContaining('GIGATILE_CACHE_LIMIT'),
  });
  const whole = await three.renderScaled({ x: 0, y: 0, width, height }, 300, 230);
  const reference = await opened('rgb.png', scratchFolder());
  await preparationOf(reference).whenReady();
  const expected = await reference.renderScaled({ x: 0, y: 0, width, height }, 300, 230);
  // Halved in fewer steps, so rounded less often; what JPEG adds goes when it is made small.
  const [coarse, fine] = await Promise.all(
    [whole, expected].map((image) => sharp(image.bytes).resize(60, 46, { fit: 'fill' }).raw().toBuffer()),
  );
  expect(difference(coarse ?? [], fine ?? []).mean).toBeLessThan(1);
  three.close();
  reference.close();
});

it('a file that ends in the middle is a clear error, and leaves nothing in the cache', async () => {
  const cache = scratchFolder();
  writeFileSync(at('cut.png'), readFileSync(at('rgb.png')).subarray(0, 1_000_000));
  const source = await opened('cut.png', cache);
  await expect(preparationOf(source).whenReady()).rejects.toMatchObject({
    code: 'image-corrupt',
    where: 'cut.png',
  });
  expect(inCache(cache)).toEqual([]);
  source.close();
});

const builder = `
import { openImage } from '${new URL('../../../src-main/images/open-image.ts', import.meta.url).href}';
import { createCodecs } from '${new URL('../../../src-main/workers/codecs/codecs.ts', import.meta.url).href}';
const [path, folder] = process.argv.slice(2);
const source = await openImage(path, await createCodecs(), { maxInMemory: ${maxInMemory}, maxFlatPixels: 1e9 }, { folder, limitBytes: null });
source.preparation.start();
for (;;) {
  await source.preparation.changed(1000);
  process.send({ ...source.preparation.view, rss: process.memoryUsage.rss() });
  if (source.preparation.view.state !== 'working') break;
}
process.exit(0);
`;

it('kill -9 in the middle leaves nothing that is trusted, and what it left is swept away', async () => {
  const cache = scratchFolder();
  const script = at('builder.ts');
  writeFileSync(script, builder);
  const child = fork(script, [at('rgb.png'), cache], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    child.on('message', (view) => {
      if (typeof view === 'object' && view !== null && 'fraction' in view && Number(view.fraction) > 0.3)
        resolve();
    });
    child.on('exit', () => reject(new Error('ended too early')));
  });
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(prepared(cache)).toEqual([]);
  expect(inCache(cache).length).toBeGreaterThan(0);
  const source = await opened('rgb.png', cache);
  expect(preparationOf(source).view.state).toBe('idle');
  await preparationOf(source).whenReady();
  expect(preparationOf(source).builds).toBe(1);
  expect(inCache(cache)).toEqual(prepared(cache));
  source.close();
});

it('a second process waits for the first one, follows its progress and uses its work', async () => {
  const cache = scratchFolder();
  const script = at('builder.ts');
  writeFileSync(script, builder);
  const child = fork(script, [at('rgb.png'), cache], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  while (!inCache(cache).some((name) => name.endsWith('.lock'))) await sleep(20);
  const source = await opened('rgb.png', cache);
  await preparationOf(source).whenReady();
  expect(preparationOf(source).builds).toBe(0);
  source.close();
  child.kill('SIGKILL');
});

it('a full disk is said clearly, and a coarse picture is still shown', async (test) => {
  const disk = at('disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return test.skip(`no small file system can be mounted here: ${String(error).split('\n')[0] ?? ''}`);
  }
  try {
    const source = await opened('rgb.png', disk, { limitBytes: 1e12 });
    await expect(preparationOf(source).whenReady()).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/no space left/),
      hint: expect.stringContaining('GIGATILE_CACHE_DIR'),
    });
    expect(inCache(disk)).toEqual([]);
    expect((await source.displayTile(0, 2, 2))?.type).toBe('image/jpeg');
    await expect(source.readRegion({ level: 0, x: 0, y: 0, width: 8, height: 8 })).rejects.toMatchObject({
      code: 'disk-full',
    });
    source.close();
  } finally {
    execFileSync('umount', [disk]);
  }
});
