/** Places that a person types, turned views, and the handles of annotations. */
import { describe, expect, it } from 'vitest';
import {
  handlesOf,
  type Handle,
  withMovedHandle,
  withoutVertex,
} from '../../../src-renderer/annotations/handles.ts';
import { measureWords } from '../../../src-renderer/annotations/measure.ts';
import { toImage, toScreen, turnedSize } from '../../../src-renderer/overlay/view-transform.ts';
import { parsePlace } from '../../../src-renderer/viewer/parse-place.ts';

const size = { width: 10_000, height: 8000 };
const slide = { ...size, mpp: { x: 0.5, y: 0.25 }, geo: null };
const bare = { ...size, mpp: null, geo: null };
const scene = {
  ...size,
  mpp: null,
  geo: {
    epsg: 32633,
    crsName: null,
    transform: [500_000, 10, 0, 5_800_000, 0, -10] as [number, number, number, number, number, number],
    metersPerPixel: { x: 10, y: 10 },
  },
};

describe('a typed place', () => {
  const lonLat = (longitude: number, latitude: number): [number, number] => [
    500_000 + (longitude - 15) * 1000,
    5_800_000 - (52 - latitude) * 1000,
  ];

  it.each([
    ['1.5, 1 mm', slide, 3000, 4000],
    ['1.5 1', slide, 3000, 4000],
    ['1500, 1000 µm', slide, 3000, 4000],
    ['12; 34 px', slide, 12, 34],
    ['12, 34', bare, 12, 34],
    ['510000, 5795000', scene, 1000, 500],
    ['51.5, 16', scene, 100, 50],
    ['510000 E, 5795000 N', scene, 1000, 500],
    ['5795000 N, 510000 E', scene, 1000, 500],
    ['51.5° N, 16° E', scene, 100, 50],
    ['16 E, 51.5 N', scene, 100, 50],
  ])('%s', (text, info, x, y) => {
    expect(parsePlace(text, info, lonLat)).toEqual({ ok: true, x, y });
  });

  it.each([
    ['here', slide, 'Two numbers'],
    ['99, 1 mm', slide, 'outside'],
    ['1, 2 mm', bare, 'no scale'],
    ['51.5 N, 16 E', slide, 'µm, mm or px'],
  ])('%s is refused', (text, info, message) => {
    const place = parsePlace(text, info, null);
    expect(place.ok ? '' : place.message).toContain(message);
  });

  it('in degrees needs a coordinate system that is known', () => {
    expect(parsePlace('51.5, 16', scene, null).ok).toBe(false);
  });
});

describe('a turned view', () => {
  it.each([
    [90, false],
    [270, true],
    [33, true],
    [180, false],
  ])(
    'by %d degrees, mirrored: %s, maps there and back, about the middle of the screen',
    (degrees, isFlipped) => {
      const turn = { degrees, isFlipped, width: 800, height: 600 };
      const canvas = turnedSize(turn);
      const view = { originX: -40, originY: 25, scale: 0.5, ...canvas, density: 1, turn };
      const middle = toImage(view, 400, 300);
      expect(middle.x).toBeCloseTo((canvas.width / 2 + 40) / 0.5, 6);
      const there = toScreen(view, 1234, 567);
      const back = toImage(view, there.x, there.y);
      expect(back.x).toBeCloseTo(1234, 6);
      expect(back.y).toBeCloseTo(567, 6);
    },
  );

  it('turns clockwise first and mirrors then, as the viewer does', () => {
    const turn = { degrees: 90, isFlipped: false, width: 100, height: 100 };
    const view = { originX: 0, originY: 0, scale: 1, width: 100, height: 100, density: 1, turn };
    const right = toScreen(view, 0, 0);
    expect([Math.round(right.x), Math.round(right.y)]).toEqual([100, 0]);
    const mirrored = toScreen({ ...view, turn: { ...turn, isFlipped: true } }, 0, 0);
    expect([Math.round(mirrored.x), Math.round(mirrored.y)]).toEqual([0, 0]);
  });
});

describe('handles', () => {
  const handleOf = (shape: Parameters<typeof handlesOf>[0], at: number): Handle => {
    const handle = handlesOf(shape)[at];
    if (handle === undefined) throw new Error(`no handle ${at}`);
    return handle;
  };

  const box = {
    kind: 'rectangle' as const,
    points: [
      [10, 10],
      [30, 50],
    ] as [number, number][],
  };
  const line = {
    kind: 'polygon' as const,
    points: [
      [0, 0],
      [10, 0],
      [10, 10],
    ] as [number, number][],
  };

  it('of a box keep the corner across where it is, also beyond it', () => {
    const topLeft = handleOf(box, 0);
    expect(withMovedHandle(box, topLeft, { x: 40, y: 0 }).points).toEqual([
      [30, 50],
      [40, 0],
    ]);
  });

  it('of a polygon move a corner, make one in between, move all with its holes, and take one away', () => {
    const handles = handlesOf(line);
    expect(handles.map(({ kind }) => kind)).toEqual([
      'vertex',
      'vertex',
      'vertex',
      'between',
      'between',
      'between',
      'whole',
    ]);
    expect(withMovedHandle(line, handleOf(line, 1), { x: 12, y: -1 }).points[1]).toEqual([12, -1]);
    expect(withMovedHandle(line, handleOf(line, 3), { x: 5, y: -5 }).points).toHaveLength(4);
    const holed = {
      ...line,
      holes: [
        [
          [1, 1],
          [2, 1],
          [2, 2],
        ],
      ] as [number, number][][],
    };
    const whole = handleOf(line, 6);
    const moved = withMovedHandle(holed, whole, { x: whole.x + 1, y: whole.y + 2 });
    expect([moved.points[0], moved.holes[0]?.[0]]).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(withoutVertex(line, 0)).toBeNull();
    expect(withoutVertex({ ...line, points: [...line.points, [0, 10]] }, 0)?.points).toHaveLength(3);
  });

  it('what is drawn is measured in the units of the field', () => {
    expect(
      measureWords(
        {
          kind: 'rectangle',
          points: [
            [0, 0],
            [200, 400],
          ],
        },
        slide,
        null,
      ),
    ).toBe('0.01 mm²');
    expect(
      measureWords(
        {
          kind: 'ruler',
          points: [
            [0, 0],
            [0, 400],
          ],
        },
        slide,
        null,
      ),
    ).toBe('100 µm');
    expect(
      measureWords(
        {
          kind: 'rectangle',
          points: [
            [0, 0],
            [20, 40],
          ],
        },
        scene,
        null,
      ),
    ).toBe('8 ha');
    expect(
      measureWords(
        {
          kind: 'ruler',
          points: [
            [0, 0],
            [3, 4],
          ],
        },
        bare,
        null,
      ),
    ).toBe('5 px');
  });
});
