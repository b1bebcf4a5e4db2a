import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLength,
  formatPlace,
  formatZoom,
  roundDown125,
  scaleBar,
} from '../../../src-renderer/viewer/scale-bar.ts';

const slide = { mpp: { x: 0.25, y: 0.25 }, geo: null };
const photo = { mpp: null, geo: null };
const map = {
  mpp: null,
  geo: {
    epsg: 32618,
    crsName: 'WGS 84 / UTM zone 18N',
    transform: [583_000, 30, 0, 4_513_000, 0, -30] as [number, number, number, number, number, number],
    metersPerPixel: { x: 30, y: 30 },
  },
};

describe('scale bar', () => {
  it('is 1, 2 or 5 times a power of ten, and as long as it may be', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (value) => {
        const round = roundDown125(value);
        const lead = round / 10 ** Math.floor(Math.log10(round) + 1e-9);
        expect([1, 2, 5].some((digit) => Math.abs(lead - digit) < 1e-6)).toBe(true);
        expect(round).toBeLessThanOrEqual(value * (1 + 1e-6));
        expect(round * 2.5).toBeGreaterThan(value * (1 - 1e-6));
      }),
    );
  });

  it('never is longer than asked, and its length says what it claims', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 500, noNaN: true }), (imagePixels) => {
        const { width, label } = scaleBar(slide, imagePixels, 160);
        expect(width).toBeLessThanOrEqual(160 * (1 + 1e-6));
        const [number, unit] = label.replaceAll(',', '').split(' ');
        const micrometres = Number(number) * (unit === 'mm' ? 1000 : 1);
        expect(width * imagePixels * 0.25).toBeCloseTo(micrometres, 3);
      }),
    );
  });

  it.each([
    [1e-4, 'microscope', '100 µm'],
    [1e-3, 'microscope', '1 mm'],
    [0.02, 'microscope', '20 mm'],
    [5e-7, 'microscope', '0.5 µm'],
    [500, 'map', '500 m'],
    [1000, 'map', '1 km'],
    [200_000, 'map', '200 km'],
    [0.2, 'map', '20 cm'],
  ] as const)('%d m of a %s is %s', (metres, style, label) => {
    expect(formatLength(metres, style)).toBe(label);
  });

  it('counts pixels where nothing is known of their size', () => {
    expect(scaleBar(photo, 1, 160).label).toBe('100 px');
    expect(scaleBar(photo, 1 / 16, 160).label).toBe('10 px');
  });
});

describe('zoom and place', () => {
  it('speak the language of the field', () => {
    expect(formatZoom(slide, 1)).toBe('40×'); // 0.25 µm per pixel is what a 40x objective gives
    expect(formatZoom(slide, 8)).toBe('5.0×');
    expect(formatZoom(map, 2)).toBe('60 m/px');
    expect(formatZoom(photo, 4)).toBe('25 %');
    expect(formatPlace(slide, 4000, 8000)).toBe('1.000, 2.000 mm');
    expect(formatPlace(map, 10, 20)).toBe('583300 E, 4512400 N');
    expect(formatPlace(photo, 12.9, 3.2)).toBe('12, 3 px');
  });
});
