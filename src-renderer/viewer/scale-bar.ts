/** A scale bar of a round length, and how zoom and places are said in the image's own units. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { fixed, formatted, quantity } from '../ui/format.ts';
import { words } from '../words/words.ts';
import type { LonLatOf } from './projection.ts';

export type LengthUnit = 'µm' | 'mm' | 'm' | 'km' | 'px';

export interface ScaleBar {
  /** Screen pixels. */
  width: number;
  label: string;
}

/** Metres (or, uncalibrated, level-0 pixels) that one level-0 pixel is long, horizontally. */
export function pixelLength(
  info: Pick<ImageInfo, 'mpp' | 'geo'>,
): { metres: number; style: 'microscope' | 'map' } | null {
  if (info.mpp !== null) return { metres: info.mpp.x * 1e-6, style: 'microscope' };
  const geo = info.geo?.metersPerPixel;
  return geo === null || geo === undefined ? null : { metres: geo.x, style: 'map' };
}

/** The largest of 1, 2, 5 times a power of ten that is not above `value`. */
export function roundDown125(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) throw new RangeError(`no round number below ${value}`);
  const power = 10 ** Math.floor(Math.log10(value) + 1e-12);
  const lead = value / power;
  const tolerance = 1 + 1e-9;
  return (lead * tolerance >= 5 ? 5 : lead * tolerance >= 2 ? 2 : 1) * power;
}

function plain(value: number): string {
  return formatted(Number(value.toPrecision(6)), { maximumFractionDigits: 6 });
}

/** A length in metres with the unit that people of the field use for it. */
export function formatLength(metres: number, style: 'microscope' | 'map'): string {
  if (style === 'microscope') {
    return metres >= 1e-3 * (1 - 1e-9) ? words.viewer.mm(plain(metres * 1e3)) : `${plain(metres * 1e6)} µm`;
  }
  if (metres >= 1000 * (1 - 1e-9)) return words.viewer.km(plain(metres / 1000));
  return metres >= 1 * (1 - 1e-9) ? `${plain(metres)} m` : words.viewer.cm(plain(metres * 100));
}

/**
 * @param imagePixelsPerScreenPixel level-0 pixels that one CSS pixel shows
 * @param maxWidth longest bar, CSS pixels
 */
export function scaleBar(
  info: Pick<ImageInfo, 'mpp' | 'geo'>,
  imagePixelsPerScreenPixel: number,
  maxWidth: number,
): ScaleBar {
  const pixel = pixelLength(info);
  if (pixel === null) {
    const pixels = Math.max(1, roundDown125(Math.max(1, maxWidth * imagePixelsPerScreenPixel)));
    return { width: pixels / imagePixelsPerScreenPixel, label: words.viewer.px(plain(pixels)) };
  }
  const metresPerScreenPixel = pixel.metres * imagePixelsPerScreenPixel;
  const length = roundDown125(maxWidth * metresPerScreenPixel);
  return { width: length / metresPerScreenPixel, label: formatLength(length, pixel.style) };
}

/**
 * Zoom as the field says it. Microscopy: the objective whose image this equals, by the convention that 40x is 0.25 µm per
 * pixel (10 / mpp). Maps: metres per screen pixel. Otherwise per cent of the pixels.
 */
export function formatZoom(info: Pick<ImageInfo, 'mpp' | 'geo'>, imagePixelsPerScreenPixel: number): string {
  if (info.mpp !== null) {
    const power = 10 / (info.mpp.x * imagePixelsPerScreenPixel);
    return `${fixed(power, power >= 10 ? 0 : power >= 1 ? 1 : 2)}×`;
  }
  const pixel = pixelLength(info);
  if (pixel !== null) {
    return `${plain(Number((pixel.metres * imagePixelsPerScreenPixel).toPrecision(3)))} m/px`;
  }
  const percent = 100 / imagePixelsPerScreenPixel;
  return `${percent >= 10 ? fixed(percent, 0) : quantity(Number(percent.toPrecision(2)))} %`;
}

/** Degrees of latitude, then longitude, to a metre. */
export function formatLonLat([longitude, latitude]: readonly [number, number]): string {
  const side = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
  return `${side(latitude, 'N', 'S')}, ${side(longitude, 'E', 'W')}`;
}

/**
 * A place on the image: mm from the corner, map coordinates, or pixels. With points and without groups of digits in every language,
 * so that it can be typed where a place is asked for (./parse-place.ts).
 */
export function formatPlace(info: Pick<ImageInfo, 'mpp' | 'geo'>, x: number, y: number): string {
  if (info.mpp !== null) {
    return words.viewer.xYMm(((x * info.mpp.x) / 1000).toFixed(3), ((y * info.mpp.y) / 1000).toFixed(3));
  }
  if (info.geo !== null) {
    const [x0, dxColumn, dxRow, y0, dyColumn, dyRow] = info.geo.transform;
    const east = x0 + dxColumn * x + dxRow * y;
    const north = y0 + dyColumn * x + dyRow * y;
    const degrees = Math.abs(dxColumn) < 0.01 && Math.abs(east) <= 360 && Math.abs(north) <= 90;
    return degrees ? formatLonLat([east, north]) : `${tenths(east)} E, ${tenths(north)} N`;
  }
  return `${Math.floor(x)}, ${Math.floor(y)} px`;
}

/** Where the image has a place on Earth, longitude and latitude too. */
export function placeWords(
  info: Pick<ImageInfo, 'mpp' | 'geo'>,
  x: number,
  y: number,
  lonLat: LonLatOf | null,
): string {
  const place = formatPlace(info, x, y);
  return lonLat === null ? place : `${place} · ${formatLonLat(lonLat.at(x, y))}`;
}

function tenths(value: number): string {
  return String(Math.round(value * 10) / 10);
}
