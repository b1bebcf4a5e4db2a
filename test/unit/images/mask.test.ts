/** Masks of forged images: what cannot be read is said, what is damaged is refused. */
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ForgedTag } from './forge-tiff.ts';
import { forgeTiff, imageTags, noCodecs, writeForged } from './forge-tiff.ts';

const pixels = new Uint8Array(16 * 4).fill(100);
/** 16 x 4 pixels of 1 bit: the left half holds data. */
const mask = Uint8Array.of(0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0);
const data = Buffer.concat([pixels, mask]);

function masked(own: ForgedTag[]): string {
  const strip = (offset: number, bytes: number): ForgedTag[] => [
    { tag: 273, type: 4, value: [offset] },
    { tag: 278, type: 4, value: [4] },
    { tag: 279, type: 4, value: [bytes] },
  ];
  const base = imageTags(16, 4).filter(({ tag }) => !own.some((other) => other.tag === tag));
  const sorted = (tags: ForgedTag[]): ForgedTag[] => tags.toSorted((a, b) => a.tag - b.tag);
  return writeForged(
    forgeTiff({
      data,
      directories: [
        { tags: sorted([...imageTags(16, 4), ...strip(8, 64)]) },
        { tags: sorted([{ tag: 254, type: 4, value: [4] }, ...base, ...own, ...strip(8 + 64, 8)]) },
      ],
    }),
  );
}

const oneBit: ForgedTag[] = [
  { tag: 258, type: 3, value: [1] },
  { tag: 262, type: 3, value: [4] },
];
const whole = { x: 0, y: 0, width: 16, height: 4 };

describe('a mask', () => {
  test('of one bit a pixel is read, highest bit first', async () => {
    const source = await openImage(masked(oneBit), noCodecs);
    expect(source.info.validity).toBe('mask');
    const valid = (await source.validity(whole, 16, 4)) ?? [];
    expect([...valid]).toEqual(Array.from({ length: 64 }, (_, i) => (i % 16 < 8 ? 255 : 0)));
    source.close();
  });

  test('that covers everything hides nothing', async () => {
    const path = masked(oneBit);
    const source = await openImage(path, noCodecs);
    expect(await source.validity({ x: 0, y: 0, width: 8, height: 4 }, 8, 4)).toBeNull();
    source.close();
  });

  test.each([
    ['16 bits', [{ tag: 258, type: 3, value: [16] }]],
    ['a compression that nobody reads', [...oneBit, { tag: 259, type: 3, value: [4] }]],
  ] as [string, ForgedTag[]][])('of %s is not applied, and that is said', async (_what, tags) => {
    const source = await openImage(masked(tags), noCodecs);
    expect(source.info.validity).toBeUndefined();
    expect(source.info.properties?.['gigatile.mask']).toMatch(/^not applied: .+cannot be read/);
    expect(await source.validity(whole, 16, 4)).toBeNull();
    source.close();
  });

  test('whose bytes lie outside of the file is an error', async () => {
    const path = masked([...oneBit, { tag: 273, type: 4, value: [99_999] }]);
    await expect(openImage(path, noCodecs)).rejects.toMatchObject({ code: 'image-corrupt' });
  });
});
