/** Units of GeoTIFF keys: codes of the EPSG registry. */
import { geoKey, userDefined } from './geo-keys.ts';
import type { GeoKeys } from './geo-keys.ts';

/** EPSG units of length in metres. */
export const linearUnits: Readonly<Record<number, number>> = {
  9001: 1,
  9002: 0.3048,
  9003: 1200 / 3937,
  9005: 0.304_797_265_4,
  9036: 1000,
};

/** EPSG angular units in degrees. */
export const angularUnits: Readonly<Record<number, number>> = {
  9101: 180 / Math.PI,
  9102: 1,
  9105: 0.9,
  9122: 1,
};

/** Metres a unit of the file's lengths; null where it is not known. Absent key: `otherwise`. */
export function metresPerUnit(keys: GeoKeys, otherwise: number | null): number | null {
  const unit = keys.get(geoKey.linearUnit);
  if (typeof unit !== 'number') return otherwise;
  return linearUnits[unit] ?? positive(keys.get(geoKey.linearUnitSize));
}

/** Degrees a unit of the file's angles; null where it is not known. */
export function degreesPerUnit(keys: GeoKeys): number | null {
  const unit = keys.get(geoKey.angularUnit) ?? 9102;
  if (unit !== userDefined) return angularUnits[Number(unit)] ?? null;
  const radians = positive(keys.get(geoKey.angularUnitSize));
  return radians === null ? null : (radians * 180) / Math.PI;
}

function positive(value: number | string | undefined): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}
