/** Numbers of the GeoTIFF keys that are read here: OGC GeoTIFF 1.1, annex B. */
export const geoKey = {
  modelType: 1024,
  rasterType: 1025,
  citation: 1026,
  geographicCrs: 2048,
  geographicCitation: 2049,
  angularUnit: 2054,
  projectedCrs: 3072,
  projectedCitation: 3073,
  linearUnit: 3076,
  linearUnitSize: 3077,
} as const;

/** Key to its value: a code, a number or a text. */
export type GeoKeys = ReadonlyMap<number, number | string>;
