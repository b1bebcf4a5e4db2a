/** Slides that have gaps, as OpenSlide reads them: what it leaves transparent is white here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ImageInfo } from '../../../src-main/contract/image.ts';
import type { Codecs, ImageSource } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { difference, openslideProperties, run, scratchFolder } from './oracles.ts';
import type { Region } from './oracles.ts';

export const codecs = await createCodecs();

const script = `
import json, math, sys, openslide
from openslide import lowlevel
path, out, regions = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
slide = openslide.OpenSlide(path)
with open(out, 'wb') as f:
    for r in regions:
        d = slide.level_downsamples[r['level']]
        # Some of its readers cut the place in the level down to a whole number.
        at = [math.ceil(v * d - 1e-6) for v in (r['x'], r['y'])]
        # As it is stored, with colours times opacity: un-multiplied they would be rounded twice.
        buffer = (lowlevel.c_uint32 * (r['width'] * r['height']))()
        lowlevel._read_region(slide._osr, buffer, at[0], at[1], r['level'], r['width'], r['height'])
        f.write(bytes(buffer))
`;

/** RGB over white; one buffer a region. */
export function openslideOverWhite(path: string, regions: readonly Region[]): Buffer[] {
  const out = join(scratchFolder(), 'regions.raw');
  run('/usr/bin/python3', '-c', script, path, out, JSON.stringify(regions));
  const bytes = readFileSync(out);
  let at = 0;
  return regions.map(({ width, height }) => {
    const rgb = Buffer.alloc(width * height * 3);
    for (let i = 0; i < width * height; i++, at += 4) {
      const white = 255 - (bytes[at + 3] ?? 0);
      for (let band = 0; band < 3; band++) rgb[i * 3 + band] = (bytes[at + 2 - band] ?? 0) + white;
    }
    return rgb;
  });
}

export async function withSlide<T>(path: string, use: (source: ImageSource) => Promise<T>): Promise<T> {
  const source = await openImage(path, codecs);
  try {
    return await use(source);
  } finally {
    source.close();
  }
}

/**
 * Regions by the reader of models' pixels against OpenSlide's: the largest difference of each, and the mean over all of them.
 */
export async function expectOpenslidePixels(
  path: string,
  regions: readonly Region[],
  limit: { max: number; mean: number },
  decoders: Codecs = codecs,
): Promise<void> {
  const expected = openslideOverWhite(path, regions);
  let [sum, samples] = [0, 0];
  const source = await openImage(path, decoders);
  for (const [i, region] of regions.entries()) {
    const raster = await source.readRegion(region);
    const gap = difference(raster.data, expected[i] ?? []);
    sum += gap.mean * raster.data.length;
    samples += raster.data.length;
    expect(gap.max, `largest difference of ${JSON.stringify(region)}`).toBeLessThanOrEqual(limit.max);
  }
  source.close();
  expect(sum / samples, 'mean difference').toBeLessThanOrEqual(limit.mean);
}

/** Levels, calibration, associated images and the vendor's properties are those of openslide-show-properties. */
export function expectOpenslideInfo(path: string, info: ImageInfo, ownPrefix: string): void {
  const expected = openslideProperties(path);
  const number = (key: string): number | null => (expected.has(key) ? Number(expected.get(key)) : null);
  expect(info.vendor).toBe(expected.get('openslide.vendor'));
  expect(info.levels).toHaveLength(number('openslide.level-count') ?? -1);
  for (const [i, level] of info.levels.entries()) {
    const key = `openslide.level[${i}]`;
    expect([level.width, level.height]).toEqual([number(`${key}.width`), number(`${key}.height`)]);
    expect(level.downsample).toBeCloseTo(number(`${key}.downsample`) ?? Number.NaN, 12);
    if (expected.has(`${key}.tile-width`)) {
      expect([level.tileWidth, level.tileHeight]).toEqual([
        number(`${key}.tile-width`),
        number(`${key}.tile-height`),
      ]);
    }
  }
  expect(info.mpp?.x ?? null).toBe(number('openslide.mpp-x'));
  expect(info.mpp?.y ?? null).toBe(number('openslide.mpp-y'));
  expect(info.objectivePower).toBe(number('openslide.objective-power'));
  const isOwn = (key: string): boolean =>
    key.startsWith(ownPrefix) || /^openslide\.(bounds-|region\[)/.test(key);
  const theirs = [...expected].filter(([key]) => isOwn(key));
  const ours = Object.entries(info.properties ?? {}).filter(([key]) => isOwn(key));
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
}

const associatedScript = `
import json, sys, openslide
slide = openslide.OpenSlide(sys.argv[1])
print(json.dumps({name: image.size for name, image in slide.associated_images.items()}))
`;

/** Names and sizes of the associated images that OpenSlide finds. */
export function openslideAssociated(path: string): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = JSON.parse(
    run('/usr/bin/python3', '-c', associatedScript, path).toString(),
  );
  return found;
}

/** Every display tile shows what the reader of models' pixels reads there (JPEG's loss aside). */
export async function expectDisplayAgrees(source: ImageSource): Promise<void> {
  for (const [index, grid] of source.info.display.levels.entries()) {
    const level = source.info.levels.findIndex(
      (own) => own.width === grid.width && own.height === grid.height,
    );
    if (level < 0) continue;
    for (let row = 0; row * grid.tileHeight < grid.height; row++) {
      for (let column = 0; column * grid.tileWidth < grid.width; column++) {
        const [x, y] = [column * grid.tileWidth, row * grid.tileHeight];
        const width = Math.min(grid.tileWidth, grid.width - x);
        const height = Math.min(grid.tileHeight, grid.height - y);
        const tile = await source.displayTile(index, column, row);
        const shown = await codecs.decodeAny(tile?.bytes ?? new Uint8Array());
        const read = await source.readRegion({ level, x, y, width, height });
        let sum = 0;
        for (let line = 0; line < height; line++) {
          const ours = shown.data.subarray(line * shown.width * 3, (line * shown.width + width) * 3);
          sum += difference(ours, read.data.subarray(line * width * 3, (line + 1) * width * 3)).mean;
        }
        expect(sum / height, `display level ${index}, tile ${column}, ${row}`).toBeLessThanOrEqual(6);
      }
    }
  }
}
