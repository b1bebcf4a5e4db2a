/** The built-in models against what was published for them, on real images decoded by OpenSlide and GDAL. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { testData } from '../../support/test-data.ts';
import { rowsOf, runOnnx } from './onnx.ts';
import { codecs, modelsDir } from './worker-client.ts';

const slide = testData('pathology', 'CMU-1-Small-Region.svs');
const heReference = testData('builtin', 'he-nuclei-0.5mpp.onnx');
const hdabReference = testData('builtin', 'hdab-nuclei-0.5mpp.onnx');
const ihc = testData('pathology', 'skimage-ihc.png');
const landsat7 = testData('satellite', 'stars-L7_ETMs.tif');
const landsat8 = testData('satellite', 'landsat8-newyork-rgbn-uint16.tif');
const landsatRgb = testData('satellite', 'rasterio-RGB.byte.tif');

const folder = mkdtempSync(join(tmpdir(), 'gigatile-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fromOpenSlide(path: string, x: number, y: number, width: number, height: number): Uint8Array {
  const script =
    'import sys, openslide; s = openslide.OpenSlide(sys.argv[1]); x, y, w, h = map(int, sys.argv[2:6]); ' +
    'sys.stdout.buffer.write(s.read_region((x, y), 0, (w, h)).convert("RGB").tobytes())';
  return execFileSync('/usr/bin/python3', ['-c', script, path, ...[x, y, width, height].map(String)], {
    maxBuffer: 2 ** 28,
  });
}

function fromGdal(path: string, bands: number[]): Uint8Array {
  const raw = join(folder, 'pixels.raw');
  const chosen = bands.flatMap((b) => ['-b', String(b)]);
  execFileSync('gdal_translate', ['-q', '-of', 'ENVI', '-co', 'INTERLEAVE=BIP', ...chosen, path, raw]);
  return readFileSync(raw);
}

describe('he-nuclei', () => {
  const model = join(modelsDir, 'he-nuclei/he-nuclei.onnx');

  test.skipIf(slide === null)(
    'golden value: 305 candidates, 263 at the threshold, on pixels of OpenSlide',
    async () => {
      const pixels = fromOpenSlide(slide!, 700, 900, 512, 512);
      const rows = rowsOf((await runOnnx(model, 'uint8', pixels, [1, 512, 512, 3]))['detections']);
      expect(rows).toHaveLength(305);
      expect(rows.filter((r) => (r[5] ?? 0) >= 0.5)).toHaveLength(263);
    },
  );

  test.skipIf(slide === null)('golden value within 3 % on the pixels of our own reader', async () => {
    const source = await openImage(slide!, codecs);
    const raster = await source.readRegion({ level: 0, x: 700, y: 900, width: 512, height: 512 });
    source.close();
    const rows = rowsOf(
      (await runOnnx(model, 'uint8', raster.data as Uint8Array, [1, 512, 512, 3]))['detections'],
    );
    expect(Math.abs(rows.length - 305) / 305).toBeLessThan(0.03);
    expect(Math.abs(rows.filter((r) => (r[5] ?? 0) >= 0.5).length - 263) / 263).toBeLessThan(0.03);
  });

  test.skipIf(slide === null || heReference === null)(
    'the same detections as the reference, over a wide region',
    async () => {
      const pixels = fromOpenSlide(slide!, 300, 500, 1200, 900);
      const dims = [1, 900, 1200, 3];
      const key = (r: number[]): string => r.slice(0, 5).join();
      const ours = new Map(
        rowsOf((await runOnnx(model, 'uint8', pixels, dims))['detections']).map((r) => [key(r), r]),
      );
      const theirs = rowsOf((await runOnnx(heReference!, 'uint8', pixels, dims))['detections']);
      expect(ours.size).toBe(theirs.length);
      for (const row of theirs) expect(ours.get(key(row))?.[5]).toBeCloseTo(row[5] ?? -1, 5);
    },
  );

  test('a batch gives what its tiles give alone', async () => {
    const [a, b] = [picture(7), picture(8)];
    const together = rowsOf(
      (await runOnnx(model, 'uint8', Buffer.concat([a, b]), [2, 96, 96, 3]))['detections'],
    );
    const alone = [
      ...rowsOf((await runOnnx(model, 'uint8', a, [1, 96, 96, 3]))['detections']),
      ...rowsOf((await runOnnx(model, 'uint8', b, [1, 96, 96, 3]))['detections']).map((r) => [
        1,
        ...r.slice(1),
      ]),
    ];
    expect(together).toEqual(alone);
    expect(together.length).toBeGreaterThan(4);
  });

  test('all detections are given, however many there are', async () => {
    // 100 x 100 nuclei: the reference stops at 4,096.
    const edge = 1600;
    const pixels = tissue(edge, edge, (paint) => {
      for (let y = 8; y < edge; y += 16) for (let x = 8; x < edge; x += 16) paint(x, y, nucleus);
    });
    const rows = rowsOf((await runOnnx(model, 'uint8', pixels, [1, edge, edge, 3]))['detections']);
    expect(rows).toHaveLength(10_000);
  });
});

describe('he-nuclei-adaptive', () => {
  const model = join(modelsDir, 'he-nuclei-adaptive/he-nuclei-adaptive.onnx');

  test.skipIf(slide === null)(
    'golden value: 266 candidates, 259 at the threshold, on pixels of OpenSlide',
    async () => {
      const pixels = fromOpenSlide(slide!, 700, 900, 512, 512);
      const rows = rowsOf((await runOnnx(model, 'uint8', pixels, [1, 512, 512, 3]))['detections']);
      expect(rows).toHaveLength(266);
      expect(rows.filter((r) => (r[5] ?? 0) >= 0.5)).toHaveLength(259);
    },
  );

  test.skipIf(slide === null)("seams: parts with the model's context give what the whole gives", async () => {
    const [size, part] = [360, 180];
    const pixels = fromOpenSlide(slide!, 850, 900, size, size);
    const { halo } = JSON.parse(readFileSync(join(dirname(model), 'gigatile.json'), 'utf8')) as {
      halo: number;
    };
    const whole = await places(pixels, size, size, 0, 0);
    const inParts = async (context: number): Promise<Set<string>> => {
      const found = new Set<string>();
      for (let y = 0; y < size; y += part) {
        for (let x = 0; x < size; x += part) {
          const [left, top] = [Math.max(0, x - context), Math.max(0, y - context)];
          const [right, bottom] = [Math.min(size, x + part + context), Math.min(size, y + part + context)];
          const cut = new Uint8Array((right - left) * (bottom - top) * 3);
          for (let row = top; row < bottom; row++) {
            const line = pixels.subarray((row * size + left) * 3, (row * size + right) * 3);
            cut.set(line, (row - top) * (right - left) * 3);
          }
          for (const place of await places(cut, right - left, bottom - top, left, top)) {
            const [px = 0, py = 0] = place.split(',').map(Number);
            if (px >= x && py >= y && px < x + part && py < y + part) found.add(place);
          }
        }
      }
      return found;
    };
    expect(whole.size).toBeGreaterThan(80);
    expect([...(await inParts(halo))].toSorted()).toEqual([...whole].toSorted());
    // The control: with less context the same comparison sees the seams.
    expect([...(await inParts(8))].toSorted()).not.toEqual([...whole].toSorted());
  });

  test('violet nuclei on a violet ground are found, where he-nuclei sees none', async () => {
    const pixels = tissue(
      240,
      240,
      (paint) => {
        for (let y = 20; y < 240; y += 40) for (let x = 20; x < 240; x += 40) paint(x, y, [85, 15, 180]);
      },
      [180, 160, 210],
    );
    expect(await sure(model, pixels, 240)).toHaveLength(36);
    expect(await sure(join(modelsDir, 'he-nuclei/he-nuclei.onnx'), pixels, 240)).toHaveLength(0);
  });

  test('red cells and specks of collagen are no nuclei', async () => {
    const red: Colour = [205, 40, 70];
    const collagen: Colour = [150, 45, 85];
    const pixels = tissue(240, 240, (paint) => {
      for (let y = 20; y < 240; y += 40)
        for (let x = 20; x < 240; x += 40) paint(x, y, (x + y) % 80 === 0 ? red : collagen);
    });
    expect(await sure(model, pixels, 240)).toHaveLength(0);
  });

  test('a large pale nucleus with two clumps of chromatin is one hit, in a large box', async () => {
    const pixels = tissue(120, 120, (paint) => {
      paint(60, 60, [140, 105, 180], 9);
      paint(55, 60, [105, 70, 155], 3);
      paint(65, 60, [105, 70, 155], 3);
    });
    expect(await sure(join(modelsDir, 'he-nuclei/he-nuclei.onnx'), pixels, 120)).toHaveLength(2);
    const [only, ...others] = await sure(model, pixels, 120);
    expect(others).toEqual([]);
    const [, x1 = 0, , x2 = 0] = only ?? [];
    expect(x2 - x1).toBe(17);
    expect((x1 + x2) / 2).toBeCloseTo(60.5, 0);
  });

  async function places(
    pixels: Uint8Array,
    width: number,
    height: number,
    left: number,
    top: number,
  ): Promise<Set<string>> {
    const rows = rowsOf((await runOnnx(model, 'uint8', pixels, [1, height, width, 3]))['detections']);
    return new Set(
      rows.map(([, x1 = 0, y1 = 0, x2 = 0, y2 = 0]) =>
        [(x1 + x2) / 2 + left, (y1 + y2) / 2 + top, x2 - x1].join(),
      ),
    );
  }

  async function sure(file: string, pixels: Uint8Array, edge: number): Promise<number[][]> {
    const rows = rowsOf((await runOnnx(file, 'uint8', pixels, [1, edge, edge, 3]))['detections']);
    return rows.filter((r) => (r[5] ?? 0) >= 0.5);
  }
});

describe('hdab-nuclei', () => {
  const model = join(modelsDir, 'hdab-nuclei/hdab-nuclei.onnx');

  test('brown nuclei are positive, blue ones negative, pale brown ground is neither', async () => {
    const pixels = tissue(
      240,
      240,
      (paint) => {
        for (let y = 20; y < 240; y += 40) {
          for (let x = 20; x < 240; x += 40)
            paint(x, y, (x / 20 + y / 20) % 4 === 2 ? [110, 70, 45] : [110, 115, 165]);
        }
      },
      [232, 222, 212],
    );
    const rows = rowsOf((await runOnnx(model, 'uint8', pixels, [1, 240, 240, 3]))['detections']).filter(
      (r) => (r[5] ?? 0) >= 0.5,
    );
    expect(rows).toHaveLength(36);
    for (const [, x1 = 0, y1 = 0, , , , classIndex] of rows) {
      // The box's corner lies 5.5 px before the centre of the peak's pixel.
      const [x, y] = [Math.round(x1 + 5.5), Math.round(y1 + 5.5)];
      expect([x % 40, y % 40]).toEqual([20, 20]);
      expect(classIndex).toBe((x / 20 + y / 20) % 4 === 2 ? 0 : 1);
    }
  });

  test.skipIf(ihc === null || hdabReference === null)(
    'where there is no DAB, the same negative nuclei as the reference finds',
    async () => {
      const source = await openImage(ihc!, codecs);
      const { width, height, data } = await source.readRegion({
        level: 0,
        x: 0,
        y: 0,
        width: 512,
        height: 512,
      });
      source.close();
      const dims = [1, height, width, 3];
      const ours = rowsOf((await runOnnx(model, 'uint8', data as Uint8Array, dims))['detections']);
      const theirs = rowsOf((await runOnnx(hdabReference!, 'uint8', data as Uint8Array, dims))['detections']);
      const near = (a: number[], b: number[]): boolean =>
        Math.hypot((a[1] ?? 0) - (b[1] ?? 0), (a[2] ?? 0) - (b[2] ?? 0)) < 1;
      const negative = ours.filter((r) => r[6] === 1);
      expect(negative.length).toBeGreaterThan(100);
      const known = negative.filter((r) => theirs.some((t) => near(r, t)));
      expect(known.length / negative.length).toBeGreaterThan(0.95);
    },
  );
});

describe('land cover', () => {
  async function labels(
    model: string,
    type: 'uint8' | 'uint16',
    bytes: Uint8Array,
    dims: number[],
  ): Promise<Uint8Array> {
    const data =
      type === 'uint8'
        ? bytes
        : new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const found = (await runOnnx(model, type, data, dims))['labels']?.data;
    if (!(found instanceof Uint8Array)) throw new TypeError('no labels');
    return found;
  }

  test.skipIf(landsat7 === null || testData('builtin', 'landcover-rgbn-u8.onnx') === null)(
    '8 bit: every pixel of a Landsat 7 scene as the reference',
    async () => {
      const pixels = fromGdal(landsat7!, [3, 2, 1, 4]);
      const dims = [1, 352, 349, 4];
      const ours = await labels(
        join(modelsDir, 'landcover-rgbn/landcover-rgbn-uint8.onnx'),
        'uint8',
        pixels,
        dims,
      );
      const theirs = await labels(testData('builtin', 'landcover-rgbn-u8.onnx')!, 'uint8', pixels, dims);
      expect(Buffer.compare(ours, theirs)).toBe(0);
      expect(new Set(ours).size).toBe(4);
    },
  );

  test.skipIf(landsat8 === null || testData('builtin', 'landcover-rgbn-u16-landsat8-dn.onnx') === null)(
    '16 bit: every pixel of a Landsat 8 scene as the reference',
    async () => {
      const pixels = fromGdal(landsat8!, [1, 2, 3, 4]);
      const dims = [1, 78, 77, 4];
      const ours = await labels(
        join(modelsDir, 'landcover-rgbn/landcover-rgbn-uint16.onnx'),
        'uint16',
        pixels,
        dims,
      );
      const theirs = await labels(
        testData('builtin', 'landcover-rgbn-u16-landsat8-dn.onnx')!,
        'uint16',
        pixels,
        dims,
      );
      expect(Buffer.compare(ours, theirs)).toBe(0);
      expect(new Set(ours).size).toBe(5);
    },
  );

  test.skipIf(landsatRgb === null || testData('builtin', 'landcover-rgb.onnx') === null)(
    'RGB: vegetation of the reference is vegetation, its cloud is cloud; its water has no class here',
    async () => {
      const pixels = fromGdal(landsatRgb!, [1, 2, 3]);
      const dims = [1, 718, 791, 3];
      const ours = await labels(join(modelsDir, 'landcover-rgb/landcover-rgb.onnx'), 'uint8', pixels, dims);
      const theirs = await labels(testData('builtin', 'landcover-rgb.onnx')!, 'uint8', pixels, dims);
      const same: Record<number, number> = { 1: 1, 3: 2, 4: 3 };
      let [agree, all] = [0, 0];
      theirs.forEach((label, i) => {
        const expected = same[label];
        if (expected === undefined) return;
        all++;
        if (ours[i] === expected) agree++;
      });
      expect(all).toBeGreaterThan(200_000);
      expect(agree / all).toBeGreaterThan(0.999);
    },
  );
});

type Colour = readonly [number, number, number];
const nucleus: Colour = [88, 60, 146];

/** Tissue of one colour with discs, of radius 5 px where nothing else is said. */
function tissue(
  width: number,
  height: number,
  draw: (paint: (x: number, y: number, colour: Colour, radius?: number) => void) => void,
  ground: Colour = [232, 172, 205],
): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(ground, i * 3);
  draw((cx, cy, colour, radius = 5) => {
    for (let y = cy - radius; y <= cy + radius; y++) {
      for (let x = cx - radius; x <= cx + radius; x++) {
        const inside = (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2;
        if (inside && x >= 0 && y >= 0 && x < width && y < height) pixels.set(colour, (y * width + x) * 3);
      }
    }
  });
  return pixels;
}

function picture(seed: number): Uint8Array {
  return tissue(96, 96, (paint) => {
    for (let i = 0; i < 8; i++) paint((i * seed * 13) % 96, (i * seed * 29) % 96, nucleus);
  });
}
