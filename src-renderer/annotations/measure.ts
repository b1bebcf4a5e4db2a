/** How large annotations are, in the units of the field. */
import type { Annotation } from '../../src-main/contract/annotation.ts';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import {
  annotationArea,
  annotationBounds,
  annotationLength,
  isArea,
} from '../../src-main/core/annotation-shapes.ts';
import { quantity } from '../ui/format.ts';
import type { LonLatOf } from '../viewer/projection.ts';
import { formatLength, formatPlace } from '../viewer/scale-bar.ts';
import { words } from '../words/words.ts';

type Shape = Pick<Annotation, 'kind' | 'points' | 'holes'>;
type Scale = Pick<ImageInfo, 'mpp' | 'geo'>;

/** Mean radius of the Earth, metres (IUGG). */
const earthRadius = 6_371_008.8;

export interface Measure {
  /** Square metres, or pixels where there is no physical size; null for what encloses nothing. */
  area: number | null;
  /** Length of a ruler or of the edge, metres or pixels; null for points. */
  length: number | null;
  isPhysical: boolean;
}

/** @param lonLat of a map: then lengths and areas are those on the ground, whatever its projection does to them */
export function measure(shape: Shape, { mpp, geo }: Scale, lonLat: LonLatOf | null): Measure {
  const pixel =
    mpp !== null
      ? { x: mpp.x * 1e-6, y: mpp.y * 1e-6 }
      : geo?.metersPerPixel != null
        ? geo.metersPerPixel
        : null;
  const { x, y, width, height } = annotationBounds(shape);
  const onGround = mpp === null && lonLat !== null;
  const perPixel = onGround ? lonLat.pixelArea(x + width / 2, y + height / 2) : null;
  const area =
    perPixel === null ? annotationArea(shape, pixel ?? undefined) : annotationArea(shape) * perPixel;
  const length = annotationLength(
    shape,
    onGround
      ? (a, b) => greatCircle(lonLat.at(a[0], a[1]), lonLat.at(b[0], b[1]))
      : (a, b) => Math.hypot((a[0] - b[0]) * (pixel?.x ?? 1), (a[1] - b[1]) * (pixel?.y ?? 1)),
  );
  return {
    area: isArea(shape) ? area : null,
    length: shape.kind === 'point' ? null : length,
    isPhysical: pixel !== null || onGround,
  };
}

type LonLat = readonly [longitude: number, latitude: number];

/** By the haversine formula, metres. */
function greatCircle([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const radians = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * radians) / 2) ** 2;
  const h = half(latB - latA) + Math.cos(latA * radians) * Math.cos(latB * radians) * half(lonB - lonA);
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(h)));
}

function rounded(metres: number): number {
  return Number(metres.toPrecision(3));
}

export function formatArea(squareMetres: number, style: 'microscope' | 'map'): string {
  const steps =
    style === 'microscope'
      ? ([
          [1e-8, 1e6, 'mm²'],
          [0, 1e12, 'µm²'],
        ] as const)
      : ([
          [1e5, 1e-6, 'km²'],
          [1e3, 1e-4, 'ha'],
          [0, 1, 'm²'],
        ] as const);
  const [, factor, unit] = steps.find(([from]) => squareMetres >= from) ?? [0, 1, 'm²'];
  return `${quantity(squareMetres * factor)} ${unit}`;
}

/** Area, length or place, as it is said beside an annotation. */
export function measureWords(shape: Shape, info: Scale, lonLat: LonLatOf | null): string {
  const { area, length, isPhysical } = measure(shape, info, lonLat);
  const style = info.mpp !== null ? 'microscope' : 'map';
  if (area !== null) return isPhysical ? formatArea(area, style) : words.annotations.px(quantity(area));
  if (length !== null) return isPhysical ? formatLength(rounded(length), style) : `${quantity(length)} px`;
  const [x, y] = shape.points[0] ?? [0, 0];
  return formatPlace(info, x, y);
}
