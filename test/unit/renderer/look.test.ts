/** Presets of an image's bands, changes of a look, and what is remembered. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BandInfo } from '../../../src-main/contract/image.ts';
import { displayLookSchema, encodeLook } from '../../../src-main/contract/look.ts';
import type { BandStatistics, DisplayLook, ImageLook } from '../../../src-main/contract/look.ts';
import {
  stretchesOf,
  withBand,
  withChannel,
  withColor,
  withGamma,
  withRange,
} from '../../../src-renderer/look/edits.ts';
import { rememberedLook } from '../../../src-renderer/look/look-store.ts';
import { bandName, presetOf, presetsOf } from '../../../src-renderer/look/presets.ts';
import type { BandedImage } from '../../../src-renderer/look/presets.ts';

const statistics = (band: number): BandStatistics => ({
  min: band,
  max: 1000 + band,
  low: 20 + band,
  high: 900 + band,
  histogram: Array.from({ length: 64 }, (_, i) => i),
});
const stretch = (band: number) => ({ band, low: 20 + band, high: 900 + band, gamma: 1 });
const rgb = (red: number, green: number, blue: number): DisplayLook => ({
  mode: 'rgb',
  bands: [stretch(red), stretch(green), stretch(blue)],
});
const described = (bands: number, look: DisplayLook | null): ImageLook => ({
  look,
  bands: Array.from({ length: bands }, (_, band) => statistics(band)),
});
const info = (interpretation: string | null, name: string | null = null): BandInfo => ({
  name,
  color: null,
  interpretation,
  scale: null,
  offset: null,
  unit: null,
  noData: null,
});
const scene = (names: string[] | null, bands = names?.length ?? 4): BandedImage => ({
  bands,
  dtype: 'uint16',
  bandNames: names,
});

describe('presets', () => {
  test('of a scene that names red, green, blue and near infrared', () => {
    const image = scene(['B4 red', 'B3 green', 'B2 blue', 'B5 nir']);
    const presets = presetsOf(image, described(4, rgb(0, 1, 2)));
    expect(presets.map(({ id, label }) => [id, label])).toEqual([
      ['default', 'Natural colour'],
      ['nir', 'False colour, near infrared'],
      ['band-0', 'Only B4 red'],
      ['band-1', 'Only B3 green'],
      ['band-2', 'Only B2 blue'],
      ['band-3', 'Only B5 nir'],
    ]);
    expect(presets[1]?.look).toEqual(rgb(3, 0, 1));
  });

  test('of Sentinel-2’s names, and of names that say nothing', () => {
    const sentinel = scene(['B02', 'B03', 'B04', 'B08']);
    const [first, second, third] = presetsOf(sentinel, described(4, rgb(0, 1, 2)));
    expect(first?.label).toBe('Bands 1, 2, 3 as red, green, blue');
    expect(second).toEqual({ id: 'natural', label: 'Natural colour', look: rgb(2, 1, 0) });
    expect(third?.look).toEqual(rgb(3, 2, 1));
    const unnamed = presetsOf(scene(null), described(4, rgb(0, 1, 2)));
    expect(unnamed[1]).toMatchObject({ label: 'False colour, band 4 as near infrared', look: rgb(3, 0, 1) });
  });

  test('alpha is no band to look at', () => {
    const image: BandedImage = {
      ...scene(null),
      validity: 'alpha',
      bandInfo: ['red', 'green', 'blue', 'alpha'].map((meaning) => info(meaning)),
    };
    const ids = presetsOf(image, described(4, rgb(0, 1, 2))).map(({ id }) => id);
    expect(ids).toEqual(['default', 'band-0', 'band-1', 'band-2']);
  });

  test('the present look is found whatever its contrast, and one that is none is none', () => {
    const image = scene(['red', 'green', 'blue', 'nir']);
    const description = described(4, rgb(0, 1, 2));
    const presets = presetsOf(image, description);
    expect(presetOf(null, presets, description)).toBe('default');
    const other = withRange(rgb(3, 0, 1), [0, 2], { low: 1, high: 2 });
    expect(presetOf(withGamma(other, 2), presets, description)).toBe('nir');
    expect(presetOf(rgb(1, 1, 1), presets, description)).toBeNull();
  });

  test('of fluorescence: all channels, and each alone', () => {
    const channels = [0, 1].map((band) => ({ ...stretch(band), color: '#00ff00' }));
    const description = described(8, { mode: 'additive', channels });
    const presets = presetsOf({ bands: 8, dtype: 'uint16', bandNames: null }, description);
    expect(presets.slice(0, 2).map(({ label }) => label)).toEqual([
      'First 2 of 8 channels',
      'All 8 channels',
    ]);
    expect(presets[1]?.look).toMatchObject({ mode: 'additive' });
    expect(presets).toHaveLength(10);
  });

  test('bands are called by their name, else by number and meaning', () => {
    const image: BandedImage = { bands: 3, dtype: 'uint8', bandNames: null };
    expect(bandName({ ...image, bandNames: ['DAPI'] }, 0)).toBe('DAPI');
    expect(bandName({ ...image, bandInfo: [info('gray'), info('red', 'B4')] }, 0)).toBe('Band 1');
    expect(bandName({ ...image, bandInfo: [info('red')] }, 0)).toBe('Band 1 (red)');
  });
});

const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const channel = fc.record({
  band: fc.nat(9),
  low: fc.integer({ min: 0, max: 10 }),
  high: fc.integer({ min: 11, max: 20 }),
  gamma: fc.constant(1),
  color: fc.constantFrom('#ff0000', '#00ff00'),
});
const looks: fc.Arbitrary<DisplayLook> = fc.oneof(
  fc.constant(rgb(0, 1, 2)),
  fc.constant<DisplayLook>({ mode: 'single', band: stretch(1), palette: 'viridis' }),
  fc
    .uniqueArray(channel, { selector: ({ band }) => band, maxLength: 6 })
    .map((channels): DisplayLook => ({ mode: 'additive', channels })),
);

describe('changes', () => {
  test('a look stays one, whatever is done to it', () => {
    const edit = fc.oneof(
      fc.tuple(fc.nat(4), number, number).map(
        ([place, low, high]) =>
          (look: DisplayLook) =>
            withRange(look, [place], { low, high }),
      ),
      number.map((gamma) => (look: DisplayLook) => withGamma(look, gamma)),
      channel.map((one) => (look: DisplayLook) => withChannel(look, one)),
      fc.tuple(fc.nat(9), fc.string()).map(
        ([band, color]) =>
          (look: DisplayLook) =>
            withColor(look, band, color),
      ),
      fc.tuple(fc.nat(3), fc.nat(9)).map(
        ([place, band]) =>
          (look: DisplayLook) =>
            withBand(look, place, stretch(band)),
      ),
    );
    fc.assert(
      fc.property(looks, fc.array(edit), (look, edits) => {
        const changed = edits.reduce((before, change) => change(before), look);
        expect(displayLookSchema.safeParse(changed).success).toBe(true);
        expect(changed.mode).toBe(look.mode);
      }),
    );
  });

  test('a channel that is hidden and shown again is where it was', () => {
    fc.assert(
      fc.property(looks, channel, (look, one) => {
        fc.pre(look.mode === 'additive');
        const twice = withChannel(withChannel(look, one), one);
        const bands = (of: DisplayLook): number[] => stretchesOf(of).map(({ band }) => band);
        expect(new Set(bands(twice))).toEqual(new Set(bands(look)));
      }),
    );
  });
});

test('what is remembered comes back, and what another version wrote is the default', () => {
  const look = rgb(3, 0, 1);
  const state = { remembered: { abc: encodeLook(look), def: 'cmyk~1_2_3_4' } };
  expect(rememberedLook(state, 'abc')).toEqual(look);
  expect(rememberedLook(state, 'abc')).toBe(rememberedLook(state, 'abc'));
  expect(rememberedLook(state, 'def')).toBeNull();
  expect(rememberedLook(state, 'other')).toBeNull();
});
