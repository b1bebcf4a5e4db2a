/** Files from other programs: decisions that join their findings, and results that become a run. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { annotationSchema } from '../../../src-main/contract/annotation.ts';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { annotationFeature } from '../../../src-main/core/annotation-feature.ts';
import { putAnnotations } from '../../../src-main/engine/annotations.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { importText } from '../../../src-main/engine/import/import-file.ts';
import { runLengths } from '../../../src-main/engine/import/run-lengths.ts';
import { TextUploads } from '../../../src-main/engine/import/text-uploads.ts';
import { replayTiles } from '../../../src-main/engine/tile-replay.ts';
import { cocoRle } from '../../../src-main/reports/coco-rle.ts';
import { tileObjectId } from '../../../src-main/core/finding-id.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { imageInfo, storedRun } from '../store/stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-import-'));
let count = 0;
let file: CaseFile;
let session: CaseSession;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  file?.close();
  file = CaseFile.open(join(folder, `${++count}.gigatile`), 'create');
  const no = storedRun(file);
  file.transaction(() =>
    file.findings.replace(
      no,
      [0.9, 0.8, 0.7, 0.6].map((score, ordinal) => ({
        ordinal,
        id: () => idOf(ordinal),
        kind: 'detection' as const,
        x: ordinal * 20,
        y: 5,
        width: 8,
        height: 6,
        classIndex: 0,
        score,
        tile: 0,
      })),
    ),
  );
  session = { file, image: { info: imageInfo }, version: 'test' } as unknown as CaseSession;
});

const idOf = (ordinal: number): string => `00000000-0000-4000-8000-00000000000${ordinal}`;
const by = { reviewer: 'QuPath' };

function feature(ordinal: number, name: string, more: object = {}, shift = 0): object {
  const [x1, x2] = [ordinal * 20 + shift, ordinal * 20 + 8];
  const ring = [[x1, 5], [x2, 5], [x2, 11], [x1, 11], [x1, 5]]; // prettier-ignore
  return {
    type: 'Feature',
    id: idOf(ordinal),
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { objectType: 'detection', classification: { name, color: [1, 2, 3] }, ...more },
  };
}

const verdicts = (): (string | null)[] => [...file.findings.all(1)].map(({ verdict }) => verdict);

async function errorOf(work: () => unknown): Promise<GigatileError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(GigatileError);
    return error as GigatileError;
  }
  throw new Error('nothing was thrown');
}

describe('GeoJSON that comes back', () => {
  it('brings decisions by class and by word, once, and tells what it made nothing of', () => {
    const drawn = { type: 'Feature', id: '11111111-1111-4111-8111-111111111111' };
    const text = JSON.stringify({
      type: 'FeatureCollection',
      features: [
        feature(0, 'nucleus: Rejected'),
        feature(1, 'nucleus', { metadata: { verdict: 'accepted' } }),
        feature(2, 'Weird'),
        {
          ...drawn,
          geometry: { type: 'Polygon', coordinates: [[[1, 1], [9, 2], [5, 9], [1, 1]]] }, // prettier-ignore
          properties: { objectType: 'annotation', classification: { name: 'Missed', color: [1, 2, 3] } },
        },
        feature(7, 'nucleus'),
      ],
    });
    const summary = importText(session, text, by);
    expect(summary).toMatchObject({
      kind: 'decisions',
      run: 'run-1',
      matched: 3,
      accepted: 1,
      rejected: 1,
      missing: 1,
      annotations: 1,
      leftOut: 1,
      unknownClasses: ['Weird'],
    });
    expect(verdicts()).toEqual(['rejected', 'accepted', null, null]);
    expect(file.annotations.list()).toMatchObject([{ className: 'Missed', author: 'QuPath' }]);
    expect(importText(session, text, by)).toMatchObject({ accepted: 0, rejected: 0, annotations: 0 });
    expect(file.annotations.list()).toHaveLength(1);
    // What was rejected has its class again: the decision is taken back.
    expect(importText(session, JSON.stringify([feature(0, 'nucleus')]), by)).toMatchObject({ cleared: 1 });
    expect(verdicts()[0]).toBeNull();
  });

  it('rejects what was deleted there only where that was asked for', () => {
    const text = JSON.stringify([feature(0, 'nucleus'), feature(1, 'nucleus')]);
    expect(importText(session, text, by)).toMatchObject({ missing: 2, rejected: 0 });
    expect(importText(session, text, { ...by, rejectMissing: true })).toMatchObject({
      missing: 2,
      rejected: 2,
    });
    expect(verdicts()).toEqual([null, null, 'rejected', 'rejected']);
  });

  it('knows tiles that our exports hold without being findings, and tells of those that were given a class', () => {
    const tile = (no: number, run: string, classification?: object) => ({
      type: 'Feature',
      id: tileObjectId(run, no),
      geometry: { type: 'Polygon', coordinates: [[[0, 0], [9, 0], [9, 9], [0, 0]]] }, // prettier-ignore
      properties: {
        objectType: 'tile',
        metadata: { tile: String(no) },
        ...(classification && { classification }),
      },
    });
    const all = [feature(0, 'nucleus'), tile(0, 'run-1'), tile(7, 'run-1'), tile(7, 'run-2')];
    const text = JSON.stringify([...all, tile(8, 'run-1', { name: 'nucleus' })]);
    expect(importText(session, text, by)).toMatchObject({ matched: 1, annotations: 0, leftOut: 2 });
  });

  it('keeps a changed outline as an annotation that names its finding', () => {
    importText(session, JSON.stringify([feature(0, 'nucleus', {}, 3), feature(1, 'nucleus')]), by);
    expect(file.annotations.list()).toMatchObject([{ name: `Corrected outline of ${idOf(0)}` }]);
  });

  it('knows what reviewers drew again, and takes only what was changed there', () => {
    importText(session, JSON.stringify([feature(0, 'nucleus', {}, 3)]), by);
    const color: [number, number, number] = [1, 2, 3];
    const shapes = [
      { kind: 'rectangle', points: [[1, 2], [30.123456, 20]] },
      { kind: 'ellipse', points: [[5, 5], [25, 15.5]] },
      { kind: 'polygon', points: [[0, 0], [50, 0], [25.333333, 40]], holes: [[[20, 5], [30, 5], [25, 15]]] },
      { kind: 'freehand', points: [[7, 7], [9, 8], [8, 12], [6, 9]] },
      { kind: 'point', points: [[3.3, 4.4]] },
      { kind: 'ruler', points: [[0, 0], [30, 40]] },
    ] as const; // prettier-ignore
    const drawn = shapes.map((shape, i) =>
      annotationSchema.parse({
        ...shape,
        id: randomUUID(),
        className: `Class ${i}`,
        color,
        name: i === 0 ? '' : `${i}`,
      }),
    );
    putAnnotations(file, drawn, 'Dr. A');
    const before = file.annotations.list();
    expect(before).toHaveLength(7);
    const sent = before.map((each) => annotationFeature(each, { author: each.author })) as {
      properties: { name?: string };
      geometry: { coordinates: number[][][] };
    }[];
    const back = (features: object[]): string => JSON.stringify([...features, feature(0, 'nucleus')]);
    const events = file.events.list(null).length;
    expect(importText(session, back(sent), by)).toMatchObject({ matched: 1, annotations: 0, leftOut: 0 });
    expect(file.annotations.list()).toEqual(before);
    expect(file.events.list(null)).toHaveLength(events);

    const changed = structuredClone(sent);
    const of = (kind: string): number => before.findIndex((each) => each.kind === kind);
    // Begins elsewhere and goes the other way round, as geometry libraries leave it: nothing changed but the name.
    const ring = changed[of('freehand')]!.geometry.coordinates[0]!.slice(1).toReversed();
    changed[of('freehand')]!.geometry.coordinates[0] = [...ring, ring[0]!];
    changed[of('freehand')]!.properties.name = 'renamed';
    const corner = changed[of('polygon')]!.geometry.coordinates[1]![1]!;
    corner[0] = 31;
    expect(importText(session, back(changed), by)).toMatchObject({ annotations: 2 });
    const after = file.annotations.list();
    expect(after[of('freehand')]).toEqual({
      ...before[of('freehand')],
      name: 'renamed',
      changedAt: expect.any(String) as string,
    });
    expect(after[of('polygon')]).toMatchObject({ author: 'Dr. A', holes: [[[20, 5], [31, 5], [25, 15]]] }); // prettier-ignore
    expect(after).toHaveLength(7);
    expect(verdicts()).toEqual([null, null, null, null]);
  });

  it('is refused where it has no finding of the case', async () => {
    const error = await errorOf(() => importText(session, JSON.stringify([feature(9, 'nucleus')]), by));
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('no finding') });
    expect(verdicts()).toEqual([null, null, null, null]);
  });
});

const square = [[10, 10, 30, 10, 30, 30, 10, 30], [15, 15, 20, 15, 20, 20, 15, 20]]; // prettier-ignore

describe('results of other programs', () => {
  it('COCO: boxes, polygons and run lengths, as a complete run whose log accounts for its tiles', () => {
    const text = JSON.stringify({
      images: [{ id: 7, file_name: 'elsewhere/a.tif', width: 100, height: 100 }],
      categories: [{ id: 3, name: 'cell' }, { id: 9, name: 'gland' }], // prettier-ignore
      annotations: [
        { id: 1, image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], score: 0.25 },
        { id: 2, image_id: 7, category_id: 9, segmentation: [[50, 50, 60, 50, 60, 70]], score: 0.5 },
        { id: 3, image_id: 7, category_id: 9, segmentation: cocoRle([square], 100, 100), iscrowd: 1 },
      ],
    });
    expect(importText(session, text, by)).toEqual({ kind: 'run', run: 'run-2', format: 'coco', findings: 3 });
    const run = file.runs.get(2);
    expect(run).toMatchObject({ state: 'complete', step: 'finished', threshold: 0 });
    expect(run.manifest.classes.map(({ name }) => name)).toEqual(['cell', 'gland']);
    const [mask, polygon, box] = [...file.findings.all(2)];
    expect(mask).toMatchObject({ x: 10, y: 10, width: 20, height: 20, score: 1, classIndex: 1 });
    expect(mask?.shape?.polygons.map((rings) => rings.length)).toEqual([2]);
    expect(polygon).toMatchObject({ x: 50, y: 50, width: 10, height: 20, score: 0.5 });
    expect(box).toMatchObject({ x: 1, y: 2, width: 3, height: 4, score: 0.25, classIndex: 0 });
    const states = [...file.tiles.load(2)].map(({ state }) => state);
    expect([...(replayTiles(file.events.list(2))?.state ?? [])]).toEqual(states);
  });

  it('COCO: names what does not fit', async () => {
    const of = (image: object, annotation: object): string =>
      JSON.stringify({ images: [image], categories: [], annotations: [annotation] });
    const annotation = { image_id: 1, category_id: 1, bbox: [0, 0, 1, 1] };
    const cases: [string, RegExp][] = [
      [of({ id: 1, width: 50, height: 100 }, annotation), /50 x 100 pixels/],
      [of({ id: 1 }, { image_id: 2, category_id: 1, bbox: [0, 0, 1, 1] }), /names image 2/],
      [of({ id: 1 }, { image_id: 1, category_id: 1 }), /neither a box nor an outline/],
      [of({ id: 1 }, { ...annotation, score: 7 }), /no COCO file/],
      [of({ id: 1 }, { ...annotation, segmentation: { size: [9, 9], counts: '~~' } }), /run lengths/],
      ['{"annotations":[]}', /no results/],
      ['<xml>', /none that can be imported/],
    ];
    for (const [text, words] of cases) {
      const error = await errorOf(() => importText(session, text, by));
      expect(error.code).toBe('usage');
      expect(error.message).toMatch(words);
    }
    expect(file.runs.list()).toHaveLength(1);
  });

  it('WSInfer: tiles with the probability of every class; what the table leaves out was not looked at', () => {
    const text =
      'minx,miny,width,height,prob_tumour,"prob_a ""b"", c"\r\n0,0,25,25,0.9,0.1\r\n25,0,25,25,0.2,0.8\r\n50,75,25,25,0.6,0.4\r\n';
    expect(importText(session, text, by)).toMatchObject({ kind: 'run', format: 'wsinfer', findings: 3 });
    const run = file.runs.get(2);
    expect(run.manifest).toMatchObject({
      task: 'classify',
      classes: [{ name: 'tumour' }, { name: 'a "b", c' }],
    });
    expect(run.grid).toMatchObject({ columns: 4, rows: 4, tileWidth: 25, overlap: 0 });
    expect(file.tiles.counts(2)).toMatchObject({ total: 16, done: 3, skipped: 13 });
    expect(
      [...file.tiles.results(2)].map(({ tile, values }) => [
        tile,
        [...values].map((v) => Math.round(v * 10)),
      ]),
    ).toEqual(
      [[0, [9, 1]], [1, [2, 8]], [14, [6, 4]]], // prettier-ignore
    );
    expect([...file.findings.all(2)].map(({ kind, classIndex, score }) => [kind, classIndex, score])).toEqual(
      [['tile', 0, 0.9], ['tile', 1, 0.8], ['tile', 0, 0.6]], // prettier-ignore
    );
  });

  it('WSInfer: names the line that is no number', async () => {
    const error = await errorOf(() =>
      importText(session, 'minx,miny,width,height,prob_a\n0,0,5,5,0.5\n0,5,5,x,1\n', by),
    );
    expect(error).toMatchObject({ code: 'usage', where: 'line 3, height' });
  });
});

it('run lengths come out of their text as they went in', () => {
  const rle = cocoRle([square], 100, 100);
  const runs = runLengths(rle?.counts ?? '');
  expect(runs.reduce((sum, n) => sum + n, 0)).toBe(10_000);
  expect(runs.reduce((sum, n, i) => sum + (i % 2 === 1 ? n : 0), 0)).toBe(20 * 20 - 5 * 5);
});

it('texts in parts are put together, once, and not without end', () => {
  const uploads = new TextUploads();
  uploads.add('a', 'one ');
  uploads.add('a', 'two');
  expect(uploads.take('a')).toBe('one two');
  expect(() => uploads.take('a')).toThrow(/Nothing/);
  const part = 'x'.repeat(2 ** 24);
  for (let i = 0; i < 4; i++) uploads.add('b', part);
  expect(() => uploads.add('b', 'x')).toThrow(/too large/);
});
