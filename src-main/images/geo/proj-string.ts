/**
 * A PROJ string for a coordinate system that a file describes key by key instead of naming it: OGC GeoTIFF 1.1, annexes C and
 * D; parameters as in PROJ's own documentation of each method.
 */
import { codeOf, geoKey, isProjectedCrs } from './geo-keys.ts';
import type { GeoKeys } from './geo-keys.ts';
import { degreesPerUnit, metresPerUnit } from './units.ts';

/** Values of key 3075. */
const method = {
  transverseMercator: 1,
  mercator: 7,
  lambertConformal2: 8,
  lambertConformal1: 9,
  lambertAzimuthalEqualArea: 10,
  albers: 11,
  azimuthalEquidistant: 12,
  stereographic: 14,
  polarStereographic: 15,
  obliqueStereographic: 16,
  equirectangular: 17,
  cassini: 18,
  polyconic: 22,
  sinusoidal: 24,
  cylindricalEqualArea: 28,
} as const;

/** null where the keys name no method that is known here, or an ellipsoid or unit that is not. */
export function projString(keys: GeoKeys): string | null {
  const earth = earthOf(keys);
  if (earth === null) return null;
  if (!isProjectedCrs(keys)) {
    const described = keys.get(geoKey.modelType) === 2 || keys.has(geoKey.geographicCrs);
    return described && degreesPerUnit(keys) === 1 ? `+proj=longlat ${earth} +no_defs` : null;
  }
  const unit = metresPerUnit(keys, 1);
  if (unit === null) return null;
  const projection = utmOf(keys) ?? projectionOf(keys, unit);
  if (projection === null) return null;
  const units = unit === 1 ? '+units=m' : `+to_meter=${unit}`;
  return `${projection} ${earth} ${units} +no_defs`;
}

/** Codes 16001-16060 and 16101-16160 of key 3074: zones of UTM, north and south. */
function utmOf(keys: GeoKeys): string | null {
  const code = codeOf(keys, geoKey.projection);
  if (code === null) return null;
  const [hundreds, zone] = [Math.floor(code / 100), code % 100];
  if (zone < 1 || zone > 60 || (hundreds !== 160 && hundreds !== 161)) return null;
  return `+proj=utm +zone=${zone}${hundreds === 161 ? ' +south' : ''}`;
}

function projectionOf(keys: GeoKeys, unit: number): string | null {
  const degrees = degreesPerUnit(keys);
  if (degrees === null) return null;
  const find = (...names: (keyof typeof geoKey)[]): number | null => {
    for (const name of names) {
      const value = keys.get(geoKey[name]);
      if (typeof value === 'number' && Number.isFinite(value)) return value;
    }
    return null;
  };
  const angle = (...names: (keyof typeof geoKey)[]): number => (find(...names) ?? 0) * degrees;
  // Writers disagree on which of the three kinds of origin a method has, so any that is there counts.
  const latitude = angle('naturalOriginLatitude', 'falseOriginLatitude', 'centerLatitude');
  const longitude = angle(
    'naturalOriginLongitude',
    'falseOriginLongitude',
    'centerLongitude',
    'straightVerticalLongitude',
  );
  const scale = find('naturalOriginScale', 'centerScale') ?? 1;
  const parallel1 = angle('standardParallel1');
  const parallel2 = angle('standardParallel2');
  const x0 = (find('falseEasting', 'falseOriginEasting', 'centerEasting') ?? 0) * unit;
  const y0 = (find('falseNorthing', 'falseOriginNorthing', 'centerNorthing') ?? 0) * unit;
  const offsets = `+x_0=${x0} +y_0=${y0}`;
  const lon = `+lon_0=${longitude}`;
  const origin = `+lat_0=${latitude} ${lon}`;
  switch (find('method')) {
    case method.transverseMercator:
      return `+proj=tmerc ${origin} +k=${scale} ${offsets}`;
    case method.mercator:
      return keys.has(geoKey.standardParallel1)
        ? `+proj=merc ${lon} +lat_ts=${parallel1} ${offsets}`
        : latitude === 0
          ? `+proj=merc ${lon} +k=${scale} ${offsets}`
          : null;
    case method.lambertConformal2:
      return `+proj=lcc +lat_1=${parallel1} +lat_2=${parallel2} ${origin} ${offsets}`;
    case method.lambertConformal1:
      return `+proj=lcc +lat_1=${latitude} ${origin} +k_0=${scale} ${offsets}`;
    case method.lambertAzimuthalEqualArea:
      return `+proj=laea ${origin} ${offsets}`;
    case method.albers:
      return `+proj=aea +lat_1=${parallel1} +lat_2=${parallel2} ${origin} ${offsets}`;
    case method.azimuthalEquidistant:
      return `+proj=aeqd ${origin} ${offsets}`;
    case method.stereographic:
      return `+proj=stere ${origin} +k=${scale} ${offsets}`;
    case method.polarStereographic:
      return polarStereographic(latitude, lon, scale, offsets);
    case method.obliqueStereographic:
      return `+proj=sterea ${origin} +k=${scale} ${offsets}`;
    case method.equirectangular:
      return `+proj=eqc +lat_ts=${parallel1} ${origin} ${offsets}`;
    case method.cassini:
      return `+proj=cass ${origin} ${offsets}`;
    case method.polyconic:
      return `+proj=poly ${origin} ${offsets}`;
    case method.sinusoidal:
      return `+proj=sinu ${lon} ${offsets}`;
    case method.cylindricalEqualArea:
      return `+proj=cea ${lon} +lat_ts=${parallel1} ${offsets}`;
    default:
      return null;
  }
}

/** The key's latitude is where the scale is true; at the pole itself the scale factor says the same. */
function polarStereographic(latitude: number, lon: string, scale: number, offsets: string): string {
  const pole = latitude < 0 ? -90 : 90;
  const trueAt = Math.abs(latitude) === 90 ? `+k=${scale}` : `+lat_ts=${latitude}`;
  return `+proj=stere +lat_0=${pole} ${trueAt} ${lon} ${offsets}`;
}

/** By geographic system (2048) or datum (2050). NAD27 needs grids that nobody has here, so its ellipsoid only. */
const datums: Readonly<Record<number, string>> = {
  4326: '+datum=WGS84',
  6326: '+datum=WGS84',
  4269: '+datum=NAD83',
  6269: '+datum=NAD83',
  4258: '+ellps=GRS80',
  6258: '+ellps=GRS80',
  4674: '+ellps=GRS80',
  6674: '+ellps=GRS80',
  4283: '+ellps=GRS80',
  6283: '+ellps=GRS80',
  4322: '+ellps=WGS72',
  6322: '+ellps=WGS72',
};

/** Values of key 2056. */
const ellipsoids: Readonly<Record<number, string>> = {
  7001: '+ellps=airy',
  7004: '+ellps=bessel',
  7008: '+ellps=clrk66',
  7012: '+ellps=clrk80',
  7019: '+ellps=GRS80',
  7022: '+ellps=intl',
  7024: '+ellps=krass',
  7030: '+ellps=WGS84',
  7043: '+ellps=WGS72',
};

function earthOf(keys: GeoKeys): string | null {
  if (!isGreenwich(keys)) return null;
  const code = codeOf(keys, geoKey.geographicCrs) ?? codeOf(keys, geoKey.datum);
  const named = (code === null ? undefined : datums[code]) ?? ellipsoids[codeOf(keys, geoKey.ellipsoid) ?? 0];
  if (named !== undefined) return named;
  const a = keys.get(geoKey.semiMajorAxis);
  const b = keys.get(geoKey.semiMinorAxis);
  const flattening = keys.get(geoKey.inverseFlattening);
  if (typeof a !== 'number' || !(a > 0)) return null;
  if (typeof b === 'number' && b > 0) return `+a=${a} +b=${b}`;
  if (typeof flattening !== 'number') return null;
  return flattening > 0 ? `+a=${a} +rf=${flattening}` : `+a=${a} +b=${a}`;
}

function isGreenwich(keys: GeoKeys): boolean {
  const code = codeOf(keys, geoKey.primeMeridian);
  const longitude = keys.get(geoKey.primeMeridianLongitude) ?? 0;
  return (code === null || code === 8901) && longitude === 0;
}
