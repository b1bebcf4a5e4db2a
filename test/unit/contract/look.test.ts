/** The look of an image as text in a URL. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytePaths } from '../../../src-main/contract/bytes.ts';
import {
  bandsOfLook,
  displayLookSchema,
  encodeLook,
  mostChannels,
  parseLook,
  singlePalettes,
} from '../../../src-main/contract/look.ts';
import type { BandStretch, DisplayLook } from '../../../src-main/contract/look.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e38, max: 1e38 });

/** Numbers as they come back: seven digits. */
const stretch: fc.Arbitrary<BandStretch> = fc
  .record({
    band: fc.integer({ min: 0, max: 4095 }),
    one: finite,
    other: finite,
    gamma: fc.double({ noNaN: true, min: 0.1, max: 10 }),
  })
  .map(({ band, one, other, gamma }) => {
    const [low, high] = [one, other].map((value) => Number(value.toPrecision(7))).toSorted((a, b) => a - b);
    return { band, low: low ?? 0, high: high ?? 0, gamma: Number(gamma.toPrecision(7)) };
  })
  .filter(({ low, high }) => high > low);

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

const looks: fc.Arbitrary<DisplayLook> = fc.oneof(
  fc.tuple(stretch, stretch, stretch).map((bands): DisplayLook => ({ mode: 'rgb', bands })),
  fc
    .tuple(stretch, fc.constantFrom(...singlePalettes))
    .map(([band, palette]): DisplayLook => ({ mode: 'single', band, palette })),
  fc
    .array(
      fc.tuple(stretch, color).map(([channel, hex]) => ({ ...channel, color: hex })),
      { maxLength: mostChannels },
    )
    .map((channels): DisplayLook => ({ mode: 'additive', channels })),
);

describe('a look in a URL', () => {
  test('comes back as it went', () => {
    fc.assert(
      fc.property(looks, (look) => {
        expect(parseLook(encodeLook(look))).toEqual(look);
      }),
    );
  });

  test('needs no escaping and stays within a path of 2,000 characters', () => {
    fc.assert(
      fc.property(looks, (look) => {
        const path = bytePaths.crop('a'.repeat(64), { x: 1e6, y: 1e6, width: 1e6, height: 1e6 }, 2048, look);
        expect(path.length).toBeLessThanOrEqual(2000);
        const { searchParams } = new URL(path, 'http://bytes.invalid');
        expect(searchParams.get('look')).toBe(encodeLook(look));
        expect(encodeURIComponent(encodeLook(look))).toBe(encodeLook(look));
      }),
    );
  });

  test('whatever else is written there is a usage error, or a look that holds the rules', () => {
    const pieces = fc.constantFrom(
      'rgb',
      'single',
      'additive',
      '~',
      '_',
      '0',
      '1',
      '255',
      '-',
      'e9',
      'ff0000',
      '.',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(displayLookSchema.safeParse(parseLook(text)).success).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' });
        }
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['an unknown mode', 'cmyk~0_0_255_1'],
    ['too few bands', 'rgb~0_0_255_1~1_0_255_1'],
    ['a band that is no whole number', 'single~0.5_0_255_1~gray'],
    ['a negative band', 'single~-1_0_255_1~gray'],
    ['a range the wrong way round', 'single~0_255_0_1~gray'],
    ['an empty range', 'single~0_7_7_1~gray'],
    ['no number', 'single~0_NaN_255_1~gray'],
    ['infinity', 'single~0_0_1e999_1~gray'],
    ['a number with an underscore too much', 'single~0_0_255_1_1~gray'],
    ['gamma 0', 'single~0_0_255_0~gray'],
    ['an unknown palette', 'single~0_0_255_1~rainbow'],
    ['a colour of two digits', 'additive~0_0_255_1_ff'],
    ['a colour in capitals', 'additive~0_0_255_1_FF0000'],
    ['more channels than can be', `additive${'~0_0_255_1_ff0000'.repeat(mostChannels + 1)}`],
  ])('%s is refused', (_what, text) => {
    expect(() => parseLook(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('is what the documentation says', () => {
    const look: DisplayLook = {
      mode: 'rgb',
      bands: [
        { band: 3, low: 102, high: 2000, gamma: 1 },
        { band: 2, low: -0.25, high: 1.5, gamma: 1.4 },
        { band: 1, low: 0, high: 1e21, gamma: 1 },
      ],
    };
    expect(encodeLook(look)).toBe('rgb~3_102_2000_1~2_-0.25_1.5_1.4~1_0_1e21_1');
    expect(bandsOfLook(look)).toEqual([1, 2, 3]);
    expect(bytePaths.tile('x', 0, 1, 2, look)).toBe(`/tiles/x/0/1/2?look=${encodeLook(look)}`);
    expect(bytePaths.tile('x', 0, 1, 2)).toBe('/tiles/x/0/1/2');
  });
});
