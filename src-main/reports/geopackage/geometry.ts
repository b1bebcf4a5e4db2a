/** Geometries as GeoPackage keeps them: its head with the bounds, then WKB (OGC 06-103r4), little-endian. */
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
const wkbPoint = 1;
const wkbLineString = 2;
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

/** Writes one geometry, and finds its bounds on the way. */
class Writer {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #bounds: Bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  #at = headBytes;

  /** @param size of the geometry in bytes */
  constructor(size: number) {
    this.#bytes = new Uint8Array(headBytes + size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  begin(type: number, count?: number): void {
    this.#bytes[this.#at++] = 1;
    this.int(type);
    if (count !== undefined) this.int(count);
  }

  int(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  point(x: number, y: number): void {
    const bounds = this.#bounds;
    bounds.minX = Math.min(bounds.minX, x);
    bounds.maxX = Math.max(bounds.maxX, x);
    bounds.minY = Math.min(bounds.minY, y);
    bounds.maxY = Math.max(bounds.maxY, y);
    this.#view.setFloat64(this.#at, x, true);
    this.#view.setFloat64(this.#at + 8, y, true);
    this.#at += 16;
  }

  end(srsId: number): EncodedGeometry {
    const { minX, minY, maxX, maxY } = this.#bounds;
    // Magic, version 0, flags: little-endian, with bounds of x and y.
    this.#bytes.set([0x47, 0x50, 0, 0b011]);
    this.#view.setInt32(4, srsId, true);
    for (const [i, value] of [minX, maxX, minY, maxY].entries()) {
      this.#view.setFloat64(8 + 8 * i, value, true);
    }
    return { ...this.#bounds, bytes: this.#bytes };
  }
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
  const out = new Writer(parts.reduce((sum, rings) => sum + size(rings), isMulti ? 9 : 0));
  if (isMulti) out.begin(wkbMultiPolygon, parts.length);
  for (const rings of parts) {
    out.begin(wkbPolygon, rings.length);
    for (const [r, given] of rings.entries()) {
      const ring = turned(given, r === 0);
      out.int(ring.length / 2 + 1);
      for (let i = 0; i < ring.length; i += 2) out.point(ring[i]!, ring[i + 1]!);
      out.point(ring[0]!, ring[1]!);
    }
  }
  return out.end(srsId);
}

/** @param path x0, y0, x1, y1 … in the coordinates of the layer: a point, or a line of several */
export function encodePath(path: readonly number[], srsId: number): EncodedGeometry {
  const isPoint = path.length === 2;
  const out = new Writer((isPoint ? 5 : 9) + path.length * 8);
  if (isPoint) out.begin(wkbPoint);
  else out.begin(wkbLineString, path.length / 2);
  for (let i = 0; i < path.length; i += 2) out.point(path[i]!, path[i + 1]!);
  return out.end(srsId);
}
