/** The keys of a GeoTIFF that are read here: OGC GeoTIFF 1.1, annex B, and where they stand in the file. */
import type { TiffDirectory } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';

export const geoKey = {
  modelType: 1024,
  rasterType: 1025,
  citation: 1026,
  geographicCrs: 2048,
  geographicCitation: 2049,
  datum: 2050,
  primeMeridian: 2051,
  angularUnit: 2054,
  angularUnitSize: 2055,
  ellipsoid: 2056,
  semiMajorAxis: 2057,
  semiMinorAxis: 2058,
  inverseFlattening: 2059,
  primeMeridianLongitude: 2061,
  projectedCrs: 3072,
  projectedCitation: 3073,
  projection: 3074,
  method: 3075,
  linearUnit: 3076,
  linearUnitSize: 3077,
  standardParallel1: 3078,
  standardParallel2: 3079,
  naturalOriginLongitude: 3080,
  naturalOriginLatitude: 3081,
  falseEasting: 3082,
  falseNorthing: 3083,
  falseOriginLongitude: 3084,
  falseOriginLatitude: 3085,
  falseOriginEasting: 3086,
  falseOriginNorthing: 3087,
  centerLongitude: 3088,
  centerLatitude: 3089,
  centerEasting: 3090,
  centerNorthing: 3091,
  naturalOriginScale: 3092,
  centerScale: 3093,
  straightVerticalLongitude: 3095,
} as const;

/** Key to its value: a code, a number or a text. */
export type GeoKeys = ReadonlyMap<number, number | string>;

/** A code that stands for "described by other keys". */
export const userDefined = 32_767;

/** What of a directory is asked: also that of the small TIFF in a JPEG 2000 file (GeoJP2). */
export type GeoDirectory = Pick<TiffDirectory, 'numbers' | 'text' | 'count' | 'error'>;

/** What the directory says; empty where it has no keys. Entries that point nowhere are left out. */
export function readGeoKeys(directory: GeoDirectory): GeoKeys {
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

/** A code of a registry; null where it is absent or says "described by other keys". */
export function codeOf(keys: GeoKeys, key: number): number | null {
  const value = keys.get(key);
  return typeof value === 'number' && value > 0 && value < userDefined ? value : null;
}

export function isProjectedCrs(keys: GeoKeys): boolean {
  return keys.get(geoKey.modelType) === 1 || keys.has(geoKey.projectedCrs);
}
