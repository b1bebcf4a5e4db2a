/** A place as a person types it, in the image's own terms: pixels, µm or mm from the corner, map coordinates, latitude and longitude. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { crsToPixel } from '../../src-main/core/map-transform.ts';
import { words } from '../words/words.ts';

type Scale = Pick<ImageInfo, 'mpp' | 'geo' | 'width' | 'height'>;

export type ParsedPlace = { ok: true; x: number; y: number } | { ok: false; message: string };

/** How places can be written for this image, for the field's hint. */
export function placeForms({ mpp, geo }: Pick<Scale, 'mpp' | 'geo'>): string {
  if (mpp !== null) return words.viewer.forInstance12542;
  if (geo !== null) return words.viewer.latitudeLongitudeSuchAs5252;
  return words.viewer.forInstance50003000Px;
}

const number = String.raw`[-+]?\d+(?:\.\d+)?`;
const pair = new RegExp(
  String.raw`^(${number})\s*°?\s*([NSEW])?\s*[,;\s]\s*(${number})\s*°?\s*([NSEW])?\s*(px|µm|um|mm|m)?$`,
  'i',
);

/**
 * @param fromLonLat of a geo-referenced image whose coordinate system is known: longitude and latitude to map coordinates
 */
export function parsePlace(
  text: string,
  info: Scale,
  fromLonLat: ((longitude: number, latitude: number) => [number, number]) | null,
): ParsedPlace {
  const match = pair.exec(text.trim());
  if (match === null) return { ok: false, message: words.viewer.twoNumbersWithACommaBetween };
  const [, first = '', firstSide, second = '', secondSide, unit] = match;
  const [a, b] = [Number(first), Number(second)];
  const place = pixelOf(a, b, firstSide, secondSide, unit?.toLowerCase(), info, fromLonLat);
  if (typeof place === 'string') return { ok: false, message: place };
  const [x, y] = place;
  const isInside = x >= 0 && y >= 0 && x <= info.width && y <= info.height;
  return isInside ? { ok: true, x, y } : { ok: false, message: words.viewer.thisPlaceIsOutsideOfTheImage };
}

function pixelOf(
  a: number,
  b: number,
  firstSide: string | undefined,
  secondSide: string | undefined,
  unit: string | undefined,
  { mpp, geo }: Scale,
  fromLonLat: ((longitude: number, latitude: number) => [number, number]) | null,
): [number, number] | string {
  if (unit === 'px') return [a, b];
  if (mpp !== null) {
    if (unit === 'm' || firstSide !== undefined || secondSide !== undefined) return words.viewer.mMmOrPx;
    const micrometres = unit === 'µm' || unit === 'um' ? 1 : 1000;
    return [(a * micrometres) / mpp.x, (b * micrometres) / mpp.y];
  }
  if (geo === null) return unit === undefined ? [a, b] : words.viewer.theImageHasNoScalePx;
  const sides = `${firstSide ?? ''}${secondSide ?? ''}`;
  // Metres are far more than there are degrees.
  const isFar = Math.abs(a) > 360 || Math.abs(b) > 360;
  if (isFar && /^ne$/i.test(sides)) return crsToPixel(geo.transform, b, a);
  const isDegrees = !isFar && (sides !== '' || (Math.abs(a) <= 90 && Math.abs(b) <= 180));
  if (isDegrees && unit === undefined) {
    if (fromLonLat === null) return words.viewer.theImagesCoordinateSystemIsNotKnown;
    const [latitude, longitude] = degrees(a, firstSide, b, secondSide);
    return crsToPixel(geo.transform, ...fromLonLat(longitude, latitude));
  }
  return crsToPixel(geo.transform, a, b);
}

/** Latitude first, unless the letters say otherwise. */
function degrees(
  a: number,
  aSide: string | undefined,
  b: number,
  bSide: string | undefined,
): [number, number] {
  const signed = (value: number, side: string | undefined) => (/[SW]/i.test(side ?? '') ? -value : value);
  const isSwapped = /[EW]/i.test(aSide ?? '');
  return isSwapped ? [signed(b, bSide), signed(a, aSide)] : [signed(a, aSide), signed(b, bSide)];
}
