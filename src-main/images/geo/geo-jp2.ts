/** The geo-references that JPEG 2000 files carry: a small GeoTIFF (GeoJP2), or a rectified grid in GML (GMLJP2, OGC 05-047). */
import type { Geo } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { decodeNumbers, typeSize } from '../tiff/tag-values.ts';
import { geoKey } from './geo-keys.ts';
import type { GeoDirectory } from './geo-keys.ts';
import { isAffine } from './geo-tags.ts';
import { metersPerPixel } from './meters-per-pixel.ts';

/** More tags than such a TIFF ever has. */
const mostTags = 256;

/** The first directory of a classic TIFF that lies in memory. @throws {GigatileError} image-corrupt */
export function degenerateTiff(bytes: Uint8Array, where: string): GeoDirectory {
  const error = (what: string): GigatileError =>
    new GigatileError('image-corrupt', `The GeoTIFF in the JPEG 2000 file is damaged: ${what}`, { where });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const isTiff = bytes.length >= 8 && bytes[0] === bytes[1] && view.getUint16(2, little) === 42;
  const start = isTiff ? view.getUint32(4, little) : 0;
  if (start < 8 || start + 2 > bytes.length) throw error('it has no directory');
  const count = view.getUint16(start, little);
  if (count > mostTags || start + 2 + count * 12 > bytes.length) throw error(`it claims ${count} tags`);
  const values = new Map<number, { type: number; count: number; bytes: Uint8Array }>();
  for (let at = start + 2; at < start + 2 + count * 12; at += 12) {
    const type = view.getUint16(at + 2, little);
    const length = view.getUint32(at + 4, little);
    const size = typeSize(type) * length;
    const from = size <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (size === 0) continue;
    if (from + size > bytes.length) throw error(`tag ${view.getUint16(at, little)} lies outside`);
    values.set(view.getUint16(at, little), {
      type,
      count: length,
      bytes: bytes.subarray(from, from + size),
    });
  }
  return {
    numbers: (tag) => {
      const value = values.get(tag);
      return value === undefined ? [] : decodeNumbers(value.bytes, value.type, value.count, little);
    },
    text: (tag) => {
      const value = values.get(tag);
      return value === undefined ? null : Buffer.from(value.bytes).toString().replace(/\0+$/, '');
    },
    count: (tag) => values.get(tag)?.count ?? 0,
    error,
  };
}

/** null where the document has no rectified grid that is a plane. Its origin is the centre of the first pixel. */
export function readGmlGrid(gml: string, width: number, height: number): Geo | null {
  const grid = /<(?:\w+:)?RectifiedGrid[\s>][\s\S]*?<\/(?:\w+:)?RectifiedGrid>/.exec(gml)?.[0];
  if (grid === undefined) return null;
  const origin = numbersIn(/<(?:\w+:)?(?:pos|coordinates)(?:\s[^<>]*)?>([^<]*)</.exec(grid)?.[1]);
  const vectors = [...grid.matchAll(/<(?:\w+:)?offsetVector(?:\s[^<>]*)?>([^<]*)</g)].map((match) =>
    numbersIn(match[1]),
  );
  const [columnStep = [], rowStep = []] = vectors;
  if (origin.length < 2 || columnStep.length < 2 || rowStep.length < 2) return null;
  const epsg = epsgOf(
    /srsName\s*=\s*["']([^"']*)["']/.exec(grid)?.[1] ?? /srsName\s*=\s*["']([^"']*)["']/.exec(gml)?.[1],
  );
  const isGeographic = epsg !== null && epsg >= 4000 && epsg < 5000;
  // Many systems name north (latitude) first. A grid whose columns run along the second axis says so itself.
  const isAligned = (vector: readonly number[], axis: number): boolean =>
    vector[axis] !== 0 && vector[1 - axis] === 0;
  const isSwapped = isAligned(columnStep, 1) || (!isAligned(columnStep, 0) && isGeographic);
  const [east, north] = isSwapped ? [1, 0] : [0, 1];
  const at = (values: readonly number[], axis: number): number => values[axis] ?? 0;
  const [xc, xr] = [at(columnStep, east), at(rowStep, east)];
  const [yc, yr] = [at(columnStep, north), at(rowStep, north)];
  const transform: Geo['transform'] = [
    at(origin, east) - (xc + xr) / 2,
    xc,
    xr,
    at(origin, north) - (yc + yr) / 2,
    yc,
    yr,
  ];
  if (!isAffine(transform)) return null;
  const keys = new Map<number, number>();
  if (epsg !== null) {
    keys.set(geoKey.modelType, isGeographic ? 2 : 1);
    keys.set(isGeographic ? geoKey.geographicCrs : geoKey.projectedCrs, epsg);
  }
  return {
    epsg,
    crsName: null,
    crs: null,
    transform,
    metersPerPixel: metersPerPixel(keys, transform, width, height),
  };
}

function numbersIn(text: string | undefined): number[] {
  const words = (text ?? '').trim().split(/[\s,]+/);
  const numbers = words.map((word) => (word === '' ? Number.NaN : Number(word)));
  return numbers.every(Number.isFinite) ? numbers : [];
}

/** `urn:ogc:def:crs:EPSG::32632`, `urn:ogc:def:crs:EPSG:6.9:32632`, `EPSG:32632`, `http://…/epsg.xml#32632`. */
function epsgOf(name: string | undefined): number | null {
  const code = /epsg(?:\.xml#|(?:[:/][\w.]*)*?[:/])(\d{4,6})$/i.exec(name ?? '')?.[1];
  return code === undefined ? null : Number(code);
}
