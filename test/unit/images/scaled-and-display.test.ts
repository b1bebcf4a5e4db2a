/** Scaled reads and display tiles over forged images whose pixels are known. */
import { describe, expect, test } from 'vitest';
import type { Codecs, ImageSource, Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ForgedTag } from './forge-tiff.ts';
import { forgeTiff, imageTags, noCodecs, tileTags, writeForged } from './forge-tiff.ts';

/** Keeps what would be encoded: `bytes` is the index into `seen`. */
function watchingCodecs(): { codecs: Codecs; seen: { type: 'jpeg' | 'png'; raster: Raster }[] } {
  const seen: { type: 'jpeg' | 'png'; raster: Raster }[] = [];
  const keep = (type: 'jpeg' | 'png', raster: Raster): Uint8Array => {
    seen.push({ type, raster: { ...raster, data: raster.data.slice() } });
    return Uint8Array.of(seen.length - 1);
  };
  const codecs: Codecs = {
    ...noCodecs,
    encodeJpeg: (raster) => keep('jpeg', raster),
    encodePng: (raster) => Promise.resolve(keep('png', raster)),
  };
  return { codecs, seen };
}

interface Plane {
  width: number;
  height: number;
  bands: number;
  bits?: 8 | 16;
  value: (x: number, y: number, band: number) => number;
  tags?: ForgedTag[];
}

/** One directory an image: 64 px tiles, uncompressed, little endian. */
function forgeImages(images: Plane[]): Buffer {
  const parts: Buffer[] = [];
  let at = 8;
  const directories = images.map(({ width, height, bands, bits = 8, value, tags = [] }, index) => {
    const [columns, rows] = [Math.ceil(width / 64), Math.ceil(height / 64)];
    const bytes = bits / 8;
    const starts: number[] = [];
    for (let tile = 0; tile < columns * rows; tile++) {
      const part = Buffer.alloc(64 * 64 * bands * bytes);
      for (let i = 0; i < 64 * 64 * bands; i++) {
        const pixel = Math.floor(i / bands);
        const x = (tile % columns) * 64 + (pixel % 64);
        const y = Math.floor(tile / columns) * 64 + Math.floor(pixel / 64);
        const number = x < width && y < height ? value(x, y, i % bands) : 123;
        if (bits === 8) part[i] = number;
        else part.writeUInt16LE(number, i * 2);
      }
      starts.push(at);
      at += part.length;
      parts.push(part);
    }
    const basic = imageTags(width, height, { bands }).map((tag) =>
      tag.tag === 258 ? { ...tag, value: Array.from({ length: bands }, () => bits) } : tag,
    );
    const reduced: ForgedTag[] = index === 0 ? [] : [{ tag: 254, type: 4, value: [1] }];
    const counts = starts.map(() => 64 * 64 * bands * bytes);
    // A test's own tags go first: the first of two equal tags counts.
    return { tags: [...tags, ...reduced, ...basic, ...tileTags(64, 64, starts, counts)] };
  });
  return forgeTiff({ data: Buffer.concat(parts), directories });
}

async function open(images: Plane[], codecs: Codecs = noCodecs): Promise<ImageSource> {
  return openImage(writeForged(forgeImages(images)), codecs);
}

const ramp = (x: number, y: number, band: number): number => (x * 3 + y * 5 + band * 50) % 256;

describe('readScaled', () => {
  test('a level’s own scale gives its pixels, not resampled ones', async () => {
    // Level 1 holds other pixels than a mean of level 0 would give, so that the difference shows.
    const source = await open([
      { width: 300, height: 200, bands: 3, value: ramp },
      { width: 150, height: 100, bands: 3, value: (x, y, band) => 255 - ramp(x, y, band) },
    ]);
    const native = await source.readRegion({ level: 1, x: 20, y: 30, width: 64, height: 48 });
    const scaled = await source.readScaled({ x: 40, y: 60, width: 128, height: 96 }, 64, 48);
    expect(scaled).toEqual(native);
    // Half a pixel at most from whole ones: still the level's own pixels, from the nearest place.
    const near = await source.readScaled({ x: 10.4, y: 20.3, width: 64.2, height: 47.8 }, 64, 48);
    expect(near).toEqual(await source.readRegion({ level: 0, x: 10, y: 20, width: 64, height: 48 }));
    const whole = await source.readScaled({ x: 0, y: 0, width: 300, height: 200 }, 300, 200);
    expect(whole).toEqual(await source.readRegion({ level: 0, x: 0, y: 0, width: 300, height: 200 }));
    source.close();
  });

  test('any other scale is the mean from the best level', async () => {
    const source = await open([{ width: 256, height: 256, bands: 1, value: ramp }]);
    const small = await source.readScaled({ x: 10, y: 10, width: 90, height: 60 }, 30, 20);
    for (const [x, y] of [
      [0, 0],
      [29, 19],
      [13, 7],
    ] as const) {
      let sum = 0;
      for (let j = 0; j < 3; j++) for (let i = 0; i < 3; i++) sum += ramp(10 + x * 3 + i, 10 + y * 3 + j, 0);
      expect(Math.abs((small.data[y * 30 + x] ?? 0) - sum / 9)).toBeLessThanOrEqual(0.51);
    }
    source.close();
  });

  test('in bands of rows, where the source is large, there are no seams', async () => {
    const flat: Plane = { width: 4500, height: 4500, bands: 1, value: (x) => Math.floor(x / 18) };
    const source = await open([flat]);
    // 1,100 px from 4,500: from the level halved once, 2,250² pixels.
    const scaled = await source.readScaled({ x: 0, y: 0, width: 4500, height: 4500 }, 1100, 1100);
    for (let x = 0; x < 1100; x += 50) {
      const column = new Set(Array.from({ length: 1100 }, (_, y) => scaled.data[y * 1100 + x]));
      expect(column.size).toBe(1);
    }
    source.close();
  });

  test('beyond the image is background; into memory of the caller’s', async () => {
    const source = await open([{ width: 64, height: 64, bands: 1, value: () => 10 }]);
    const into = new Uint8Array(32 * 32);
    const scaled = await source.readScaled({ x: 32, y: 32, width: 64, height: 64 }, 32, 32, into);
    expect(scaled.data).toBe(into);
    expect([into[0], into[15 * 32 + 15], into[16], into[31 * 32 + 31]]).toEqual([10, 10, 255, 255]);
    await expect(source.readRegion({ level: 0, x: 0, y: 0, width: 9, height: 9, into })).rejects.toThrow(
      /samples/,
    );
    source.close();
  });

  test('what is asked wrongly is refused', async () => {
    const source = await open([{ width: 64, height: 64, bands: 1, value: ramp }]);
    await expect(source.readScaled({ x: 0, y: 0, width: 0, height: 5 }, 5, 5)).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(source.readScaled({ x: 0, y: 0, width: 9, height: 9 }, 2.5, 5)).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(source.readRegion({ level: 4, x: 0, y: 0, width: 1, height: 1 })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(
      source.readScaled({ x: 0, y: 0, width: 9, height: 9 }, 99_999, 99_999),
    ).rejects.toMatchObject({
      code: 'image-too-large',
    });
    source.close();
  });
});

describe('display tiles', () => {
  test('derived levels are halves of the level before, cropped at the edge, null outside', async () => {
    const { codecs, seen } = watchingCodecs();
    const value = (x: number, y: number, band: number): number => ((x >> 1) + (y >> 1) * 3 + band * 9) % 256;
    const source = await open([{ width: 1300, height: 700, bands: 3, value }], codecs);
    expect(source.info.display.levels.map((level) => [level.width, level.height])).toEqual([
      [1300, 700],
      [650, 350],
    ]);
    const tile = await source.displayTile(1, 1, 0);
    const raster = seen[tile?.bytes[0] ?? -1]?.raster;
    expect([raster?.width, raster?.height]).toEqual([650 - 512, 350]);
    for (const [x, y] of [
      [0, 0],
      [137, 349],
      [70, 20],
    ] as const) {
      const at = (y * 138 + x) * 3;
      expect(raster?.data[at + 1]).toBe(value((512 + x) * 2, y * 2, 1));
    }
    expect(await source.displayTile(1, 2, 0)).toBeNull();
    expect(await source.displayTile(0, 0, -1)).toBeNull();
    expect(await source.displayTile(9, 0, 0)).toBeNull();
    // Asked again: from memory.
    const count = seen.length;
    await source.displayTile(1, 1, 0);
    expect(seen).toHaveLength(count);
    source.close();
  });

  test('16 bits: one stretch for the whole image, 2nd to 98th percentile', async () => {
    const { codecs, seen } = watchingCodecs();
    const value = (x: number): number => 1000 + x * 10;
    const source = await open([{ width: 600, height: 64, bands: 1, bits: 16, value }], codecs);
    await source.displayTile(0, 0, 0);
    await source.displayTile(0, 1, 0);
    const [left, right] = seen.map((entry) => entry.raster);
    const shown = (x: number): number => (x < 512 ? left?.data[x] : right?.data[x - 512]) ?? -1;
    expect(shown(0)).toBe(0);
    expect(shown(599)).toBe(255);
    // Linear between the percentiles (pixels 12 and 587), also across the border of the tiles.
    for (const x of [50, 300, 511, 512, 560])
      expect(Math.abs(shown(x) - ((x - 12) / 575) * 255)).toBeLessThan(2);
    source.close();
  });

  test('pixels without data are transparent, in PNG; tiles without any are JPEG', async () => {
    const { codecs, seen } = watchingCodecs();
    const tags: ForgedTag[] = [{ tag: 42_113, type: 2, value: '0' }];
    const source = await open(
      [{ width: 1000, height: 64, bands: 3, value: (x, y) => (x < 100 ? 0 : 1 + ((x + y) % 200)), tags }],
      codecs,
    );
    expect((await source.displayTile(0, 0, 0))?.type).toBe('image/png');
    expect((await source.displayTile(0, 1, 0))?.type).toBe('image/jpeg');
    const png = seen[0]?.raster;
    expect(png?.bands).toBe(4);
    expect([png?.data[99 * 4 + 3], png?.data[100 * 4 + 3], png?.data[100 * 4]]).toEqual([0, 255, 101]);
    await source.renderScaled({ x: 0, y: 0, width: 1000, height: 64 }, 100, 6);
    expect(seen[2]).toMatchObject({ type: 'jpeg', raster: { width: 100, height: 6, bands: 3 } });
    source.close();
  });

  test('a fourth band is alpha only if it looks like it', async () => {
    const alphaTag: ForgedTag[] = [{ tag: 338, type: 3, value: [2] }];
    const nearInfrared = watchingCodecs();
    const scene = await open(
      [
        {
          width: 64,
          height: 64,
          bands: 4,
          value: (x, y, band) => (band === 3 ? x : ramp(x, y, band)),
          tags: alphaTag,
        },
      ],
      nearInfrared.codecs,
    );
    await scene.displayTile(0, 0, 0);
    expect(nearInfrared.seen[0]?.type).toBe('jpeg');
    scene.close();
    const cutOut = watchingCodecs();
    const picture = await open(
      [
        {
          width: 64,
          height: 64,
          bands: 4,
          value: (x, y, band) => (band === 3 ? (x < 9 ? 0 : 255) : 40 + y),
          tags: alphaTag,
        },
      ],
      cutOut.codecs,
    );
    await picture.displayTile(0, 0, 0);
    expect(cutOut.seen[0]?.type).toBe('png');
    expect([...(cutOut.seen[0]?.raster.data.subarray(8 * 4, 10 * 4) ?? [])]).toEqual([
      0, 0, 0, 0, 40, 40, 40, 255,
    ]);
    picture.close();
  });

  test('bands that are named red, green and blue are shown as such', async () => {
    const { codecs, seen } = watchingCodecs();
    const names = ['Coastal', 'B2 blue', 'B3 green', 'B4 red'];
    const items = names.map(
      (name, i) => `<Item name="DESCRIPTION" sample="${i}" role="description">${name}</Item>`,
    );
    const tags: ForgedTag[] = [
      { tag: 42_112, type: 2, value: `<GDALMetadata>${items.join('')}</GDALMetadata>` },
    ];
    const source = await open(
      [
        {
          width: 64,
          height: 64,
          bands: 4,
          value: (x, y, band) => (band === 3 ? x : band === 2 ? y : 7),
          tags,
        },
      ],
      codecs,
    );
    expect(source.info.bandNames).toEqual(names);
    await source.displayTile(0, 0, 0);
    const shown = seen[0]?.raster.data ?? [];
    expect([shown[63 * 3], shown[63 * 3 + 1], shown[63 * 64 * 3 + 1]]).toEqual([255, 0, 255]);
    source.close();
  });
});

describe('Aperio', () => {
  const description =
    'Aperio Image Library v12\r\n2000x1000 (64x64) JPEG|AppMag = 40|MPP = 0,2520|AppMag = 20';

  test('a decimal comma, CRLF, label and macro by name or by subfile type', async () => {
    const stripped = (text: string, type: number): { tags: ForgedTag[] } => ({
      tags: [
        { tag: 254, type: 4, value: [type] },
        ...imageTags(8, 8),
        { tag: 270, type: 2, value: text },
        { tag: 273, type: 4, value: [8] },
        { tag: 279, type: 4, value: [64] },
      ],
    });
    const data = new Uint8Array(64 * 64);
    const file = forgeTiff({
      data,
      directories: [
        {
          tags: [
            ...imageTags(64, 64),
            { tag: 270, type: 2, value: description },
            ...tileTags(64, 64, [8], [4096]),
          ],
        },
        stripped('Aperio\r\nsomething - ', 0),
        stripped('Aperio v1\r\nlabel 8x8', 1),
        stripped('Aperio v1', 9),
      ],
    });
    const source = await openImage(writeForged(file), noCodecs);
    expect(source.info).toMatchObject({
      format: 'svs',
      vendor: 'aperio',
      mpp: { x: 0.252, y: 0.252 },
      // Of repeated keys the last one counts, as in OpenSlide.
      objectivePower: 20,
      associated: ['thumbnail', 'label', 'macro'],
    });
    source.close();
  });

  test('a tile that is not stored is made from the finer level', async () => {
    const data = Buffer.alloc(4 * 4096 + 4096);
    for (let i = 0; i < 4 * 4096; i++) data[i] = 40;
    const starts = [0, 1, 2, 3].map((i) => 8 + i * 4096);
    const file = forgeTiff({
      data,
      directories: [
        {
          tags: [
            ...imageTags(128, 128),
            { tag: 270, type: 2, value: description },
            ...tileTags(64, 64, starts, [4096, 4096, 4096, 4096]),
          ],
        },
        { tags: [...imageTags(64, 64), ...tileTags(64, 64, [0], [0])] },
      ],
    });
    const source = await openImage(writeForged(file), noCodecs);
    expect(source.info.levels).toHaveLength(2);
    const raster = await source.readRegion({ level: 1, x: 0, y: 0, width: 64, height: 64 });
    expect(new Set(raster.data)).toEqual(new Set([40]));
    source.close();
  });
});

describe('fingerprint', () => {
  test('the same after a copy, another one after any change of a small file', async () => {
    const bytes = forgeImages([{ width: 100, height: 100, bands: 1, value: ramp }]);
    const fingerprintOf = async (content: Buffer, name: string): Promise<string> => {
      const source = await openImage(writeForged(content, name), noCodecs);
      const fingerprint = await source.fingerprint();
      source.close();
      return fingerprint;
    };
    const original = await fingerprintOf(bytes, 'one.tif');
    expect(original).toMatch(/^[\da-f]{64}$/);
    expect(await fingerprintOf(bytes, 'two.tif')).toBe(original);
    const changed = Buffer.from(bytes);
    changed[500] = (changed[500] ?? 0) ^ 1;
    expect(await fingerprintOf(changed, 'one.tif')).not.toBe(original);
  });
});
