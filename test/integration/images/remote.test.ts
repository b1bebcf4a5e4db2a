/**
 * Images on a server: the same pixels as from the disk, in few requests. The server runs in a thread of its own, because a reader
 * that needs bytes which nobody fetched ahead sleeps until they are there.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { ImageSource } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { bytesOf as bytesServed, mostAtOnce, RangeServerThread } from '../../support/range-server-thread.ts';
import { testData } from '../../support/test-data.ts';
import { bytesOf, randomRegions, run, scratchFolder } from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
const secret = 'S3CRETsignature';

/** Real files where they are; made ones in any case. */
const real = {
  '/small.svs': testData('pathology', 'CMU-1-Small-Region.svs'),
  '/region.ome.tif': testData('pathology', 'CMU-region.ome.tif'),
  '/mosaic.tif': testData('satellite', 'riot-mosaic_cog1.tif'),
  '/rgb.tif': testData('satellite', 'rasterio-RGB.byte.tif'),
};
const files: Record<string, string> = {
  '/cog.tif': join(folder, 'cog.tif'),
  '/strips.tif': join(folder, 'strips.tif'),
  '/nopyramid.tif': join(folder, 'nopyramid.tif'),
  '/noise.png': join(folder, 'noise.png'),
  '/text.tif': join(folder, 'text.tif'),
};
for (const [at, path] of Object.entries(real)) if (path !== null) files[at] = path;

let server: RangeServerThread;
const opened: ImageSource[] = [];

beforeAll(async () => {
  const noise = join(folder, 'noise.v');
  run('vips', 'gaussnoise', noise, '4096', '3072', '--mean', '128', '--sigma', '20');
  const grey = join(folder, 'grey.v');
  run('vips', 'cast', noise, grey, 'uchar');
  const rgb = join(folder, 'rgb.v');
  run('vips', 'bandjoin', `${grey} ${grey} ${grey}`, rgb);
  const flat = join(folder, 'flat.tif');
  run('vips', 'tiffsave', rgb, flat);
  run(
    'gdal_translate',
    '-q',
    '-of',
    'COG',
    '-co',
    'COMPRESS=JPEG',
    '-co',
    'BLOCKSIZE=256',
    flat,
    files['/cog.tif'] ?? '',
  );
  run('vips', 'tiffsave', rgb, files['/strips.tif'] ?? '', '--compression', 'deflate');
  run('vips', 'tiffsave', rgb, files['/nopyramid.tif'] ?? '', '--tile', '--compression', 'jpeg');
  const part = join(folder, 'part.v');
  run('vips', 'extract_area', rgb, part, '0', '0', '300', '200');
  run('vips', 'pngsave', part, files['/noise.png'] ?? '');
  run('cp', join(import.meta.dirname, 'oracles.ts'), files['/text.tif'] ?? '');
  server = await RangeServerThread.start(files);
});
afterEach(async () => {
  for (const source of opened.splice(0)) source.close();
  await server.follow();
});
afterAll(() => server.close());

async function open(at: string): Promise<ImageSource> {
  const source = await openImage(`${server.origin}${at}?X-Amz-Signature=${secret}`, codecs);
  opened.push(source);
  return source;
}

async function openLocal(at: string): Promise<ImageSource> {
  const source = await openImage(files[at] ?? '', codecs);
  opened.push(source);
  return source;
}

describe.each(
  Object.keys(files).filter((at) => (at.endsWith('tif') && at !== '/text.tif') || at.endsWith('svs')),
)('%s', (at) => {
  test('says the same as from the disk, fingerprint included', async () => {
    const [remote, local] = [await open(at), await openLocal(at)];
    expect({ ...remote.info, name: '' }).toEqual({ ...local.info, name: '' });
    expect(remote.info.name).toBe(at.slice(1));
    expect(await remote.fingerprint()).toBe(await local.fingerprint());
  });

  test('has the same pixels on every level', async () => {
    const [remote, local] = [await open(at), await openLocal(at)];
    for (const region of randomRegions(local.info.levels, 4, 7)) {
      const [a, b] = [await remote.readRegion(region), await local.readRegion(region)];
      expect(Buffer.compare(bytesOf(a.data), bytesOf(b.data))).toBe(0);
    }
    const whole = { x: 0, y: 0, width: local.info.width, height: local.info.height };
    const [a, b] = [await remote.readScaled(whole, 200, 150), await local.readScaled(whole, 200, 150)];
    expect(Buffer.compare(bytesOf(a.data), bytesOf(b.data))).toBe(0);
  });

  test('has the same display tiles and associated images', async () => {
    const [remote, local] = [await open(at), await openLocal(at)];
    for (const [level, { width, height, tileWidth, tileHeight }] of local.info.display.levels.entries()) {
      const column = Math.floor(width / tileWidth / 2);
      const row = Math.floor(height / tileHeight / 2);
      const [a, b] = [
        await remote.displayTile(level, column, row),
        await local.displayTile(level, column, row),
      ];
      expect(a?.type).toBe(b?.type);
      expect(Buffer.compare(a?.bytes ?? Buffer.of(1), b?.bytes ?? Buffer.of(2))).toBe(0);
    }
    for (const name of local.info.associated) {
      const [a, b] = [await remote.associatedImage(name), await local.associatedImage(name)];
      expect(Buffer.compare(a.bytes, b.bytes)).toBe(0);
    }
  });
});

describe('requests', () => {
  const at = '/cog.tif';

  test('a COG is open after one, its first tile there after two', async () => {
    const remote = await open(at);
    expect(await server.asked()).toHaveLength(1);
    await remote.displayTile(0, 7, 5);
    const asked = await server.asked();
    expect(asked).toHaveLength(2);
    expect(asked[1]?.range?.[1]).toBeLessThan((asked[1]?.range?.[0] ?? 0) + 2 * 65_536);
  });

  test('tiles side by side are asked for together, in few requests', async () => {
    const remote = await open(at);
    await server.follow();
    await Promise.all(Array.from({ length: 8 }, (_, i) => remote.displayTile(0, 4 + i, 3)));
    expect((await server.asked()).length).toBeLessThanOrEqual(2);
  });

  test('36 tiles far apart are fetched six at a time', async () => {
    const remote = await open(at);
    await server.follow([{ together: 6 }]);
    await Promise.all(
      Array.from({ length: 36 }, (_, i) => remote.displayTile(0, (i % 6) * 2, Math.floor(i / 6) * 2)),
    );
    const asked = await server.asked();
    expect(mostAtOnce(asked)).toBe(6);
    expect(asked.length).toBeLessThanOrEqual(36);
  });

  test('a region is fetched at once, and never twice', async () => {
    const remote = await open(at);
    await server.follow([{ together: 3 }]);
    const region = { level: 0, x: 300, y: 300, width: 1000, height: 1000 };
    await remote.readRegion(region);
    const asked = await server.asked();
    expect(mostAtOnce(asked)).toBeGreaterThanOrEqual(3);
    await remote.readRegion({ ...region, x: 310 });
    expect(await server.asked()).toHaveLength(asked.length);
  });

  test('what a tile of a derived level is made from is fetched in one go', async () => {
    const remote = await open('/nopyramid.tif');
    const level = remote.info.display.levels.findIndex(({ downsample }) => downsample >= 4);
    expect(level).toBeGreaterThan(0);
    // Made from four rows of stored tiles, which lie apart in the file.
    await server.follow([{ together: 2 }]);
    await remote.displayTile(level, 3, 3);
    const asked = await server.asked();
    expect(mostAtOnce(asked)).toBeGreaterThanOrEqual(2);
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(asked.every(({ range }) => range !== null && range[1] - range[0] < 1024 * 1024)).toBe(true);
  });

  test('reading ahead brings what reading then needs', async () => {
    const remote = await open(at);
    const rect = { x: 1024, y: 1024, width: 512, height: 512 };
    await remote.fetchAhead?.(rect, 512, 512);
    await server.follow();
    await remote.readRegion({ level: 0, ...rect });
    await remote.readScaled(rect, 512, 512);
    expect(await server.asked()).toHaveLength(0);
    const half = { x: 2048, y: 0, width: 1000, height: 1000 };
    await remote.fetchAhead?.(half, 400, 400);
    await server.follow();
    await remote.readScaled(half, 400, 400);
    expect(await server.asked()).toHaveLength(0);
  });

  test('the fingerprint takes few MB, in parallel, and once', async () => {
    const remote = await open(at);
    await server.follow();
    const first = await remote.fingerprint();
    const asked = await server.asked();
    expect(bytesServed(asked)).toBeLessThan(7 * 1024 * 1024);
    expect(await remote.fingerprint()).toBe(first);
    const again = (await server.asked()).slice(asked.length);
    expect(again.map(({ range }) => range)).toEqual([[0, 0]]);
  });
});

describe('what goes wrong', () => {
  async function errorOf(failing: Promise<unknown>): Promise<GigatileError> {
    try {
      await failing;
    } catch (error) {
      if (!(error instanceof GigatileError)) throw error;
      expect(JSON.stringify(error.toPlain())).not.toContain(secret);
      return error;
    }
    return expect.unreachable();
  }

  test('an image that changes is said to have changed, whether it is fetched ahead or read', async () => {
    const remote = await open('/cog.tif');
    await server.follow([{ etag: '"v2"' }]);
    expect((await errorOf(remote.displayTile(0, 7, 5))).code).toBe('image-changed');
    expect((await errorOf(remote.readRegion({ level: 0, x: 0, y: 0, width: 2000, height: 2000 }))).code).toBe(
      'image-changed',
    );
    expect((await errorOf(remote.fingerprint())).code).toBe('image-changed');
  });

  test('errors reach a reader that sleeps, too', async () => {
    await server.follow([{ from: 1, status: 404 }]);
    // Its table of strips lies at the end: it is read while the file is being opened.
    expect((await errorOf(open('/strips.tif'))).code).toBe('image-missing');
  });

  test('a server that stops in the middle, and goes on: nobody notices', async () => {
    const [remote, local] = [await open('/cog.tif'), await openLocal('/cog.tif')];
    await server.follow([
      { from: 0, count: 1, cutAfter: 1000 },
      { from: 1, count: 1, status: 503 },
    ]);
    const region = { level: 0, x: 100, y: 100, width: 500, height: 500 };
    const [a, b] = [await remote.readRegion(region), await local.readRegion(region)];
    expect(Buffer.compare(bytesOf(a.data), bytesOf(b.data))).toBe(0);
  });

  test('an image that needs a disk says so', async () => {
    const error = await errorOf(open('/noise.png'));
    expect([error.code, error.hint]).toEqual(['image-unsupported', expect.stringMatching(/Download/)]);
  });

  test('what is no image is said to be none', async () => {
    expect((await errorOf(open('/text.tif'))).code).toBe('format-unknown');
  });
});
