/** What the fuzzer found, kept: fields that are of another type than any writer gives them. */
import { expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ForgedTag } from './forge-tiff.ts';
import { forgeTiff, imageTags, noCodecs, tileTags, writeForged } from './forge-tiff.ts';

const data = new Uint8Array(128 * 128);

async function failure(tags: ForgedTag[], next?: () => number): Promise<unknown> {
  const path = writeForged(
    forgeTiff({ data, directories: [next === undefined ? { tags } : { tags, next }] }),
  );
  return openImage(path, noCodecs).then(
    () => null,
    (error: unknown) => error,
  );
}

test('a place of a directory that is a fraction', async () => {
  const tags = [
    ...imageTags(100, 100),
    ...tileTags(128, 128, [8], [100]),
    {
      tag: 270,
      type: 2,
      value: '<?xml version="1.0"?><OME><Image><Pixels SizeX="100" SizeY="100"/></Image></OME>',
    },
    { tag: 330, type: 12, value: [1.7e-319] },
  ];
  expect(await failure(tags)).toMatchObject({
    code: 'image-corrupt',
    where: expect.stringContaining('.tif'),
  });
});

test('rows of a strip that are 0 of 0: one strip', async () => {
  const tags = [
    ...imageTags(100, 100),
    { tag: 273, type: 4, value: [8] },
    { tag: 278, type: 12, value: [Number.NaN] },
    { tag: 279, type: 4, value: [100 * 100] },
  ];
  const source = await openImage(writeForged(forgeTiff({ data, directories: [{ tags }] })), noCodecs);
  expect(source.info.levels[0]).toMatchObject({ tileWidth: 100, tileHeight: 100 });
  source.close();
});

test('a tile of few pixels and thousands of bands', async () => {
  const tags = [
    ...imageTags(4000, 4000, { compression: 8 }).map((tag) =>
      tag.tag === 277 ? { ...tag, value: [4000] } : tag,
    ),
    ...tileTags(4000, 4000, [8], [100]),
  ];
  expect(await failure(tags)).toMatchObject({
    code: 'image-too-large',
    message: expect.stringMatching(/4000 x 4000 pixels of 4000 bands/),
  });
});

test('a label of two bands, which no picture has', async () => {
  const slide = [
    ...imageTags(100, 100, { bands: 3 }),
    ...tileTags(128, 128, [8], [0]),
    text('Aperio\n100x100'),
  ];
  const label = [
    ...imageTags(40, 40, { bands: 2 }),
    { tag: 273, type: 4, value: [8] },
    { tag: 278, type: 4, value: [40] },
    { tag: 279, type: 4, value: [40 * 40 * 2] },
    text('Aperio\nlabel 40x40'),
  ];
  const path = writeForged(forgeTiff({ data, directories: [{ tags: slide }, { tags: label }] }));
  const source = await openImage(path, noCodecs);
  expect(source.info.associated).toEqual(['label']);
  await expect(source.associatedImage('label')).rejects.toMatchObject({
    code: 'image-unsupported',
    where: expect.stringContaining('IFD 1'),
  });
  source.close();
});

function text(value: string): ForgedTag {
  return { tag: 270, type: 2, value };
}
