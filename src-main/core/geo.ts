/**
 * From pixels to places on Earth: level-0 pixel -> the image's coordinate system (its GeoTIFF transform) -> longitude and latitude
 * (WGS84, degrees), as GeoJSON wants them (RFC 7946, section 4), and the true area of a pixel.
 *
 * ETRS89 and NAD83 are taken as WGS84: they differ from it by less than two metres.
 */
import proj4 from 'proj4';
import { GigatileError } from '../contract/errors.ts';
import type { Geo } from '../contract/image.ts';
import type { LonLat } from './antimeridian.ts';

export interface Projection {
  toLonLat(x: number, y: number): LonLat;
  fromLonLat(longitude: number, latitude: number): [x: number, y: number];
}

const wgs84 = '+proj=longlat +datum=WGS84 +no_defs';
const grs80 = '+ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs';

/** @param origin east and north of the pole, metres */
function polarStereographic(latitude: 90 | -90, scale: string, origin = 0): string {
  return `+proj=stere +lat_0=${latitude} ${scale} +x_0=${origin} +y_0=${origin} +datum=WGS84 +units=m +no_defs`;
}

/** PROJ's definition of a coordinate system that Gigatile knows; undefined for others. Parameters: the EPSG registry. */
function definitionOf(epsg: number): string | undefined {
  const fixed: Record<number, string> = {
    4326: wgs84,
    4258: '+proj=longlat +ellps=GRS80 +towgs84=0,0,0 +no_defs',
    4269: '+proj=longlat +ellps=GRS80 +towgs84=0,0,0 +no_defs',
    // Web Mercator: a sphere's formulas on WGS84 coordinates.
    3857: '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs',
    // World Mercator, the Pacific's; Alaska, Australia, New Zealand, Lithuania, Poland, Sweden, Finland; Europe, equal area; France,
    // Lambert 93; United States, Albers. At the poles: NSIDC's and other stereographic ones, EASE-Grid 2.0, UPS.
    3035: `+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 ${grs80}`,
    2154: `+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 ${grs80}`,
    3395: '+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
    3832: '+proj=merc +lon_0=150 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
    3338: `+proj=aea +lat_0=50 +lon_0=-154 +lat_1=55 +lat_2=65 +x_0=0 +y_0=0 ${grs80}`,
    3577: `+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 ${grs80}`,
    2193: `+proj=tmerc +lat_0=0 +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000 ${grs80}`,
    3346: `+proj=tmerc +lat_0=0 +lon_0=24 +k=0.9998 +x_0=500000 +y_0=0 ${grs80}`,
    2180: `+proj=tmerc +lat_0=0 +lon_0=19 +k=0.9993 +x_0=500000 +y_0=-5300000 ${grs80}`,
    3006: `+proj=utm +zone=33 ${grs80}`,
    3067: `+proj=utm +zone=35 ${grs80}`,
    5070: `+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 ${grs80}`,
    3413: polarStereographic(90, '+lat_ts=70 +lon_0=-45 +k=1'),
    3995: polarStereographic(90, '+lat_ts=71 +lon_0=0 +k=1'),
    3031: polarStereographic(-90, '+lat_ts=-71 +lon_0=0 +k=1'),
    3976: polarStereographic(-90, '+lat_ts=-70 +lon_0=0 +k=1'),
    6931: '+proj=laea +lat_0=90 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
    6932: '+proj=laea +lat_0=-90 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
    32661: polarStereographic(90, '+lon_0=0 +k=0.994', 2_000_000),
    5041: polarStereographic(90, '+lon_0=0 +k=0.994', 2_000_000),
    32761: polarStereographic(-90, '+lon_0=0 +k=0.994', 2_000_000),
    5042: polarStereographic(-90, '+lon_0=0 +k=0.994', 2_000_000),
  };
  if (fixed[epsg] !== undefined) return fixed[epsg];
  const series = utmSeries.find(({ from, to }) => epsg >= from && epsg <= to);
  if (series === undefined) return undefined;
  const zone = series.firstZone + epsg - series.from;
  return `+proj=utm +zone=${zone}${series.south === true ? ' +south' : ''} ${series.datum}`;
}

interface UtmSeries {
  /** Codes, one a zone in ascending order. */
  from: number;
  to: number;
  firstZone: number;
  south?: true;
  datum: string;
}

const onWgs84 = '+datum=WGS84 +units=m +no_defs';

/** Series of UTM zones in the EPSG register; datums other than WGS84 lie within two metres of it. */
const utmSeries: readonly UtmSeries[] = [
  { from: 32601, to: 32660, firstZone: 1, datum: onWgs84 },
  { from: 32701, to: 32760, firstZone: 1, south: true, datum: onWgs84 },
  // ETRS89; NAD83, NAD83(2011), NAD83(CSRS).
  { from: 25828, to: 25838, firstZone: 28, datum: grs80 },
  { from: 26901, to: 26923, firstZone: 1, datum: grs80 },
  { from: 6330, to: 6348, firstZone: 1, datum: grs80 },
  { from: 2955, to: 2957, firstZone: 11, datum: grs80 },
  { from: 2958, to: 2962, firstZone: 17, datum: grs80 },
  { from: 3154, to: 3157, firstZone: 7, datum: grs80 },
  // SIRGAS 2000.
  { from: 31965, to: 31976, firstZone: 11, datum: grs80 },
  { from: 31977, to: 31985, firstZone: 17, south: true, datum: grs80 },
  // GDA94 and GDA2020 (MGA), JGD2000, JGD2011.
  { from: 28348, to: 28358, firstZone: 48, south: true, datum: grs80 },
  { from: 7846, to: 7859, firstZone: 46, south: true, datum: grs80 },
  { from: 3097, to: 3101, firstZone: 51, datum: grs80 },
  { from: 6688, to: 6692, firstZone: 51, datum: grs80 },
];

export function isKnownProjection(epsg: number | null): boolean {
  return epsg !== null && definitionOf(epsg) !== undefined;
}

/** PROJ's definition of a system; null where it is neither known by its code nor described by the file. */
export function projDefinition({ epsg, crs }: CoordinateSystem): string | null {
  return (epsg === null ? crs : definitionOf(epsg)) ?? null;
}

/** Whether the system's axes are degrees. Of codes that are not known here, 4000-4999 are the register's geographic ones. */
export function isGeographic(system: CoordinateSystem): boolean {
  const definition = projDefinition(system);
  if (definition !== null) return definition.includes('+proj=longlat');
  return system.epsg !== null && system.epsg >= 4000 && system.epsg < 5000;
}

/** Whether longitude and latitude can be said of an image in this system. */
export function isProjectable(geo: CoordinateSystem): boolean {
  if (geo.epsg !== null) return isKnownProjection(geo.epsg);
  return geo.crs != null && describedProjection(geo.crs) !== null;
}

/** By EPSG code or PROJ string. */
const projections = new Map<number | string, Projection>();

/** What a projection is made of. */
export type CoordinateSystem = Pick<Geo, 'epsg' | 'crsName' | 'crs'>;

/** @throws {GigatileError} image-unsupported for a coordinate system that is not known, naming it */
export function projectionOf(geo: CoordinateSystem): Projection {
  const hint =
    'Reproject the image, for instance with gdalwarp -t_srs EPSG:4326, or export a GeoPackage: it keeps the image’s own coordinates.';
  if (geo.epsg === null) {
    const described = geo.crs == null ? null : describedProjection(geo.crs);
    if (described !== null) return described;
    const name = geo.crsName === null ? '' : ` ("${geo.crsName}")`;
    throw new GigatileError('image-unsupported', `The image's coordinate system${name} has no EPSG code`, {
      hint,
    });
  }
  const known = projections.get(geo.epsg);
  if (known !== undefined) return known;
  const definition = definitionOf(geo.epsg);
  if (definition === undefined) {
    throw new GigatileError(
      'image-unsupported',
      `The coordinate system EPSG:${geo.epsg} is not known to Gigatile`,
      {
        hint,
      },
    );
  }
  const projection = makeProjection(definition);
  projections.set(geo.epsg, projection);
  return projection;
}

/** Of a system that the file describes itself; null where PROJ's JavaScript does not know its method. */
function describedProjection(definition: string): Projection | null {
  const known = projections.get(definition);
  if (known !== undefined) return known;
  try {
    const projection = makeProjection(definition);
    projections.set(definition, projection);
    return projection;
  } catch {
    // Said by the caller, with the system's name.
    return null;
  }
}

function makeProjection(definition: string): Projection {
  const converter = proj4(definition, wgs84);
  return {
    toLonLat: (x, y) => {
      const [longitude = NaN, latitude = NaN] = converter.forward([x, y]);
      return [longitude, latitude];
    },
    fromLonLat: (longitude, latitude) => {
      const [x = NaN, y = NaN] = converter.inverse([longitude, latitude]);
      return [x, y];
    },
  };
}

/** The image's coordinate system at a level-0 pixel position (0, 0 = top left corner of the first pixel). */
export function pixelToCrs(transform: Geo['transform'], x: number, y: number): [x: number, y: number] {
  const [x0, xByColumn, xByRow, y0, yByColumn, yByRow] = transform;
  return [x0 + x * xByColumn + y * xByRow, y0 + x * yByColumn + y * yByRow];
}

/** @throws {GigatileError} see projectionOf */
export function pixelToLonLat(geo: Geo): (x: number, y: number) => LonLat {
  const projection = projectionOf(geo);
  return (x, y) => {
    const [east, north] = pixelToCrs(geo.transform, x, y);
    return projection.toLonLat(east, north);
  };
}

/** WGS84: semi-major axis in metres, and the first eccentricity squared. */
const semiMajor = 6_378_137;
const eccentricitySquared = 0.006_694_379_990_14;

/**
 * Ground area of the level-0 pixel around a position, m²: on the ellipsoid, so that it holds at any latitude and in projections
 * that stretch (Web Mercator at 60° shows four times the true area). null where neither the coordinate system nor the pixel's
 * size in metres is known.
 */
export function pixelArea(geo: Geo, x: number, y: number): number | null {
  const isKnown = isKnownProjection(geo.epsg) || (geo.crs != null && describedProjection(geo.crs) !== null);
  if (!isKnown) {
    return geo.metersPerPixel === null ? null : geo.metersPerPixel.x * geo.metersPerPixel.y;
  }
  const at = pixelToLonLat(geo);
  // The parallelogram of the pixel in space, by differences around its centre: at a pole there are no longitudes to take them of.
  const [west, east, north, south] = [at(x - 0.5, y), at(x + 0.5, y), at(x, y - 0.5), at(x, y + 0.5)].map(
    inSpace,
  );
  const across = between(west!, east!);
  const down = between(north!, south!);
  return Math.hypot(
    across[1] * down[2] - across[2] * down[1],
    across[2] * down[0] - across[0] * down[2],
    across[0] * down[1] - across[1] * down[0],
  );
}

type Place = readonly [x: number, y: number, z: number];

/** Metres from the middle of the Earth, of a place on the ellipsoid. */
function inSpace([longitude, latitude]: LonLat): Place {
  const [east, north] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  const radius = semiMajor / Math.sqrt(1 - eccentricitySquared * Math.sin(north) ** 2);
  const fromAxis = radius * Math.cos(north);
  return [
    fromAxis * Math.cos(east),
    fromAxis * Math.sin(east),
    radius * (1 - eccentricitySquared) * Math.sin(north),
  ];
}

function between(from: Place, to: Place): Place {
  return [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
}
