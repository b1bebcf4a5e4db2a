/** Two views that move together: what ties them holds however both are zoomed, turned and mirrored. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toScreen, turnedSize, type ViewTransform } from '../../../src-renderer/overlay/view-transform.ts';
import {
  firstLink,
  follow,
  linkAt,
  reversed,
  type Link,
  type ViewPlace,
} from '../../../src-renderer/split/linked-view.ts';

const number = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
const point = fc.record({ x: number(-5000, 5000), y: number(-5000, 5000) });
const place: fc.Arbitrary<ViewPlace> = fc.record({
  x: number(-5000, 5000),
  y: number(-5000, 5000),
  scale: number(0.01, 8),
  degrees: fc.constantFrom(0, 30, 90, 180, 270),
  isFlipped: fc.boolean(),
});
const link: fc.Arbitrary<Link> = fc.record({
  a: point,
  b: point,
  scale: number(0.1, 10),
  degrees: fc.constantFrom(0, 90, 215),
  flips: fc.boolean(),
});

const size = { width: 400, height: 300 };

/** Where a level-0 pixel is on the screen of a view, by the overlay's own arithmetic. */
function onScreen(view: ViewPlace, at: { x: number; y: number }): { x: number; y: number } {
  const turn = { degrees: view.degrees, isFlipped: view.isFlipped, ...size };
  const { width, height } = turnedSize(turn);
  const transform: ViewTransform = {
    originX: width / 2 - view.x * view.scale,
    originY: height / 2 - view.y * view.scale,
    scale: view.scale,
    width,
    height,
    density: 1,
    turn,
  };
  return toScreen(transform, at.x, at.y);
}

describe('views that are tied', () => {
  it('show the places that lie on each other at the same point of both screens', () => {
    fc.assert(
      fc.property(link, place, (link, view) => {
        const [one, other] = [onScreen(view, link.a), onScreen(follow(link, view), link.b)];
        const slack = 1e-6 * (1 + Math.hypot(one.x, one.y));
        expect(Math.abs(other.x - one.x)).toBeLessThan(slack);
        expect(Math.abs(other.y - one.y)).toBeLessThan(slack);
      }),
    );
  });

  it('go back and forth without losing the way', () => {
    fc.assert(
      fc.property(link, place, (link, view) => {
        const back = follow(reversed(link), follow(link, view));
        for (const key of ['x', 'y', 'scale', 'degrees'] as const)
          expect(back[key]).toBeCloseTo(view[key], 4);
        expect(back.isFlipped).toBe(view.isFlipped);
      }),
    );
  });

  it('keep what one was moved by while they were apart', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const again = follow(linkAt(a, b, a.scale / b.scale), a);
        for (const key of ['x', 'y', 'scale', 'degrees'] as const) expect(again[key]).toBeCloseTo(b[key], 6);
        expect(again.isFlipped).toBe(b.isFlipped);
      }),
    );
  });
});

describe('two images', () => {
  const slide = { fingerprint: 'a', width: 1000, height: 800, mpp: { x: 0.25, y: 0.25 }, geo: null };
  const geo = (x0: number, metres: number) => ({
    epsg: 32618,
    crsName: null,
    transform: [x0, metres, 0, 9000, 0, -metres] as [number, number, number, number, number, number],
    metersPerPixel: { x: metres, y: metres },
  });

  it('lie on each other by what is known of them', () => {
    expect(firstLink(slide, { ...slide })).toMatchObject({ by: 'same-image', link: { scale: 1 } });
    const coarser = { ...slide, fingerprint: 'b', width: 500, mpp: { x: 0.5, y: 0.5 } };
    expect(firstLink(slide, coarser)).toMatchObject({
      by: 'size',
      link: { scale: 0.5, a: { x: 500, y: 400 }, b: { x: 250, y: 400 } },
    });
    const picture = { ...slide, fingerprint: 'c', width: 4000, mpp: null };
    expect(firstLink(slide, picture)).toMatchObject({ by: 'none', link: { scale: 4 } });
  });

  it('on a map are where the map says, whatever part of it each shows', () => {
    const a = { ...slide, mpp: null, geo: geo(5000, 10) };
    const b = { ...slide, fingerprint: 'b', mpp: null, geo: geo(6000, 20) };
    const { link, by } = firstLink(a, b);
    expect(by).toBe('map');
    // The middle of A is 10,000 m east and 5,000 m north: 200 pixels right of B's corner, 200 down.
    expect(link).toMatchObject({ scale: 0.5, b: { x: 200, y: 200 } });
    const elsewhere = { ...b, geo: { ...b.geo, epsg: 4326 } };
    expect(firstLink(a, elsewhere).by).toBe('size');
  });
});
