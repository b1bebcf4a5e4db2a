/** Ventana BIF: fields that overlap, put together as OpenSlide 3.4.1 does it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { forgeVentana } from '../../support/forge/ventana.ts';
import type { VentanaOptions } from '../../support/forge/ventana.ts';
import { randomRegions, scratchFolder } from './oracles.ts';
import {
  codecs,
  expectDisplayAgrees,
  expectOpenslideInfo,
  expectOpenslidePixels,
  openslideAssociated,
  withSlide,
} from './slide-oracle.ts';

const folder = scratchFolder();

function forged(name: string, options: VentanaOptions): string {
  const path = join(folder, `${name}.bif`);
  writeFileSync(path, forgeVentana(codecs, options));
  return path;
}

const evenX = [{ overlap: 16, confidence: 90 }];
const evenY = [{ overlap: 24, confidence: 50 }];
/** Means that lie between pixels: 14.54… and 16.09…, and one neighbour that nobody is confident of. */
const oddX = [
  { overlap: 16, confidence: 90 },
  { overlap: 11, confidence: 37 },
  { overlap: 60, confidence: 0 },
];
const oddY = [
  { overlap: 24, confidence: 50 },
  { overlap: 9, confidence: 57 },
];

/** Two areas that overlap on the slide, the second one in the middle of a tile of the coarser levels. */
const slide: VentanaOptions = {
  tileWidth: 128,
  tileHeight: 160,
  columns: 9,
  rows: 7,
  areas: [
    { posX: 40, posY: 348, firstColumn: 0, firstRow: 0, columns: 4, rows: 3 },
    { posX: 432, posY: 20, firstColumn: 4, firstRow: 3, columns: 5, rows: 4 },
    { posX: 0, posY: 0, firstColumn: 6, firstRow: 0, columns: 2, rows: 2, scanned: false },
  ],
  overlapsX: evenX,
  overlapsY: evenY,
  magnifications: [40, 20, 10],
  compression: 'deflate',
};

async function sizes(path: string) {
  return withSlide(path, (source) => Promise.resolve(source.info.levels));
}

describe('overlaps of whole pixels', () => {
  const path = forged('whole', slide);

  test('pixels of every level are OpenSlide’s, to the bit', async () => {
    const levels = await sizes(path);
    const wholes = levels.map(({ width, height }, level) => ({ level, x: 0, y: 0, width, height }));
    await expectOpenslidePixels(path, [...wholes, ...randomRegions(levels, 10, 31)], { max: 0, mean: 0 });
  });

  test('what it is, as openslide-show-properties says', async () => {
    await withSlide(path, async (source) => {
      expectOpenslideInfo(path, source.info, 'ventana.');
      expect(source.info).toMatchObject({ format: 'bif', mpp: { x: 0.2325, y: 0.2325 }, objectivePower: 40 });
      expect(source.info.levels[0]).toMatchObject({ tileWidth: 128, tileHeight: 160 });
      expect(source.info.associated).toEqual(Object.keys(openslideAssociated(path)));
      for (const [name, [width, height]] of Object.entries(openslideAssociated(path))) {
        expect(codecs.decodeJpeg((await source.associatedImage(name)).bytes)).toMatchObject({
          width,
          height,
        });
      }
      await expectDisplayAgrees(source);
    });
  });
});

describe('overlaps between pixels', () => {
  const options = { ...slide, overlapsX: oddX, overlapsY: oddY };
  const path = forged('between', options);

  test('pixels of every level are OpenSlide’s, interpolated as by cairo', async () => {
    const levels = await sizes(path);
    const wholes = levels.map(({ width, height }, level) => ({ level, x: 0, y: 0, width, height }));
    await expectOpenslidePixels(path, [...wholes, ...randomRegions(levels, 10, 37)], { max: 4, mean: 0.4 });
  });

  test('JPEG tiles: within the fast decoder’s difference, and closer with the exact one', async () => {
    const lossy = forged('lossy', { ...options, compression: 'jpeg', magnifications: [40, 20, 10, 5, 2.5] });
    const levels = await sizes(lossy);
    expectOpenslideInfo(lossy, (await openImage(lossy, codecs)).info, 'ventana.');
    await expectOpenslidePixels(lossy, randomRegions(levels, 8, 41), { max: 6, mean: 1 });
    const exact = await createCodecs(2 ** 28, 'exact');
    await expectOpenslidePixels(lossy, randomRegions(levels, 8, 41), { max: 4, mean: 0.4 }, exact);
  });

  test('no seam where tiles meet without overlap, at places between pixels', async () => {
    // 8 x 160 / 8 = 20 lines a part, but 128 / 16 = 8 columns; gaps of half a pixel in the coarser levels.
    const meeting = forged('meeting', {
      ...slide,
      overlapsX: [{ overlap: 1, confidence: 1 }],
      overlapsY: [{ overlap: -1, confidence: 1 }],
      compression: 'jpeg',
      magnifications: [40, 10, 2.5, 0.625],
    });
    const levels = await sizes(meeting);
    await expectOpenslidePixels(meeting, randomRegions(levels, 8, 43), { max: 6, mean: 1 });
  });

  test('the screen shows what models see', async () => {
    await withSlide(path, expectDisplayAgrees);
  });
});

test('scanners that write LEFT (OpenSlide refuses them) give the same picture', async () => {
  const right = forged('right', slide);
  const left = forged('left', { ...slide, leftwards: true });
  const region = { level: 0, x: 0, y: 0, width: 900, height: 700 };
  const pixels = await withSlide(right, (source) => source.readRegion(region));
  const others = await withSlide(left, (source) => source.readRegion(region));
  expect(Buffer.compare(Buffer.from(pixels.data.buffer), Buffer.from(others.data.buffer))).toBe(0);
});

test('one column of tiles, of whose overlap nobody knows anything, does not overlap', async () => {
  const path = forged('column', {
    ...slide,
    areas: [{ posX: 0, posY: 0, firstColumn: 0, firstRow: 0, columns: 1, rows: 3 }],
  });
  expect((await sizes(path)).map(({ width, height }) => [width, height])).toEqual([
    [128, 432],
    [64, 216],
    [32, 108],
  ]);
});

test('tiles without overlaps on the grid reach the screen undecoded', async () => {
  const none = [{ overlap: 0, confidence: 80 }];
  const area = { posX: 0, posY: 0, firstColumn: 0, firstRow: 0, columns: 9, rows: 7 };
  const path = forged('grid', {
    ...slide,
    areas: [area],
    overlapsX: none,
    overlapsY: none,
    compression: 'jpeg',
  });
  await withSlide(path, async (source) => {
    expectOpenslideInfo(path, source.info, 'ventana.');
    expect(source.info.display.passthrough).toBe(true);
    const tile = await source.displayTile(0, 2, 3);
    expect(readFileSync(path).includes(Buffer.from(tile?.bytes ?? []).subarray(2))).toBe(true);
    await expectDisplayAgrees(source);
  });
  await expectOpenslidePixels(path, randomRegions(await sizes(path), 8, 47), { max: 5, mean: 1 });
});

test('Ventana’s TIFF, which says nothing of overlaps, is a plain pyramid', async () => {
  const path = forged('plain', { ...slide, plain: true, compression: 'jpeg' });
  await withSlide(path, async (source) => {
    expect(source.info).toMatchObject({ format: 'bif', width: 9 * 128, height: 7 * 160 });
    expect(source.info.display.passthrough).toBe(true);
    expectOpenslideInfo(path, source.info, 'ventana.');
  });
  await expectOpenslidePixels(path, randomRegions(await sizes(path), 8, 53), { max: 5, mean: 1 });
});

test('tiles that were left out are white and counted, in scanned areas only', async () => {
  const isMissing = (level: number, column: number, row: number): boolean =>
    level === 0 && ((column === 1 && row === 1) || (column >= 6 && row < 2));
  const path = forged('gaps', { ...slide, isMissing });
  await withSlide(path, async (source) => {
    expect(source.info.levels.map((level) => level.missingTiles)).toEqual([1, undefined, undefined]);
    // In the middle of the tile, where no neighbour reaches.
    const region = { level: 0, x: 40 + 112 + 30, y: 136 + 40, width: 60, height: 80 };
    expect(new Set((await source.readRegion(region)).data)).toEqual(new Set([255]));
  });
});

test('each stored tile is decoded once in a pass over the level', async () => {
  const path = forged('once', { ...slide, overlapsX: oddX, overlapsY: oddY, compression: 'jpeg' });
  let decoded = 0;
  const counting = {
    ...codecs,
    decodeJpeg: (bytes: Uint8Array, options?: { into?: Uint8Array }) => {
      decoded++;
      return codecs.decodeJpeg(bytes, options);
    },
  };
  const source = await openImage(path, counting);
  for (let y = 0; y < source.info.height; y += 200) {
    for (let x = 0; x < source.info.width; x += 200)
      await source.readRegion({ level: 0, x, y, width: 224, height: 224 });
  }
  source.close();
  expect(decoded).toBe(4 * 3 + 5 * 4);
});

describe('XML that is wrong', () => {
  const first = (from: string, to: string) => (xml: string) => {
    if (!xml.includes(from)) throw new Error(`nothing to change: ${from}`);
    return xml.replace(from, to);
  };
  const cases: [name: string, edit: (xml: string) => string, message: RegExp][] = [
    ['no areas', (xml) => xml.replaceAll('ImageInfo', 'Info'), /describes 0 areas and 3 origins/],
    ['an origin too few', (xml) => xml.replace(/<AOI2 [^>]*>/, ''), /describes 3 areas and 2 origins/],
    [
      'no scanned area',
      (xml) => xml.replaceAll('AOIScanned="1"', 'AOIScanned="0"'),
      /no area that was scanned/,
    ],
    [
      'other tiles',
      first('Width="128"', 'Width="1024"'),
      /tiles of 1024 x 160, but the file's are 128 x 160/,
    ],
    ['an area of no columns', first('NumCols="4"', 'NumCols="0"'), /area of 0 x 3 tiles/],
    ['an area of minus rows', first('NumRows="3"', 'NumRows="-3"'), /area of 4 x -3 tiles/],
    [
      'an area of a billion tiles',
      first('NumCols="4"', 'NumCols="1000000000"'),
      /area of 1000000000 x 3 tiles.* 9 x 7/,
    ],
    [
      'an area outside',
      first('OriginX="512"', 'OriginX="1280"'),
      /from tile 10, 3 on, but the image has 9 x 7/,
    ],
    ['an area that begins within a tile', first('OriginX="512"', 'OriginX="500"'), /begins at 500, 480/],
    ['a joint of a tile 0', first('Tile1="1"', 'Tile1="0"'), /joins tile 0, but the area has 12/],
    ['a joint of a tile outside', first('Tile2="2"', 'Tile2="13"'), /joins tile 13, but the area has 12/],
    ['a joint of no neighbours', first('Tile2="2"', 'Tile2="3"'), /no neighbours: RIGHT from 0, 2 to 2, 2/],
    ['a direction that is none', first('Direction="UP"', 'Direction="SIDEWAYS"'), /direction "SIDEWAYS"/],
    ['an overlap in words', first('OverlapX="16"', 'OverlapX="much"'), /OverlapX of TileJointInfo as "much"/],
    ['no confidence', first('Confidence="90" ', ''), /TileJointInfo without Confidence/],
    ['less confidence than none', first('Confidence="90"', 'Confidence="-5"'), /confidence of -5/],
    [
      'overlaps of whole tiles',
      (xml) => xml.replaceAll('OverlapX="16"', 'OverlapX="128"'),
      /mean OverlapX of 128 for tiles of 128/,
    ],
    ['a place beyond all slides', first('Pos-X="40"', 'Pos-X="1e300"'), /Pos-X of ImageInfo as "1e300"/],
    ['a place that is no number', first('Pos-X="40"', 'Pos-X="NaN"'), /Pos-X of ImageInfo as "NaN"/],
    ['a document type', first('<EncodeInfo', '<!DOCTYPE e [<!ENTITY a "&b;">]><EncodeInfo'), /document type/],
    ['an end in its middle', (xml) => xml.slice(0, xml.length / 2), /XML (ends|joins|has)/],
  ];
  test.each(cases)('%s', async (_name, edit, message) => {
    const path = forged('wrong', { ...slide, edit });
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(message),
      where: expect.stringMatching(/^wrong\.bif, IFD 2/),
    });
  });

  const magnifications: [name: string, values: number[], code: string, message: RegExp][] = [
    [
      'coarser levels of a larger magnification',
      [20, 40],
      'image-corrupt',
      /Level 1 \(magnification 40\).* after level 0 \(20\)/,
    ],
    ['a magnification of nothing', [40, 0], 'image-corrupt', /does not say which level/],
    ['levels between the levels', [40, 15], 'image-unsupported', /2\.66\d* times coarser/],
    ['less than a pixel a tile', [40, 0.1], 'image-corrupt', /less than a pixel for each/],
  ];
  test.each(magnifications)('%s', async (_name, values, code, message) => {
    const path = join(folder, 'levels.bif');
    const bytes = forgeVentana(codecs, { ...slide, magnifications: values.map((_, i) => 40 / 2 ** i) });
    for (const [i, value] of values.entries()) {
      const from = `level=${i} mag=${40 / 2 ** i} quality=90`;
      const at = bytes.indexOf(from);
      bytes.write(`level=${i} mag=${value}`.padEnd(from.length), at, 'latin1');
    }
    writeFileSync(path, bytes);
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      where: expect.stringMatching(/^levels\.bif, IFD 3/),
    });
  });
});
