import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { dataOffset, forgeTiff, imageTags, noCodecs, tileTags, writeForged } from './forge-tiff.ts';

const variants = fc.record({ big: fc.boolean(), bigEndian: fc.boolean() });

describe('well-formed files', () => {
  test('any geometry, in both byte orders, classic and big: every pixel is where it belongs', async () => {
    await fc.assert(
      fc.asyncProperty(
        variants,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 33 }),
        fc.integer({ min: 1, max: 33 }),
        fc.integer({ min: 1, max: 5 }),
        async ({ big, bigEndian }, width, height, tileWidth, tileHeight, bands) => {
          const [columns, rows] = [Math.ceil(width / tileWidth), Math.ceil(height / tileHeight)];
          const tileBytes = tileWidth * tileHeight * bands;
          const value = (x: number, y: number, band: number): number => (x * 7 + y * 31 + band * 101) % 251;
          const data = new Uint8Array(columns * rows * tileBytes);
          for (let i = 0; i < data.length; i++) {
            const tile = Math.floor(i / tileBytes);
            const pixel = Math.floor((i % tileBytes) / bands);
            const x = (tile % columns) * tileWidth + (pixel % tileWidth);
            const y = Math.floor(tile / columns) * tileHeight + Math.floor(pixel / tileWidth);
            data[i] = value(x, y, i % bands);
          }
          const starts = Array.from({ length: columns * rows }, (_, i) => dataOffset(big) + i * tileBytes);
          const counts = starts.map(() => tileBytes);
          const tags = [
            ...imageTags(width, height, { bands, photometric: 1 }),
            ...tileTags(tileWidth, tileHeight, starts, counts, big ? 16 : 4),
          ];
          const path = writeForged(
            forgeTiff({ big, bigEndian, data, directories: [{ tags }] }),
            'geometry.tif',
          );
          const source = await openImage(path, noCodecs);
          try {
            expect(source.info).toMatchObject({ width, height, bands, dtype: 'uint8' });
            const raster = await source.readRegion({
              level: 0,
              x: -1,
              y: -1,
              width: width + 2,
              height: height + 2,
            });
            for (let y = -1; y <= height; y++) {
              for (let x = -1; x <= width; x++) {
                const isInside = x >= 0 && y >= 0 && x < width && y < height;
                for (let band = 0; band < bands; band++) {
                  const got = raster.data[((y + 1) * (width + 2) + x + 1) * bands + band];
                  if (got !== (isInside ? value(x, y, band) : 255))
                    throw new Error(`wrong at ${x},${y},${band}`);
                }
              }
            }
          } finally {
            source.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('hostile files', () => {
  const valid = (): Buffer => {
    const data = new Uint8Array(64 * 64 * 4).fill(9);
    const tags = [
      ...imageTags(128, 128),
      { tag: 270, type: 2, value: 'a description that does not fit into its entry' },
      { tag: 282, type: 5, value: [20_000] },
      { tag: 33_550, type: 12, value: [1, 1, 0] },
      { tag: 33_922, type: 12, value: [0, 0, 0, 5, 5, 0] },
      { tag: 34_735, type: 3, value: [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32_618] },
      ...tileTags(
        64,
        64,
        [0, 1, 2, 3].map((i) => 8 + i * 4096),
        [4096, 4096, 4096, 4096],
      ),
    ];
    return forgeTiff({
      data,
      directories: [{ tags }, { tags: [{ tag: 254, type: 4, value: [1] }, ...tags] }],
    });
  };

  /** Whatever happens, it is an image or one clear error: no crash, no hang, no unbounded memory. */
  async function openAndRead(bytes: Buffer): Promise<void> {
    const path = writeForged(bytes, 'hostile.tif');
    try {
      const source = await openImage(path, noCodecs, { maxPixels: 1 << 22 });
      try {
        const { width, height } = source.info;
        await source.readRegion({
          level: 0,
          x: 0,
          y: 0,
          width: Math.min(300, width),
          height: Math.min(300, height),
        });
        const top = source.info.display.levels.length - 1;
        if (width * height < 1 << 22) await source.displayTile(top, 0, 0);
        await source.fingerprint();
      } finally {
        source.close();
      }
    } catch (error) {
      if (!(error instanceof GigatileError) || error.code === 'internal') throw error;
      expect(error.message).not.toBe('');
      expect(error.where).toContain('hostile.tif');
    }
  }

  test('the file that is damaged here is fine to start with', async () => {
    const source = await openImage(writeForged(valid()), noCodecs);
    expect(source.info).toMatchObject({ width: 128, format: 'geotiff', geo: { epsg: 32_618 } });
    source.close();
  });

  test('any bytes overwritten', async () => {
    const original = valid();
    const tail = 64 * 64 * 4;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.oneof(
              fc.integer({ min: 0, max: 15 }),
              fc.integer({ min: tail, max: original.length - 1 }),
            ),
            value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0xff), fc.integer({ min: 0, max: 255 })),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (edits) => {
          const bytes = Buffer.from(original);
          for (const { at, value } of edits) bytes[at] = value;
          await openAndRead(bytes);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('cut off anywhere', async () => {
    const original = valid();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: original.length - 1 }), async (length) => {
        await openAndRead(original.subarray(0, length));
      }),
      { numRuns: 150 },
    );
  });

  test('any bytes at all behind a TIFF header', async () => {
    await fc.assert(
      fc.asyncProperty(variants, fc.uint8Array({ minLength: 1, maxLength: 300 }), async (variant, noise) => {
        const head = forgeTiff({ ...variant, directories: [] });
        head[variant.bigEndian ? (variant.big ? 15 : 7) : variant.big ? 8 : 4] = variant.big ? 16 : 8;
        await openAndRead(Buffer.concat([head, noise]));
      }),
      { numRuns: 300 },
    );
  });
});
