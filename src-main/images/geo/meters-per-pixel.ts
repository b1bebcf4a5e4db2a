/** Metres per pixel at the image's centre, from the CRS's unit. Never guessed: null where the unit is not known. */
import type { Geo } from '../../contract/image.ts';
import { geoKey, isProjectedCrs } from './geo-keys.ts';
import type { GeoKeys } from './geo-keys.ts';
import { degreesPerUnit, metresPerUnit } from './units.ts';

/** WGS 84. */
const semiMajor = 6_378_137;
const eccentricitySquared = 0.006_694_379_990_141_3;
const webMercator = 3857;

export function metersPerPixel(
  keys: GeoKeys,
  transform: Geo['transform'],
  width: number,
  height: number,
): Geo['metersPerPixel'] {
  const [, xc, xr, y0, yc, yr] = transform;
  const centreY = y0 + (yc * width) / 2 + (yr * height) / 2;
  if (isProjectedCrs(keys)) {
    const unit = linearUnit(keys);
    if (unit === null) return null;
    // Web Mercator's metres are true at the equator only.
    const shrink = keys.get(geoKey.projectedCrs) === webMercator ? 1 / Math.cosh(centreY / semiMajor) : 1;
    return { x: Math.hypot(xc, yc) * unit * shrink, y: Math.hypot(xr, yr) * unit * shrink };
  }
  if (keys.get(geoKey.modelType) !== 2 && !keys.has(geoKey.geographicCrs)) return null;
  const unit = degreesPerUnit(keys);
  if (unit === null) return null;
  const latitude = (centreY * unit * Math.PI) / 180;
  if (Math.abs(latitude) > Math.PI / 2) return null;
  const { east, north } = metresPerDegree(latitude);
  return {
    x: Math.hypot(xc * unit * east, yc * unit * north),
    y: Math.hypot(xr * unit * east, yr * unit * north),
  };
}

/** Along the parallel and the meridian at a latitude (radians), from the ellipsoid's radii of curvature. */
export function metresPerDegree(latitude: number): { east: number; north: number } {
  const w = Math.sqrt(1 - eccentricitySquared * Math.sin(latitude) ** 2);
  const radian = Math.PI / 180;
  return {
    east: (semiMajor / w) * Math.cos(latitude) * radian,
    north: ((semiMajor * (1 - eccentricitySquared)) / w ** 3) * radian,
  };
}

function linearUnit(keys: GeoKeys): number | null {
  // Without a unit's key the EPSG code decides; these are in metres: UTM on WGS 84, ETRS89, NAD83, SIRGAS 2000, Web Mercator.
  const crs = Number(keys.get(geoKey.projectedCrs) ?? 0);
  const isMetric =
    crs === webMercator ||
    (crs > 32_600 && crs <= 32_660) ||
    (crs > 32_700 && crs <= 32_760) ||
    (crs >= 25_828 && crs <= 25_838) ||
    (crs >= 26_901 && crs <= 26_923) ||
    (crs >= 31_965 && crs <= 31_985);
  return metresPerUnit(keys, isMetric ? 1 : null);
}
