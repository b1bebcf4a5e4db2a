/**
 * Two views that move together. What ties them is where a place of one lies in the other: the same place on the map, the same distance
 * in µm from a pair of places, or for one image twice the place itself. Pure arithmetic.
 */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { crsToPixel } from '../../src-main/core/map-transform.ts';

/** Where a view is. */
export interface ViewPlace {
  /** Level-0 pixel in the middle of the screen. */
  x: number;
  y: number;
  /** CSS pixels per level-0 pixel. */
  scale: number;
  /** Clockwise on the screen, before it is mirrored. */
  degrees: number;
  isFlipped: boolean;
}

interface Point {
  x: number;
  y: number;
}

export interface Link {
  /** Two places that lie at the same point of both screens; level-0 pixels. */
  a: Point;
  b: Point;
  /** Level-0 pixels of B for one of A. */
  scale: number;
  /** How much further B is turned than A, and whether one of the two is mirrored. */
  degrees: number;
  flips: boolean;
}

export const unturned = { degrees: 0, flips: false } as const;

export function follow(link: Link, view: ViewPlace): ViewPlace {
  const degrees = view.degrees + link.degrees;
  const isFlipped = view.isFlipped !== link.flips;
  const onScreen = turned({ x: view.x - link.a.x, y: view.y - link.a.y }, view.degrees);
  const x = link.flips ? -onScreen.x : onScreen.x;
  const way = turned({ x, y: onScreen.y }, -degrees);
  return {
    x: link.b.x + way.x * link.scale,
    y: link.b.y + way.y * link.scale,
    scale: view.scale / link.scale,
    degrees,
    isFlipped,
  };
}

/** The same tie seen from B. */
export function reversed({ a, b, scale, degrees, flips }: Link): Link {
  return { a: b, b: a, scale: 1 / scale, degrees: -degrees, flips };
}

/** Ties two views as they lie now. @param scale level-0 pixels of B for one of A */
export function linkAt(a: ViewPlace, b: ViewPlace, scale: number): Link {
  return { a, b, scale, degrees: b.degrees - a.degrees, flips: a.isFlipped !== b.isFlipped };
}

function turned({ x, y }: Point, degrees: number): Point {
  const angle = (degrees * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return { x: x * c - y * s, y: x * s + y * c };
}

type Image = Pick<ImageInfo, 'width' | 'height' | 'mpp' | 'geo'>;
type TiedImage = Image & { fingerprint: string };

/** By what two images lie on each other. */
export type Registration = 'same-image' | 'map' | 'size' | 'none';

/** The first tie, before anybody has moved one side alone. */
export function firstLink(a: TiedImage, b: TiedImage): { link: Link; by: Registration } {
  const centre = ({ width, height }: Image): Point => ({ x: width / 2, y: height / 2 });
  if (a.fingerprint === b.fingerprint) {
    return { link: { a: centre(a), b: centre(a), scale: 1, ...unturned }, by: 'same-image' };
  }
  const onMap = mapPlace(a, b);
  const scale = physicalScale(a, b);
  if (onMap !== null && scale !== null) {
    return { link: { a: centre(a), b: onMap, scale, ...unturned }, by: 'map' };
  }
  return {
    link: { a: centre(a), b: centre(b), scale: scale ?? b.width / a.width, ...unturned },
    by: scale === null ? 'none' : 'size',
  };
}

/** Level-0 pixels of B that are as long as one of A; null where one of them has no physical size. */
export function physicalScale(a: Image, b: Image): number | null {
  const [one, other] = [micrometres(a), micrometres(b)];
  return one === null || other === null ? null : one / other;
}

function micrometres({ mpp, geo }: Image): number | null {
  if (mpp !== null) return mpp.x;
  const metres = geo?.metersPerPixel?.x;
  return metres === undefined ? null : metres * 1e6;
}

/** Where the centre of A lies in B, of two images in the same coordinate system. */
function mapPlace(a: Image, b: Image): Point | null {
  if (a.geo === null || b.geo === null || a.geo.epsg === null || a.geo.epsg !== b.geo.epsg) return null;
  const [x0, xByColumn, xByRow, y0, yByColumn, yByRow] = a.geo.transform;
  const [column, row] = [a.width / 2, a.height / 2];
  const [x, y] = crsToPixel(
    b.geo.transform,
    x0 + xByColumn * column + xByRow * row,
    y0 + yByColumn * column + yByRow * row,
  );
  return { x, y };
}
