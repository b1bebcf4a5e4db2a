/** A folder of pictures as one image. */
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { difference, run, scratchFolder, vipsPixels } from './oracles.ts';

const codecs = await createCodecs();

function folderOfFrames(): string {
  const folder = join(scratchFolder(), 'frames');
  mkdirSync(folder);
  writeFileSync(join(folder, 'frame2.png'), tissuePicture(320, 240, 40).png);
  writeFileSync(join(folder, 'frame10.png'), tissuePicture(300, 200, 20).png);
  run('vips', 'copy', join(folder, 'frame2.png'), join(folder, 'frame1.jpg[Q=90]'));
  writeFileSync(join(folder, 'notes.txt'), 'no picture');
  return folder;
}

describe('a folder of pictures', () => {
  test('is one image: each picture keeps its pixels and its name, in the order of numbers', async () => {
    const folder = folderOfFrames();
    const source = await openImage(folder, codecs);
    const parts = source.info.parts ?? [];
    expect(parts.map(({ name }) => name)).toEqual(['frame1.jpg', 'frame2.png', 'frame10.png']);
    expect(source.info).toMatchObject({ format: 'picture-set', name: 'frames', bands: 3, dtype: 'uint8' });
    for (const { name, x, y, width, height } of parts) {
      const raster = await source.readRegion({ level: 0, x, y, width, height });
      expect(difference(raster.data, vipsPixels(join(folder, name), '')).max, name).toBe(0);
      const gap = await source.readRegion({ level: 0, x: x + width, y, width: 10, height: 10 });
      expect(new Set(gap.data)).toEqual(new Set([255]));
    }
    expect(await source.displayTile(0, 0, 0)).not.toBeNull();
    source.close();
  });

  test('is known again after a move, and is another one when a picture changes', async () => {
    const folder = folderOfFrames();
    const fingerprint = async (path: string): Promise<string> => {
      const source = await openImage(path, codecs);
      const found = await source.fingerprint();
      source.close();
      return found;
    };
    const before = await fingerprint(folder);
    const moved = join(scratchFolder(), 'elsewhere');
    renameSync(folder, moved);
    expect(await fingerprint(moved)).toBe(before);
    copyFileSync(join(moved, 'frame2.png'), join(moved, 'frame10.png'));
    expect(await fingerprint(moved)).not.toBe(before);
  });

  test('opens with a damaged picture in it: its place fails by its name, the others are there', async () => {
    const folder = folderOfFrames();
    writeFileSync(join(folder, 'frame3.png'), 'this is no PNG');
    const source = await openImage(folder, codecs);
    const parts = source.info.parts ?? [];
    expect(source.info.properties?.['set.unreadable']).toBe('frame3.png');
    const [broken, whole] = ['frame3.png', 'frame2.png'].map((name) =>
      parts.find((part) => part.name === name),
    );
    const read = (part: typeof broken) =>
      source.readRegion({ level: 0, x: part?.x ?? 0, y: part?.y ?? 0, width: 20, height: 20 });
    await expect(read(broken)).rejects.toMatchObject({ where: 'frame3.png' });
    await expect(read(whole)).resolves.toMatchObject({ width: 20 });
    source.close();
  });

  test('makes grey, 16-bit and transparent pictures alike', async () => {
    const folder = folderOfFrames();
    const from = join(folder, 'frame2.png');
    run('vips', 'colourspace', from, join(folder, 'grey.png'), 'b-w');
    run('vips', 'colourspace', from, join(folder, 'deep.tif'), 'rgb16');
    const source = await openImage(folder, codecs);
    expect(source.info).toMatchObject({ bands: 3, dtype: 'uint8' });
    const pixels = async (name: string) => {
      const part = source.info.parts?.find((each) => each.name === name);
      const { data } = await source.readRegion({
        level: 0,
        x: part?.x ?? 0,
        y: part?.y ?? 0,
        width: 320,
        height: 240,
      });
      return data;
    };
    expect(difference(await pixels('deep.tif'), await pixels('frame2.png')).max).toBeLessThanOrEqual(1);
    const grey = await pixels('grey.png');
    expect(grey[0]).toBe(grey[1]);
    source.close();
  });

  test('without a picture that can be read says which one and why', async () => {
    const folder = join(scratchFolder(), 'bad');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.png'), 'no');
    await expect(openImage(folder, codecs)).rejects.toMatchObject({ code: 'image-corrupt', where: 'bad' });
  });
});
