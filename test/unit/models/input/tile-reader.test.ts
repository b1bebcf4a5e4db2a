/** Tiles of a small pyramid whose levels can be told apart. */
import { afterAll, describe, expect, test } from 'vitest';
import type { ImageInfo } from '../../../../src-main/contract/image.ts';
import { modelManifestSchema, type ModelManifest } from '../../../../src-main/contract/model.ts';
import type { RunParameters } from '../../../../src-main/contract/run.ts';
import { tileRect } from '../../../../src-main/core/grid.ts';
import type { ImageSource } from '../../../../src-main/images/image-source.ts';
import { openImage } from '../../../../src-main/images/open-image.ts';
import { fitModel } from '../../../../src-main/models/fit.ts';
import { BilinearResize } from '../../../../src-main/models/input/bilinear.ts';
import { tileReader, type TileRaster } from '../../../../src-main/workers/inference/tile-reader.ts';
import { PixelBytes, tiledDirectory } from '../../../support/forge/tiff-image.ts';
import { forgeTiff, noCodecs, writeForged } from '../../images/forge-tiff.ts';

/** Red: 50 on level 0, 100 on the next (a quarter of the size). Green and blue of level 0 are a texture. */
const texture = (x: number, y: number): [number, number] => [(x * 7 + y * 3) % 251, (x ^ (y * 5)) & 255];

async function pyramid(sizes: [number, number][]): Promise<ImageSource> {
  const pixels = new PixelBytes(false);
  const directories = sizes.map(([width, height], level) => {
    const tags = tiledDirectory(
      pixels,
      {
        width,
        height,
        tileWidth: 64,
        tileHeight: 64,
        compression: 1,
        photometric: 2,
        tile: (column, row) =>
          Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => {
            const [x, y] = [column * 64 + (Math.floor(i / 3) % 64), row * 64 + Math.floor(i / 192)];
            return i % 3 === 0 ? 50 * (level + 1) : texture(x, y)[(i % 3) - 1]!;
          }),
      },
      level === 0 ? [] : [{ tag: 254, type: 4, value: [1] }],
    );
    return { tags };
  });
  return openImage(writeForged(forgeTiff({ directories, data: pixels.joined() })), noCodecs);
}

const large = await pyramid([
  [960, 640],
  [240, 160],
]);
const small = await pyramid([[48, 32]]);
afterAll(() => {
  large.close();
  small.close();
});

function model(input: Partial<ModelManifest['input']>, over: Partial<ModelManifest> = {}): ModelManifest {
  return modelManifestSchema.parse({
    schema: 1,
    id: 'test',
    name: 'Test',
    version: '1',
    task: 'classify',
    license: '',
    description: '',
    limits: [],
    references: [],
    files: [{ file: 'test.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'x',
      layout: 'NCHW',
      dtype: 'float32',
      bands: ['red', 'green', 'blue'],
      tileSize: 64,
      fixedSize: true,
      ...input,
    },
    halo: 0,
    outputs: { classFractions: { name: 'y' } },
    classes: [{ name: 'a', color: [0, 0, 0] }],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0.5,
    tileColor: { by: 'class' },
    background: 'none',
    ...over,
  });
}

async function read(
  source: ImageSource,
  manifest: ModelManifest,
  parameters: RunParameters = {},
  tile = 0,
): Promise<TileRaster & { at: (x: number, y: number) => number[]; notes: string[] }> {
  const { grid, notes } = fitModel(manifest, source.info, parameters);
  const raster = await tileReader(source, grid, manifest).read(tile);
  const at = (x: number, y: number): number[] => {
    const from = (y * raster.width + x) * 3;
    return [...raster.data.subarray(from, from + 3)];
  };
  return { ...raster, at, notes };
}

describe('resolution', () => {
  test.each([
    // Model µm per pixel on an image of 0.25, and the level that is read.
    { wanted: 0.25, red: 50 },
    { wanted: 0.5, red: 50 },
    { wanted: 0.97, red: 100 },
    { wanted: 1, red: 100 },
    { wanted: 2, red: 100 },
    { wanted: 0.15, red: 50 },
  ])('a tile covers tile size * $wanted µm, read from the best level', async ({ wanted, red }) => {
    const manifest = model({}, { mpp: wanted });
    const { grid } = fitModel(manifest, large.info, { mpp: 0.25 });
    const covered = tileRect(grid, 0);
    // What lies within 5 % of a level is taken as it is.
    const used = wanted === 0.97 ? 1 : wanted;
    expect(covered.width * 0.25).toBeCloseTo(64 * used, 9);
    expect(covered.height * 0.25).toBeCloseTo(64 * used, 9);
    const tile = await read(large, manifest, { mpp: 0.25 });
    expect([tile.width, tile.height]).toEqual([64, 64]);
    expect(tile.at(10, 10)[0]).toBe(red);
  });

  test('metres per pixel are matched alike, and refused alike', () => {
    const geo: ImageInfo['geo'] = {
      epsg: 32618,
      crsName: null,
      transform: [0, 0.5, 0, 0, 0, -0.5],
      metersPerPixel: { x: 0.5, y: 0.5 },
    };
    const scene: ImageInfo = { ...large.info, geo };
    const at = (metresPerPixel: number, info = scene): ReturnType<typeof fitModel> =>
      fitModel(model({ fixedSize: false }, { metresPerPixel }), info, {});
    expect(at(1).grid).toMatchObject({ scaleX: 2, scaleY: 2 });
    expect(at(2.02).grid).toMatchObject({ scaleX: 4, scaleY: 4 });
    expect(at(0.3).notes.join()).toMatch(/0.5 m per pixel and is enlarged/);
    expect(() => at(0.2)).toThrow(/made for 0.2 m per pixel; this image has 0.5 and lacks the detail/);
    const unknown = at(1, large.info);
    expect(unknown.grid).toMatchObject({ scaleX: 1, scaleY: 1 });
    expect(unknown.notes.join()).toMatch(/taken as they are/);
    expect(fitModel(model({}, { metresPerPixel: 1 }), large.info, { mpp: 250_000 }).grid.scaleX).toBe(4);
  });
});

describe('bilinear', () => {
  test('is level 0 resized, cut out at whole pixels, whatever levels there are', async () => {
    const manifest = model({ resample: 'bilinear' }, { mpp: 1.01 });
    const tile = await read(large, manifest, { mpp: 0.25 }, 1);
    // 64 * 4.04 = 258.56 px.
    const crop = await large.readRegion({ level: 0, x: 259, y: 0, width: 259, height: 259 });
    const resize = new BilinearResize({ width: 259, height: 259 }, { width: 64, height: 64 }, 3, 'uint8');
    resize.add(crop.data, 259);
    const expected = new Uint8Array(64 * 64 * 3);
    resize.finish(expected);
    expect(tile.data).toEqual(expected);
    expect(tile.at(5, 5)[0]).toBe(50);
  });

  test('leaves pixels without data out, as long as there are others', async () => {
    const info = { ...small.info, noData: 50 };
    const source: ImageSource = new Proxy(small, {
      get: (target, key) => {
        if (key === 'info') return info;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const tile = await read(source, model({ resample: 'bilinear', tileSize: 16 }, { mpp: 2 }), { mpp: 1 });
    expect(tile.at(3, 3)[0]).toBe(50);
    const plain = await read(small, model({ resample: 'bilinear', tileSize: 16 }, { mpp: 2 }), { mpp: 1 });
    // A texture without the value 50 near by: the same up to rounding.
    expect(Math.abs(tile.at(3, 3)[1]! - plain.at(3, 3)[1]!)).toBeLessThanOrEqual(1);
  });
});

describe('tiles of another size than the input', () => {
  test('letterbox: in the middle, with the padding beside it', async () => {
    const grid = { columns: 3, rows: 4 };
    const tile = await read(large, model({ resize: 'letterbox', padValue: 114 }), { grid });
    // 320 x 160 px become 64 x 32, 16 below the top.
    expect([tile.width, tile.height]).toEqual([64, 64]);
    expect([tile.at(0, 15), tile.at(63, 48)]).toEqual([
      [114, 114, 114],
      [114, 114, 114],
    ]);
    // Five pixels become one: from the level that has a quarter.
    expect([tile.at(0, 16)[0], tile.at(63, 47)[0]]).toEqual([100, 100]);
    expect(tile.notes.join()).toMatch(/resized to the 64 x 64 px/);
    const without = await read(large, model({ resize: 'letterbox' }), { grid });
    expect(without.at(0, 15)).toEqual([255, 255, 255]);
  });

  test('stretch: all of it', async () => {
    const tile = await read(large, model({ resize: 'stretch', tileHeight: 32 }), {
      grid: { columns: 3, rows: 2 },
    });
    expect([tile.width, tile.height]).toEqual([64, 32]);
    expect([tile.at(0, 0)[0], tile.at(63, 31)[0]]).toEqual([100, 100]);
  });

  test('an image smaller than a tile is blown up where its scale says nothing, and padded where it does', async () => {
    const blown = await read(small, model({ resize: 'letterbox', padValue: 114 }));
    // 48 x 32 become 64 x 43.
    expect([blown.at(0, 9)[0], blown.at(0, 10)[0], blown.at(63, 52)[0], blown.at(63, 53)[0]]).toEqual([
      114, 50, 50, 114,
    ]);
    const padded = await read(small, model({ resize: 'letterbox', padValue: 114 }, { mpp: 1 }), { mpp: 1 });
    expect([padded.at(47, 31)[0], padded.at(48, 31)[0], padded.at(47, 32)[0]]).toEqual([50, 114, 114]);
    const resized = await read(small, model({ resample: 'bilinear', padValue: 114 }, { mpp: 2 }), { mpp: 1 });
    expect([resized.at(22, 14)[0], resized.at(25, 14)[0], resized.at(22, 17)[0]]).toEqual([50, 114, 114]);
  });

  test('edges are multiples of what the network needs, small images are padded to them', async () => {
    const free = model({ fixedSize: false, multipleOf: 32, padValue: 7 });
    const { grid, notes } = fitModel(free, large.info, { tileSize: 100 });
    expect(grid).toMatchObject({ tileWidth: 128, tileHeight: 128 });
    expect(notes.join()).toMatch(/100 became 128/);
    const tile = await read(small, free);
    expect([tile.width, tile.height]).toEqual([64, 32]);
    expect([tile.at(47, 31)[0], tile.at(48, 31)[0]]).toEqual([50, 7]);
  });

  test('padding and what the model must not count are told where it matters', async () => {
    const statistics = { kind: 'zero-mean-unit-variance', perBand: true, eps: 1e-6 } as const;
    const { valid } = await read(small, model({ tileStatistics: statistics, padValue: 0 }, { mpp: 1 }), {
      mpp: 1,
    });
    expect([valid?.[0], valid?.[48], valid?.[32 * 64]]).toEqual([1, 2, 2]);
    expect((await read(large, model({ tileStatistics: statistics }))).valid).toBeUndefined();
  });

  test('detectors that say nothing of their context share a fifth', () => {
    const boxes = { name: 'y', form: 'yolov8' } as const;
    const overlapOf = (over: Partial<ModelManifest>): number =>
      fitModel(model({}, { task: 'detect', outputs: { boxes }, ...over }), large.info, {}).grid.overlap;
    expect(overlapOf({})).toBe(12);
    expect(overlapOf({ halo: 8 })).toBe(16);
    expect(overlapOf({ outputs: { classFractions: { name: 'y' } } })).toBe(0);
  });

  test('what no tile can be is refused', () => {
    expect(() => fitModel(model({}), large.info, { tileSize: 100 })).toThrow(/tiles of 64 px only/);
    expect(() => fitModel(model({ padValue: 300 }), large.info, {})).toThrow(/no value of uint8 pixels/);
    const far = model({ resample: 'bilinear', tileSize: 1024 }, { mpp: 20 });
    expect(() => fitModel(far, large.info, { mpp: 0.25 })).toThrow(/too many/);
  });
});
