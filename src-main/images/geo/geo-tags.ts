/** Where a GeoTIFF lies: OGC GeoTIFF 1.1 (19-008r4), tags 33550, 33922, 34264 and the key directory 34735. */
import type { ControlPoints, Geo } from '../../contract/image.ts';
import { tag } from '../tiff/tags.ts';
import { codeOf, geoKey, isProjectedCrs, readGeoKeys } from './geo-keys.ts';
import type { GeoDirectory, GeoKeys } from './geo-keys.ts';
import { metersPerPixel } from './meters-per-pixel.ts';
import { projString } from './proj-string.ts';

/** More points than any survey has in a file; a table may claim more. */
const mostControlPoints = 10_000;

export interface GeoReference {
  /** null where there is no affine geo-reference. */
  geo: Geo | null;
  /** Only where there is none. */
  controlPoints: ControlPoints | null;
}

/** @param sidecar the transform of a world file, for where the file itself has none */
export function readGeo(
  directory: GeoDirectory,
  width: number,
  height: number,
  sidecar: () => Geo['transform'] | null = () => null,
): GeoReference {
  const keys = readGeoKeys(directory);
  const pixelIsPoint = keys.get(geoKey.rasterType) === 2;
  const isProjected = isProjectedCrs(keys);
  const epsg = codeOf(keys, isProjected ? geoKey.projectedCrs : geoKey.geographicCrs);
  const name = crsName(keys, isProjected);
  const own = readTransform(directory, pixelIsPoint);
  const points = own === null ? readControlPoints(directory, pixelIsPoint) : [];
  const transform = own ?? (points.length === 0 ? sidecar() : null);
  if (transform === null) {
    const controlPoints = points.length === 0 ? null : { epsg, crsName: name, points };
    return { geo: null, controlPoints };
  }
  return {
    geo: {
      epsg,
      crsName: name,
      crs: epsg === null ? projString(keys) : null,
      transform,
      metersPerPixel: metersPerPixel(keys, transform, width, height),
    },
    controlPoints: null,
  };
}

/** GDAL's order; see contract/image.ts. PixelIsPoint: the tie point is a pixel's centre, half a pixel from its corner. */
function readTransform(directory: GeoDirectory, pixelIsPoint: boolean): Geo['transform'] | null {
  const affine = readAffine(directory);
  if (affine === null || !isAffine(affine)) return null;
  const [x0, xc, xr, y0, yc, yr] = affine;
  return pixelIsPoint ? [x0 - (xc + xr) / 2, xc, xr, y0 - (yc + yr) / 2, yc, yr] : affine;
}

/** Finite, and not folded into a line. */
export function isAffine(transform: Geo['transform']): boolean {
  const [, xc, xr, , yc, yr] = transform;
  return transform.every(Number.isFinite) && xc * yr - xr * yc !== 0;
}

function readAffine(directory: GeoDirectory): Geo['transform'] | null {
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

/** Tie points without a scale: column, row, level, x, y, z each. A pixel's centre is half a pixel from its corner. */
function readControlPoints(directory: GeoDirectory, pixelIsPoint: boolean): ControlPoints['points'] {
  if (directory.count(tag.modelTiepoint) > mostControlPoints * 6) {
    throw directory.error(`The image claims ${directory.count(tag.modelTiepoint) / 6} ground control points`);
  }
  const values = directory.numbers(tag.modelTiepoint);
  const shift = pixelIsPoint ? 0.5 : 0;
  const points: ControlPoints['points'] = [];
  for (let at = 0; at + 5 < values.length; at += 6) {
    const [column = 0, row = 0, , x = 0, y = 0, z = 0] = values.slice(at, at + 6);
    if (![column, row, x, y, z].every(Number.isFinite)) continue;
    points.push({ column: column + shift, row: row + shift, x, y, z });
  }
  return points;
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
