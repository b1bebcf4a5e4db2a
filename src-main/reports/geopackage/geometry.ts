/** Polygons as GeoPackage keeps them: its head with the bounds, then WKB (OGC 06-103r4), little-endian. */
import type { FlatPolygon } from '../outlines.ts';

export interface Bounds {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export interface EncodedGeometry extends Bounds {
  bytes: Uint8Array;
}

const headBytes = 40;
const wkbPolygon = 3;
const wkbMultiPolygon = 6;

/** Twice the signed area: positive where the ring runs counter-clockwise, y upwards. */
function twiceArea(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  }
  return sum;
}

/** Outer borders counter-clockwise, holes clockwise. */
function turned(ring: readonly number[], isOuter: boolean): readonly number[] {
  if (twiceArea(ring) >= 0 === isOuter) return ring;
  const reversed: number[] = [];
  for (let i = ring.length - 2; i >= 0; i -= 2) reversed.push(ring[i]!, ring[i + 1]!);
  return reversed;
}

/**
 * @param polygons in the coordinates of the layer
 * @param isMulti what the layer holds; a single polygon otherwise
 */
export function encodePolygons(
  polygons: readonly FlatPolygon[],
  srsId: number,
  isMulti: boolean,
): EncodedGeometry {
  const parts = isMulti ? polygons : polygons.slice(0, 1);
  const size = (rings: FlatPolygon): number =>
    rings.reduce((sum, ring) => sum + 4 + (ring.length + 2) * 8, 9);
  const bytes = new Uint8Array(
    parts.reduce((sum, rings) => sum + size(rings), headBytes + (isMulti ? 9 : 0)),
  );
  const view = new DataView(bytes.buffer);
  let at = headBytes;
  const int = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const begin = (type: number, count: number): void => {
    bytes[at++] = 1;
    int(type);
    int(count);
  };
  const bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  const point = (x: number, y: number): void => {
    bounds.minX = Math.min(bounds.minX, x);
    bounds.maxX = Math.max(bounds.maxX, x);
    bounds.minY = Math.min(bounds.minY, y);
    bounds.maxY = Math.max(bounds.maxY, y);
    view.setFloat64(at, x, true);
    view.setFloat64(at + 8, y, true);
    at += 16;
  };
  if (isMulti) begin(wkbMultiPolygon, parts.length);
  for (const rings of parts) {
    begin(wkbPolygon, rings.length);
    for (const [r, given] of rings.entries()) {
      const ring = turned(given, r === 0);
      int(ring.length / 2 + 1);
      for (let i = 0; i < ring.length; i += 2) point(ring[i]!, ring[i + 1]!);
      point(ring[0]!, ring[1]!);
    }
  }
  // Magic, version 0, flags: little-endian, with bounds of x and y.
  bytes.set([0x47, 0x50, 0, 0b011]);
  view.setInt32(4, srsId, true);
  [bounds.minX, bounds.maxX, bounds.minY, bounds.maxY].forEach((value, i) =>
    view.setFloat64(8 + 8 * i, value, true),
  );
  return { ...bounds, bytes };
}
