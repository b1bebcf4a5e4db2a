/** Slides that the system's OpenSlide reads for us: as Python's OpenSlide gives them, and what is said where there is none. */
import { readFileSync, truncateSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import turbo from '@julusian/jpeg-turbo';
import { expect, it } from 'vitest';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { installHint, libraryCandidates } from '../../../src-main/workers/openslide/find-library.ts';
import { openSlide } from '../../../src-main/workers/openslide/slide.ts';
import { gigatile } from '../../support/cli.ts';
import { forgeVms, forgeVmu } from '../../support/forge/hamamatsu-vms.ts';
import { forgeMirax } from '../../support/forge/mirax.ts';
import { forgeSakura } from '../../support/forge/sakura.ts';
import { testData } from '../../support/test-data.ts';
import { bytesOf, openslideProperties, randomRegions, run, scratchFolder } from './oracles.ts';

const codecs = await createCodecs();

const script = `
import json, sys, openslide
from PIL import Image
path, out, regions, background = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
slide = openslide.OpenSlide(path)
with open(out, 'wb') as f:
    for r in regions:
        d = slide.level_downsamples[r['level']]
        part = slide.read_region((round(r['x'] * d), round(r['y'] * d)), r['level'], (r['width'], r['height']))
        ground = Image.new('RGBA', part.size, background)
        ground.alpha_composite(part)
        f.write(ground.convert('RGB').tobytes())
`;

function oracle(path: string, regions: readonly object[], background: string): Buffer {
  const out = join(scratchFolder(), 'pixels.raw');
  run('/usr/bin/python3', '-c', script, path, out, JSON.stringify(regions), background);
  return readFileSync(out);
}

it('a MIRAX slide: description and pixels of every level as OpenSlide in Python gives them', async () => {
  // Two images were not taken: the scanner's background shows there.
  const missing = (column: number, row: number): boolean => row === 2 && (column === 3 || column === 8);
  const path = forgeMirax(scratchFolder(), 'forged', codecs, { missing, fillBgr: 0xe0d0c0 });
  const source = await openImage(path, codecs);
  const properties = openslideProperties(path);
  const { info } = source;
  expect(info).toMatchObject({
    format: 'mirax',
    vendor: 'mirax',
    width: Number(properties.get('openslide.level[0].width')),
    height: Number(properties.get('openslide.level[0].height')),
    mpp: { x: Number(properties.get('openslide.mpp-x')), y: Number(properties.get('openslide.mpp-y')) },
    objectivePower: Number(properties.get('openslide.objective-power')),
    bands: 3,
    dtype: 'uint8',
  });
  expect(info.levels.map(({ downsample }) => downsample)).toEqual([1, 2, 4]);
  expect(info.levels[0]).toMatchObject({ tileWidth: 96, tileHeight: 96 });
  expect(info.properties).toEqual(Object.fromEntries(properties));
  expect(info.properties?.['openslide.bounds-width']).toBe('1152');

  const regions = [
    ...randomRegions(info.levels, 12, 3),
    { level: 0, x: 3 * 96 - 5, y: 2 * 96 - 5, width: 120, height: 120 },
  ];
  const expected = oracle(path, regions, '#C0D0E0');
  let at = 0;
  for (const region of regions) {
    const found = bytesOf((await source.readRegion(region)).data);
    expect(found.equals(expected.subarray(at, at + found.length)), JSON.stringify(region)).toBe(true);
    at += found.length;
  }
  expect(at).toBe(expected.length);
  expect((await source.displayTile(0, 0, 0))?.type).toBe('image/jpeg');
  source.close();
});

/** OpenSlide reads no 4:2:0 in restart intervals. */
const encoding = {
  encode: ({ width, height, data }: Raster): Uint8Array =>
    turbo.compressSync(Buffer.from(data.buffer), {
      width,
      height,
      quality: 85,
      format: turbo.FORMAT_RGB,
      subsampling: turbo.SAMP_422,
    }),
  mcuWidth: 16,
  mcuHeight: 8,
};

it.each([
  {
    name: 'Hamamatsu VMS',
    forge: (folder: string) => forgeVms(folder, 'forged', encoding),
    expected: { vendor: 'hamamatsu', width: 448, height: 128, mpp: { x: 0.5, y: 0.5 }, objectivePower: 20 },
    associated: ['macro'],
  },
  {
    name: 'Hamamatsu VMU',
    forge: (folder: string) => forgeVmu(folder, 'forged'),
    expected: { vendor: 'hamamatsu', width: 256, height: 152, mpp: { x: 0.25, y: 0.25 }, objectivePower: 40 },
    associated: [],
  },
  {
    name: 'Sakura',
    forge: (folder: string) => forgeSakura(folder, 'forged', codecs),
    expected: { vendor: 'sakura', width: 300, height: 200, mpp: { x: 0.25, y: 0.25 }, objectivePower: 40 },
    associated: ['label', 'macro', 'thumbnail'],
  },
])(
  '$name: pixels of every level as OpenSlide in Python gives them',
  async ({ forge, expected, associated }) => {
    const path = forge(scratchFolder());
    const source = await openImage(path, codecs);
    const { info } = source;
    expect(info).toMatchObject({ ...expected, format: 'openslide', bands: 3, dtype: 'uint8', associated });
    expect(info.levels.length).toBeGreaterThan(1);
    const whole = info.levels.map(({ width, height }, level) => ({ level, x: 0, y: 0, width, height }));
    const regions = [...whole, ...randomRegions(info.levels, 4, 7)];
    const pixels = oracle(path, regions, '#FFFFFF');
    let at = 0;
    for (const region of regions) {
      const found = bytesOf((await source.readRegion(region)).data);
      expect(found.equals(pixels.subarray(at, at + found.length)), JSON.stringify(region)).toBe(true);
      at += found.length;
    }
    expect(at).toBe(pixels.length);
    for (const name of associated)
      expect((await source.associatedImage(name)).bytes.length).toBeGreaterThan(200);
    expect(await source.fingerprint()).toMatch(/^[0-9a-f]{64}$/);
    source.close();
  },
);

it('is the same slide after a move, and another one when its data change', async () => {
  const [here, there, other] = [scratchFolder(), scratchFolder(), scratchFolder()];
  const fingerprint = async (path: string): Promise<string> => {
    const source = await openImage(path, codecs);
    const found = await source.fingerprint();
    source.close();
    return found;
  };
  const first = await fingerprint(forgeMirax(here, 'a', codecs));
  expect(await fingerprint(forgeMirax(there, 'b', codecs))).toBe(first);
  expect(
    await fingerprint(forgeMirax(other, 'a', codecs, { missing: (c, r) => c === 4 && r === 4 })),
  ).not.toBe(first);
});

it('a JPEG beside the folder of a slide is a JPEG', async () => {
  const folder = scratchFolder();
  const path = forgeMirax(folder, 'slide', codecs);
  const plain = join(folder, 'slide.jpg');
  writeFileSync(plain, readFileSync(path));
  const source = await openImage(plain, codecs);
  expect(source.info.format).toBe('jpeg');
  source.close();
});

it('says what OpenSlide says of a damaged slide', async () => {
  const folder = scratchFolder();
  const path = forgeMirax(folder, 'cut', codecs);
  const data = join(folder, 'cut', 'Data0000.dat');
  truncateSync(data, Math.floor(statSync(data).size / 3));
  const source = await openImage(path, codecs).catch((error: unknown) => error);
  if (source instanceof Error) {
    expect(source).toMatchObject({ code: 'image-corrupt', where: 'cut.mrxs' });
  } else if (typeof source === 'object' && source !== null && 'readRegion' in source) {
    const opened = source as Awaited<ReturnType<typeof openImage>>;
    const wrong = opened.readRegion({ level: 0, x: 900, y: 600, width: 96, height: 96 });
    await expect(wrong).rejects.toMatchObject({ code: 'image-corrupt', where: 'cut.mrxs' });
    opened.close();
  }
  const index = join(folder, 'cut', 'Index.dat');
  truncateSync(index, 20);
  await expect(openImage(path, codecs)).rejects.toMatchObject({
    code: 'image-corrupt',
    message: expect.stringContaining('OpenSlide'),
    where: 'cut.mrxs',
  });
});

it('a file that nobody knows is told as before, with OpenSlide or without', async () => {
  const path = join(scratchFolder(), 'notes.svslide');
  writeFileSync(path, 'shopping list: eggs, milk');
  await expect(openImage(path, codecs)).rejects.toMatchObject({ code: 'format-unknown' });
});

it('gives the pixels of a slide that our own reader opens too', async () => {
  const path = testData('pathology', 'CMU-1-Small-Region.svs');
  if (path === null) return;
  const slide = await openSlide(path);
  expect(slide?.vendor).toBe('aperio');
  expect(slide?.associated).toEqual(['label', 'macro', 'thumbnail']);
  const regions = [{ level: 0, x: 1000, y: 2000, width: 300, height: 200 }];
  const found = slide?.readRegion(0, 1000, 2000, 300, 200);
  expect(bytesOf(found?.data ?? new Uint8Array()).equals(oracle(path, regions, '#FFFFFF'))).toBe(true);
  expect(slide?.associatedImage('label').width).toBeGreaterThan(100);
  expect(() => slide?.associatedImage('none')).toThrow(/no associated image/);
  slide?.close();
  expect(() => slide?.readRegion(0, 0, 0, 1, 1)).toThrow(/closed/);
});

it('without OpenSlide: the slide is named for what it is, doctor says how to get it, and all else works', () => {
  const folder = scratchFolder();
  const path = forgeMirax(folder, 'slide', codecs);
  const before = process.env['GIGATILE_OPENSLIDE'];
  process.env['GIGATILE_OPENSLIDE'] = '/nonexistent';
  try {
    const info = gigatile(folder, ['info', path]);
    expect(info.code).toBe(1);
    expect(info.stderr).toMatch(/OpenSlide is not installed.*Install OpenSlide/);
    expect(
      info.stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('gigatile:')),
    ).toHaveLength(1);
    const doctor = gigatile(folder, ['doctor', '--json']);
    const check = doctor.json().find(({ name }) => name === 'codec openslide');
    expect(check).toMatchObject({ ok: true, detail: expect.stringContaining(installHint()) });
  } finally {
    if (before === undefined) delete process.env['GIGATILE_OPENSLIDE'];
    else process.env['GIGATILE_OPENSLIDE'] = before;
  }
  const here = gigatile(folder, ['doctor', '--json']);
  expect(here.json().find(({ name }) => name === 'codec openslide')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^OpenSlide \d.*MIRAX/),
  });
});

it('looks for the library where each system has it, and only where it is told to', () => {
  expect(libraryCandidates({}, 'linux')).toEqual(['libopenslide.so.1', 'libopenslide.so.0']);
  expect(libraryCandidates({}, 'darwin')).toContain('/opt/homebrew/lib/libopenslide.1.dylib');
  expect(libraryCandidates({}, 'win32')).toEqual(['libopenslide-1.dll', 'libopenslide-0.dll']);
  expect(libraryCandidates({ GIGATILE_OPENSLIDE: '/opt/os/libopenslide.so.1' }, 'linux')).toEqual([
    '/opt/os/libopenslide.so.1',
  ]);
});
