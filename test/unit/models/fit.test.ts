import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GigatileError, type ErrorCode } from '../../../src-main/contract/errors.ts';
import type { ImageInfo } from '../../../src-main/contract/image.ts';
import { modelManifestSchema, type ModelManifest } from '../../../src-main/contract/model.ts';
import type { RunParameters } from '../../../src-main/contract/run.ts';
import { modelSize } from '../../../src-main/core/grid.ts';
import { fitModel } from '../../../src-main/models/fit.ts';
import { detector } from './decode/detector.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
const manifestOf = async (id: string): Promise<ModelManifest> =>
  modelManifestSchema.parse(JSON.parse(await readFile(`${modelsDir}/${id}/gigatile.json`, 'utf8')));
const he = await manifestOf('he-nuclei');
const rgbn = await manifestOf('landcover-rgbn');
const rgb = await manifestOf('landcover-rgb');
const fixed: ModelManifest = { ...he, input: { ...he.input, fixedSize: true, tileSize: 500 } };

function image(over: Partial<ImageInfo> = {}): ImageInfo {
  const level = (width: number, height: number, downsample: number): ImageInfo['levels'][number] => ({
    width,
    height,
    downsample,
    tileWidth: 256,
    tileHeight: 256,
  });
  const levels = [level(10_001, 8000, 1), level(2500, 2000, 4)];
  return {
    name: 'image.tif',
    format: 'tiff',
    vendor: null,
    width: 10_001,
    height: 8000,
    mpp: { x: 0.5, y: 0.5 },
    geo: null,
    objectivePower: null,
    bands: 3,
    bandNames: null,
    dtype: 'uint8',
    noData: null,
    levels,
    associated: [],
    compression: 'jpeg',
    display: { levels, passthrough: true },
    ...over,
  };
}

const geo: ImageInfo['geo'] = {
  epsg: 32618,
  crsName: null,
  transform: [0, 30, 0, 0, 0, -30],
  metersPerPixel: { x: 30, y: 30 },
};

describe('resolution', () => {
  test.each<[string, Partial<ImageInfo>, RunParameters, [number, number]]>([
    ['equal', {}, {}, [1, 1]],
    ['nearly equal', { mpp: { x: 0.499, y: 0.499 } }, {}, [1, 1]],
    ['5 % off still counts as equal', { mpp: { x: 0.48, y: 0.48 } }, {}, [1, 1]],
    ['6 % off is resampled', { mpp: { x: 0.47, y: 0.47 } }, {}, [0.5 / 0.47, 0.5 / 0.47]],
    ['a level has it: its exact scale, not 4', { mpp: { x: 0.125, y: 0.125 } }, {}, [10_001 / 2500, 4]],
    ['between levels', { mpp: { x: 0.25, y: 0.25 } }, {}, [2, 2]],
    ['axes differ', { mpp: { x: 0.25, y: 0.3 } }, {}, [2, 0.5 / 0.3]],
    ['the person knows better', { mpp: null }, { mpp: 0.25 }, [2, 2]],
    ['the person overrules the file', { mpp: { x: 4, y: 4 } }, { mpp: 0.5 }, [1, 1]],
  ])('%s', (_, over, parameters, [x, y]) => {
    const { grid } = fitModel(he, image(over), parameters);
    expect(grid.scaleX).toBeCloseTo(x, 12);
    expect(grid.scaleY).toBeCloseTo(y, 12);
  });

  test('the grid on a level has the size of that level', () => {
    const { grid } = fitModel(he, image({ mpp: { x: 0.125, y: 0.125 } }), {});
    expect(modelSize(grid)).toEqual({ width: 2500, height: 2000 });
  });

  test('a deviation of more than 1 % is said', () => {
    expect(fitModel(he, image({ mpp: { x: 0.48, y: 0.48 } }), {}).notes.join()).toMatch(/4 % off/);
    expect(fitModel(he, image({ mpp: { x: 0.499, y: 0.499 } }), {}).notes).toEqual([]);
  });

  test('a model for any pixel size takes the image as it is, and says that mpp has no effect', () => {
    const fit = fitModel(rgb, image({ mpp: null, geo }), { mpp: 3 });
    expect(fit.grid).toMatchObject({ scaleX: 1, scaleY: 1 });
    expect(fit.notes.join()).toMatch(/no effect/);
  });
});

describe('bands', () => {
  test.each<[string, ModelManifest, Partial<ImageInfo>, number[], RegExp | null]>([
    ['RGB of three bands', rgb, {}, [0, 1, 2], null],
    ['RGB of RGBA', he, { bands: 4 }, [0, 1, 2], /red = band 1/],
    ['four unnamed bands', rgbn, { bands: 4 }, [0, 1, 2, 3], /nir = band 4/],
    [
      'six unnamed bands',
      rgbn,
      { bands: 6, bandNames: ['', '', '', '', '', ''] },
      [0, 1, 2, 3],
      /nir = band 4/,
    ],
    [
      'Landsat names',
      rgbn,
      { bands: 4, bandNames: ['B4 red', 'B3 green', 'B2 blue', 'B5 nir'] },
      [0, 1, 2, 3],
      null,
    ],
    [
      'blue first, by name',
      rgbn,
      { bands: 6, bandNames: ['Blue', 'Green', 'Red', 'Near Infrared', 'SWIR1', 'SWIR2'] },
      [2, 1, 0, 3],
      null,
    ],
    [
      'red edge is not red',
      rgbn,
      { bands: 5, bandNames: ['blue', 'green', 'red edge', 'red', 'nir'] },
      [3, 1, 0, 4],
      null,
    ],
    [
      'RGB named, the fourth unnamed',
      rgbn,
      { bands: 4, bandNames: ['red', 'green', 'blue', ''] },
      [0, 1, 2, 3],
      /nir = band 4/,
    ],
  ])('%s', (_, manifest, over, indexes, note) => {
    const fit = fitModel(manifest, image({ mpp: { x: 0.5, y: 0.5 }, ...over }), {});
    expect(fit.bandIndexes).toEqual(indexes);
    if (note === null) expect(fit.notes).toEqual([]);
    else expect(fit.notes.join()).toMatch(note);
  });

  test('the file for the pixel type is taken', () => {
    expect(fitModel(rgbn, image({ bands: 4, dtype: 'uint8' }), {}).fileIndex).toBe(0);
    expect(fitModel(rgbn, image({ bands: 4, dtype: 'uint16' }), {}).fileIndex).toBe(1);
  });
});

describe('tiles', () => {
  test('the overlap makes tiling exact unless the person says otherwise', () => {
    expect(fitModel(he, image(), {}).grid).toMatchObject({ tileWidth: 512, overlap: 34 });
    const less = fitModel(he, image(), { overlap: { unit: 'px', value: 10 } });
    expect(less.grid.overlap).toBe(10);
    expect(less.notes.join()).toMatch(/less than the 34 px/);
    expect(fitModel(he, image(), { overlap: { unit: 'percent', value: 25 } }).grid.overlap).toBe(128);
  });

  test('a grid of columns x rows has exactly so many tiles, or is refused', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 200, max: 9000 }),
          height: fc.integer({ min: 200, max: 9000 }),
          columns: fc.integer({ min: 1, max: 40 }),
          rows: fc.integer({ min: 1, max: 40 }),
          overlap: fc.oneof(
            fc.constant(undefined),
            fc.record({ unit: fc.constant('px' as const), value: fc.integer({ min: 0, max: 60 }) }),
            fc.record({ unit: fc.constant('percent' as const), value: fc.integer({ min: 0, max: 50 }) }),
          ),
        }),
        ({ width, height, columns, rows, overlap }) => {
          const info = image({ width, height, levels: [{ ...image().levels[0]!, width, height }] });
          try {
            const { grid } = fitModel(he, info, {
              grid: { columns, rows },
              ...(overlap === undefined ? {} : { overlap }),
            });
            expect([grid.columns, grid.rows]).toEqual([columns, rows]);
            // The last tile ends at the edge: the tiles cover the image.
            const reach = (n: number, size: number): number => n * size - (n - 1) * grid.overlap;
            expect(reach(columns, grid.tileWidth)).toBeGreaterThanOrEqual(width);
            expect(reach(rows, grid.tileHeight)).toBeGreaterThanOrEqual(height);
          } catch (error) {
            if (!(error instanceof GigatileError)) throw error;
            expect(error.code).toBe('usage');
          }
        },
      ),
    );
  });

  test('a grid makes the tiles just large enough', () => {
    expect(fitModel(he, image(), { grid: { columns: 7, rows: 3 } }).grid).toMatchObject({
      // 7 x 1458 - 6 x 34 = 10002 for 10001 px; 3 x 2690 - 2 x 34 = 8002 for 8000 px.
      tileWidth: 1458,
      tileHeight: 2690,
      columns: 7,
      rows: 3,
    });
  });

  test('1 x 1 is the whole image', () => {
    const info = image({
      width: 3000,
      height: 2000,
      levels: [{ ...image().levels[0]!, width: 3000, height: 2000 }],
    });
    expect(fitModel(he, info, { grid: { columns: 1, rows: 1 } }).grid).toMatchObject({
      tileWidth: 3000,
      tileHeight: 2000,
      overlap: 0,
      columns: 1,
      rows: 1,
    });
  });
});

test.each([
  [
    { ...he, mpp: null, metresPerPixel: 0.1 },
    0.5,
    /0.1 m per pixel; .* of 5e-7 m per pixel, is less than one pixel/,
  ],
  [{ ...he, mpp: 1000 }, 0.5, /1000 µm per pixel; .* is 5 px wide/],
  [{ ...he, mpp: 500 }, 0.5, null],
])('an image that vanishes at the resolution of the model is refused (%#)', (model, mpp, message) => {
  if (message === null) expect(fitModel(model, image(), { mpp }).grid.columns).toBe(1);
  else expect(() => fitModel(model, image(), { mpp })).toThrow(message);
});

describe('what does not fit is refused, and the person told what to do', () => {
  test.each<[string, ModelManifest, Partial<ImageInfo>, RunParameters, ErrorCode, RegExp]>([
    ['no mpp', he, { mpp: null }, {}, 'model-mismatch', /--mpp/],
    ['a map', he, { mpp: null, geo }, {}, 'model-mismatch', /aerial or satellite/],
    ['much too coarse', he, { mpp: { x: 4, y: 4 } }, {}, 'model-mismatch', /higher resolution/],
    ['grey', he, { bands: 1 }, {}, 'model-mismatch', /bands/],
    ['no near infrared', rgbn, {}, {}, 'model-mismatch', /bands/],
    [
      'alpha is no near infrared',
      rgbn,
      { bands: 4, bandNames: ['red', 'green', 'blue', 'alpha'] },
      {},
      'model-mismatch',
      /bands/,
    ],
    ['names without red', he, { bandNames: ['nir', 'green', 'blue'] }, {}, 'model-mismatch', /bands/],
    ['float', rgbn, { bands: 4, dtype: 'float32' }, {}, 'model-mismatch', /Convert/],
    ['16 bit', he, { dtype: 'uint16' }, {}, 'model-mismatch', /uint8/],
    ['another size than the only one', fixed, {}, { tileSize: 512 }, 'model-mismatch', /500/],
    ['a grid for a fixed size', fixed, {}, { grid: { columns: 2, rows: 2 } }, 'model-mismatch', /500/],
    ['tile and grid', he, {}, { tileSize: 512, grid: { columns: 2, rows: 2 } }, 'usage', /--tile or --grid/],
    [
      'overlap as large as the tile',
      he,
      {},
      { tileSize: 64, overlap: { unit: 'px', value: 64 } },
      'usage',
      /overlap/,
    ],
    ['tiles smaller than the halo', he, {}, { tileSize: 20 }, 'usage', /larger/],
    ['a tile of everything', he, {}, { grid: { columns: 1, rows: 1 } }, 'usage', /4096/],
  ])('%s', (_, manifest, over, parameters, code, hint) => {
    let error: unknown;
    try {
      fitModel(manifest, image(over), parameters);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(GigatileError);
    expect((error as GigatileError).code).toBe(code);
    expect((error as GigatileError).hint).toMatch(hint);
  });
});

describe('the whole image at once', () => {
  const wide = image({ mpp: null, width: 10_000, height: 5000 });
  const found = (input: Partial<ModelManifest['input']>) =>
    fitModel(detector({ form: 'yolov8' }, { input: { tileSize: 640, ...input } }), wide, { fullImage: true });

  test('fills the longer side of what the model takes; what it does not resize by itself is padded', () => {
    const size = { imageWidth: 10_000, imageHeight: 5000, overlap: 0, columns: 1, rows: 1 };
    const scale = { scaleX: 15.625, scaleY: 15.625 };
    expect(found({ resize: 'letterbox' }).wholeImage).toEqual({
      ...size,
      ...scale,
      tileWidth: 640,
      tileHeight: 320,
    });
    expect(found({}).wholeImage).toEqual({ ...size, ...scale, tileWidth: 640, tileHeight: 640 });
    expect(found({ fixedSize: false, multipleOf: 32 }).wholeImage).toEqual({
      ...size,
      ...scale,
      tileWidth: 640,
      tileHeight: 320,
    });
    expect(found({}).notes.join()).toContain('15.63 times smaller');
  });

  test('is left out where one tile is all of it, and refused to models that can make nothing of it', () => {
    const small = image({ mpp: null, width: 600, height: 500 });
    const one = fitModel(detector({ form: 'yolov8' }, { input: { tileSize: 640 } }), small, {
      fullImage: true,
    });
    expect(one.wholeImage).toBeUndefined();
    expect(one.notes.join()).toContain('One tile holds the whole image');
    for (const manifest of [he, rgb]) {
      expect(problemOf(() => fitModel(manifest, image(), { fullImage: true }))).toBe('model-mismatch');
    }
  });
});

function problemOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof GigatileError ? error.code : String(error);
  }
}
