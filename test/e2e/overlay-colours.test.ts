/** The shader of the tile overlay, in a real Chromium, against its TypeScript twin; and the 2D fallback where it must agree. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tileStateCode } from '../../src-main/contract/run.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';
import type { TileRecord } from '../../src-main/contract/tile-frame.ts';
import { cividis, okabeIto, patternOf, tileColour, type Palette } from '../../src-main/core/colour.ts';
import { coreRect, planGrid, tileAt } from '../../src-main/core/grid.ts';
import {
  borderWidth,
  hatchFill,
  hatchPeriod,
  outlineWidth,
  selectedWidth,
  tileColours,
  tilePixel,
  type PixelPlace,
} from '../../src-renderer/overlay/tile-pixel.ts';
import type { ViewTransform } from '../../src-renderer/overlay/view-transform.ts';
import { openOverlayPage } from '../support/overlay-page.ts';
import type { DensityAnswer, DensityRequest, PaintAnswer, PaintRequest } from './overlay-request.ts';

let page: Page;
let close: (() => Promise<void>) | null = null;

beforeAll(async () => {
  const opened = await openOverlayPage();
  page = opened.page;
  close = () => opened.close();
});
afterAll(() => close?.());

/** A small generator of its own, so that a failure repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function recordsOf(plan: GridPlan, random: () => number, classes: number): TileRecord[] {
  return Array.from({ length: plan.columns * plan.rows }, (_, index) => ({
    index,
    state: Math.floor(random() * 6),
    score: Math.floor(random() * 256),
    classIndex: random() < 0.2 ? 255 : Math.floor(random() * (classes + 1)),
    skipReason: 0,
  }));
}

/** Where a device pixel's centre lies; null where a rounding error could put it on the other side of an edge. */
function placeOf(
  plan: GridPlan,
  view: ViewTransform,
  selectedTile: number,
  pixel: { x: number; y: number },
): { tile: number; place: PixelPlace } | null {
  const x = ((pixel.x + 0.5) / view.density - view.originX) / view.scale;
  const y = ((pixel.y + 0.5) / view.density - view.originY) / view.scale;
  const margin = 0.05 / view.scale;
  if (x < margin || y < margin || x > plan.imageWidth - margin || y > plan.imageHeight - margin) return null;
  const tile = tileAt(plan, x, y);
  const core = coreRect(plan, tile);
  const edge =
    Math.min(x - core.x, core.x + core.width - x, y - core.y, core.y + core.height - y) * view.scale;
  const place = {
    diagonal: (x + y) * view.scale,
    edge,
    tileSize: Math.min(core.width, core.height) * view.scale,
    selected: tile === selectedTile,
  };
  const phase = place.diagonal % hatchPeriod;
  const doubtful =
    edge < 0.05 ||
    [0.5, borderWidth, outlineWidth, selectedWidth].some((at) => Math.abs(edge - at) < 0.05) ||
    [0, hatchPeriod * hatchFill, hatchPeriod].some((at) => Math.abs(phase - at) < 0.05);
  return doubtful ? null : { tile, place };
}

const grids = {
  'even tiles': {
    imageWidth: 2048,
    imageHeight: 1536,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 256,
    tileHeight: 256,
    overlap: 0,
  },
  'overlap, last ones pulled back, another resolution': {
    imageWidth: 11_100,
    imageHeight: 7_003,
    scaleX: 1.002,
    scaleY: 1.002,
    tileWidth: 512,
    tileHeight: 512,
    overlap: 34,
  },
  'one column': {
    imageWidth: 300,
    imageHeight: 5000,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 512,
    tileHeight: 512,
    overlap: 64,
  },
  'two columns': {
    imageWidth: 900,
    imageHeight: 900,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 512,
    tileHeight: 512,
    overlap: 64,
  },
  'far from the origin of a large image': {
    imageWidth: 180_000,
    imageHeight: 3_000,
    scaleX: 2,
    scaleY: 2,
    tileWidth: 512,
    tileHeight: 512,
    overlap: 32,
  },
} as const;

const palettes: readonly { name: string; palette: Palette; classes: number }[] = [
  { name: 'scores', palette: { by: 'score', stops: cividis }, classes: 0 },
  { name: 'classes', palette: { by: 'class', colours: okabeIto, stops: cividis }, classes: okabeIto.length },
];

function views(plan: GridPlan): ViewTransform[] {
  const size = { width: 400, height: 300 };
  const fit = Math.min(size.width / plan.imageWidth, size.height / plan.imageHeight);
  return [
    { ...size, density: 1, scale: fit, originX: 3.25, originY: 1.5 },
    { ...size, density: 2, scale: fit * 3.7, originX: -120.4, originY: -33.3 },
    {
      ...size,
      density: 1,
      scale: 0.31,
      originX: -plan.imageWidth * 0.31 + 390,
      originY: -plan.imageHeight * 0.31 + 280,
    },
  ];
}

describe('the shader', () => {
  for (const [gridName, request] of Object.entries(grids)) {
    for (const { name, palette, classes } of palettes) {
      it(`colours ${name} as its twin does: ${gridName}`, async () => {
        const plan = planGrid(request);
        const random = randomFrom(plan.columns * 1000 + classes);
        const records = recordsOf(plan, random, classes);
        // The second frame changes some of them again.
        const update = records
          .filter(() => random() < 0.1)
          .map((record) => ({ ...record, state: tileStateCode.done, score: Math.floor(random() * 256) }));
        const last = new Map([...records, ...update].map((record) => [record.index, record]));
        const colours = tileColours(classes, (record) => tileColour(record, palette, 0.3));
        const selectedTile = Math.floor(random() * records.length);
        let compared = 0;
        for (const [at, view] of views(plan).entries()) {
          const inside = [1, 0.08, 0.6][at] ?? 1;
          const samples = Array.from({ length: 700 }, () => ({
            x: Math.floor(random() * view.width * view.density),
            y: Math.floor(random() * view.height * view.density),
          }));
          const answer = await paint({
            painter: 'webgl2',
            plan,
            pageSize: plan.columns > 50 ? 64 : 7, // several textures, small grids too
            records,
            update,
            colours: { rows: colours.rows, texels: [...colours.texels] },
            view,
            opacity: 0.7,
            inside,
            selectedTile,
            samples,
          });
          for (const [i, sample] of samples.entries()) {
            const found = placeOf(plan, view, selectedTile, sample);
            const record = found === null ? undefined : last.get(found.tile);
            if (found === null || record === undefined) continue;
            const expected = tilePixel(colours, record, found.place, 0.7, inside).map((value) => value * 255);
            const actual = answer.samples[i] ?? [];
            const difference = Math.max(
              ...expected.map((value, channel) => Math.abs(value - (actual[channel] ?? 0))),
            );
            expect(
              difference,
              JSON.stringify({ sample, view, record, ...found, expected, actual }),
            ).toBeLessThan(2);
            compared++;
          }
        }
        expect(compared).toBeGreaterThan(100);
      });
    }
  }
});

describe('findings', () => {
  it.each(['webgl2', 'canvas-2d'] as const)('show a decision in the next frame: %s', async (painter) => {
    const plan = planGrid(grids['even tiles']);
    const answer = await paint({
      painter,
      plan,
      pageSize: 4096,
      records: [],
      update: null,
      colours: { rows: 6, texels: Array.from({ length: 6 * 1024 }, () => 0) },
      view: { width: 400, height: 300, density: 1, scale: 1, originX: 0, originY: 0 },
      opacity: 1,
      selectedTile: -1,
      findings: { boxes: [20, 120, 220].map((x) => ({ x, y: 50, width: 60, height: 60 })), accepted: 1 },
      samples: [50, 150, 250].map((x) => ({ x, y: 80 })),
    });
    // Accepted ones are filled, to 22 %.
    expect(answer.samples.map((sample) => sample[3])).toEqual([0, 56, 0]);
  });
});

describe('very many findings from afar', () => {
  it.each([0.45, 0.9])(
    'have as much colour as a picture as one by one, everywhere: zoom %f',
    async (scale) => {
      const random = randomFrom(11);
      // Nearly none in one quarter, ever more in the others.
      const boxes = Array.from({ length: 24_000 }, (_, i) => {
        const quarter = [3, 3, 3, 3, 2, 2, 1, 1, 1, 3][i % 10] ?? 0;
        const x = random() * 500 + (quarter % 2) * 500;
        const y = random() * 500 + (quarter > 1 ? 500 : 0);
        return { x, y, width: 1 + random() * 2, height: 1 + random() * 2 };
      });
      const [points, density] = await Promise.all(
        (['points', 'density'] as const).map((painter) =>
          page.evaluate(
            (asked) =>
              (globalThis as unknown as { paintDensity(request: unknown): DensityAnswer }).paintDensity(
                asked,
              ),
            { painter, boxes, scale } satisfies DensityRequest,
          ),
        ),
      );
      const difference = (points?.quarters ?? [])
        .flat()
        .map((value, i) => [value, density?.quarters.flat()[i]]);
      for (const [one, other] of difference) {
        expect(Math.abs((one ?? 0) - (other ?? 0)), JSON.stringify(difference)).toBeLessThan(
          0.01 + 0.12 * (one ?? 0),
        );
      }
    },
  );
});

describe('the 2D fallback', () => {
  it('fills tiles as the shader does, between lines and borders', async () => {
    const plan = planGrid(grids['overlap, last ones pulled back, another resolution']);
    const random = randomFrom(5);
    const records = recordsOf(plan, random, 0).filter((record) => patternOf(record.state) === 'fill');
    const colours = tileColours(0, (record) => tileColour(record, { by: 'score', stops: cividis }));
    const view = { width: 400, height: 300, density: 1, scale: 0.2, originX: -300.5, originY: -200.25 };
    const samples = Array.from({ length: 600 }, () => ({
      x: Math.floor(random() * 400),
      y: Math.floor(random() * 300),
    }));
    const request: PaintRequest = {
      painter: 'canvas-2d',
      plan,
      pageSize: 4096,
      records,
      update: null,
      colours: { rows: colours.rows, texels: [...colours.texels] },
      view,
      opacity: 0.8,
      inside: 0.5,
      selectedTile: -1,
      samples,
    };
    const answer = await paint(request);
    const byIndex = new Map(records.map((record) => [record.index, record]));
    let compared = 0;
    for (const [i, sample] of samples.entries()) {
      const found = placeOf(plan, view, -1, sample);
      if (found === null || found.place.edge < 3) continue;
      const record = byIndex.get(found.tile);
      const actual = answer.samples[i] ?? [];
      if (record === undefined) {
        expect(actual[3]).toBe(0);
        continue;
      }
      const [r, g, b, a] = tilePixel(colours, record, found.place, 0.8, 0.5);
      const expected = [(r / a) * 255, (g / a) * 255, (b / a) * 255, a * 255];
      const difference = Math.max(
        ...expected.map((value, channel) => Math.abs(value - (actual[channel] ?? 0))),
      );
      expect(difference, JSON.stringify({ sample, record, expected, actual })).toBeLessThan(3);
      compared++;
    }
    expect(compared).toBeGreaterThan(50);
  });
});

function paint(request: PaintRequest): Promise<PaintAnswer> {
  return page.evaluate(
    (asked) => (globalThis as unknown as { paintOverlay(request: unknown): PaintAnswer }).paintOverlay(asked),
    request,
  );
}
