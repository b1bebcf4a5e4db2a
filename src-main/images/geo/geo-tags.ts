/** Where a GeoTIFF lies: OGC GeoTIFF 1.1 (19-008r4), tags 33550, 33922, 34264 and the key directory 34735. */
import type { Geo } from '../../contract/image.ts';
import type { TiffDirectory } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import { geoKey } from './geo-keys.ts';
import type { GeoKeys } from './geo-keys.ts';
import { metersPerPixel } from './meters-per-pixel.ts';

/** A code that stands for "described by other keys". */
const userDefined = 32_767;

/** null where the image has no affine geo-reference (none, or ground control points only). */
export function readGeo(directory: TiffDirectory, width: number, height: number): Geo | null {
  const keys = readGeoKeys(directory);
  const transform = readTransform(directory, keys.get(geoKey.rasterType) === 2);
  if (transform === null) return null;
  const isProjected = keys.get(geoKey.modelType) === 1 || keys.has(geoKey.projectedCrs);
  return {
    epsg: code(keys, isProjected ? geoKey.projectedCrs : geoKey.geographicCrs),
    crsName: crsName(keys, isProjected),
    transform,
    metersPerPixel: metersPerPixel(keys, transform, width, height),
  };
}

function readGeoKeys(directory: TiffDirectory): GeoKeys {
  const keys = new Map<number, number | string>();
  const entries = directory.numbers(tag.geoKeyDirectory);
  if (entries.length < 4) return keys;
  const doubles = directory.numbers(tag.geoDoubleParams);
  const text = directory.text(tag.geoAsciiParams) ?? '';
  for (let at = 4; at + 3 < entries.length; at += 4) {
    const [key = 0, location = 0, count = 0, value = 0] = entries.slice(at, at + 4);
    if (location === 0) keys.set(key, value);
    else if (location === tag.geoAsciiParams)
      keys.set(key, text.slice(value, value + count).replace(/\|+$/, ''));
    else if (location === tag.geoDoubleParams && doubles[value] !== undefined) keys.set(key, doubles[value]);
  }
  return keys;
}

/** GDAL's order; see contract/image.ts. PixelIsPoint: the tie point is a pixel's centre, half a pixel from its corner. */
function readTransform(directory: TiffDirectory, pixelIsPoint: boolean): Geo['transform'] | null {
  const affine = readAffine(directory);
  if (affine === null || !affine.every(Number.isFinite)) return null;
  const [x0, xc, xr, y0, yc, yr] = affine;
  if (xc * yr - xr * yc === 0) return null;
  return pixelIsPoint ? [x0 - (xc + xr) / 2, xc, xr, y0 - (yc + yr) / 2, yc, yr] : affine;
}

function readAffine(directory: TiffDirectory): Geo['transform'] | null {
  const [scaleX = 0, scaleY = 0] = directory.numbers(tag.modelPixelScale);
  const tie = directory.numbers(tag.modelTiepoint);
  if (scaleX !== 0 && scaleY !== 0 && tie.length >= 6) {
    const [column = 0, row = 0, , x = 0, y = 0] = tie;
    // The scale is meant as north-up whatever its sign, as GDAL reads it.
    const down = -Math.abs(scaleY);
    return [x - column * scaleX, scaleX, 0, y - row * down, 0, down];
  }
  const m = directory.numbers(tag.modelTransformation);
  if (m.length >= 8) return [m[3] ?? 0, m[0] ?? 0, m[1] ?? 0, m[7] ?? 0, m[4] ?? 0, m[5] ?? 0];
  return null;
}

function code(keys: GeoKeys, key: number): number | null {
  const value = keys.get(key);
  return typeof value === 'number' && value > 0 && value < userDefined ? value : null;
}

/** The most telling citation: the projected system's, the general one, the geographic one. */
function crsName(keys: GeoKeys, isProjected: boolean): string | null {
  const order = isProjected
    ? [geoKey.projectedCitation, geoKey.citation, geoKey.geographicCitation]
    : [geoKey.geographicCitation, geoKey.citation];
  for (const key of order) {
    const value = keys.get(key);
    // Esri writes the whole definition into a citation.
    if (typeof value !== 'string' || value.startsWith('ESRI PE String')) continue;
    const name = value
      .replace(/^(?:PCS|GCS) Name = /, '')
      .split('|')[0]
      ?.trim();
    if (name !== undefined && name !== '') return name;
  }
  return null;
}
