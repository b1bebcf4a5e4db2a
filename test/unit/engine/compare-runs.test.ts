/** Two runs of a case against each other: on the command line, and as a screen asks for it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonGroups, groupCode } from '../../../src-main/contract/compare.ts';
import { decodeFindingFrame } from '../../../src-main/contract/finding-frame.ts';
import type { FindingView, Shape } from '../../../src-main/contract/finding.ts';
import { earthPolygons } from '../../../src-main/core/earth-polygons.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { Comparisons } from '../../../src-main/engine/compare/comparisons.ts';
import {
  comparisonInPath,
  differencesToTemporary,
  saveDifferences,
} from '../../../src-main/engine/compare/save-differences.ts';
import { differencesGeojson } from '../../../src-main/reports/differences.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatileHere } from '../../support/cli-here.ts';
import { finish, imageInfo, storedRun } from '../store/stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-compare-'));
const path = join(folder, 'a.gigatile');
const cli = (...args: string[]) => gigatileHere(folder, ['compare', path, ...args]);

function addRun(
  file: CaseFile,
  boxes: readonly (readonly [x: number, score: number])[],
  shape?: (x: number) => Shape,
): number {
  const run = storedRun(file, 2, 1);
  finish(file, run, [0, 1]);
  file.transaction(() => {
    file.findings.replace(
      run,
      boxes.map(([x, score], ordinal) => ({
        ordinal,
        id: () => `${run}-${ordinal}`,
        kind: 'detection',
        x,
        y: 20,
        width: 10,
        height: 10,
        classIndex: 0,
        score,
        tile: 0,
        ...(shape && { shape: shape(x) }),
      })),
    );
    file.runs.transition(run, ['running'], { state: 'complete', finishedAt: 'now' });
  });
  return run;
}

let file: CaseFile;

beforeAll(() => {
  file = CaseFile.open(path, 'create');
  // The second is rejected in B, the third moved by two pixels, the fourth in one run only, the last below the threshold.
  addRun(file, [
    [0, 0.9],
    [20, 0.8],
    [40, 0.7],
    [60, 0.6],
    [80, 0.4],
  ]);
  const b = addRun(file, [
    [0, 0.95],
    [20, 0.85],
    [42, 0.75],
    [80, 0.6],
  ]);
  const at = 'now';
  file.decisions.add(b, { finding: `${b}-1`, verdict: 'rejected', reviewer: 'r', modelSha256: 's', at });
});
afterAll(() => {
  file.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('gigatile compare', () => {
  it('counts what both found and what only one, and scores B by A', async () => {
    const answer = await cli('--run', 'run-1', '--run', '2', '--json');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json()[0]).toMatchObject({
      runA: 'run-1',
      runB: 'run-2',
      options: { iou: 0.5, classAware: true, thresholdA: 0.5, thresholdB: 0.5, withRejected: false },
      counts: { both: 2, onlyA: 2, onlyB: 1, otherClass: 0 },
      reference: { precision: 2 / 3, recall: 0.5, f1: 4 / 7 },
      tiles: { compared: 2, meanDifference: 0, by: 'none', kappa: null },
    });
    const strict = await cli(
      '--run',
      '1',
      '--run',
      '2',
      '--iou',
      '0.9',
      '--with-rejected',
      '--threshold',
      '0.3',
    );
    expect(strict.stdout).toMatch(/all +3 +2 +1\n/);
    expect(strict.stdout).toContain('IoU at least 0.9, of the same class\n');
  });

  it('writes what differs as a table and as GeoJSON, whole', async () => {
    const csv = join(folder, 'd.csv');
    expect((await cli('--run', '1', '--run', '2', '--out', csv)).stdout).toContain(`wrote ${csv}`);
    const lines = readFileSync(csv, 'utf8').trim().split('\r\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual([
      'group',
      'both',
      'only-a',
      'both',
      'only-a',
      'only-b',
    ]);
    expect(lines[3]).toBe('both,0.6667,1-2,nucleus,0.7,40,20,10,10,,2-2,nucleus,0.75,42,20,10,10,');
    const geojson = join(folder, 'd.geojson');
    await cli('--run', '1', '--run', '2', '--out', geojson);
    const { features } = JSON.parse(readFileSync(geojson, 'utf8')) as {
      features: { properties: { classification: { name: string; color: number[] } } }[];
    };
    expect(features.map(({ properties }) => properties.classification.name)).toEqual([
      'Both: nucleus',
      'Only A: nucleus',
      'Both: nucleus',
      'Only A: nucleus',
      'Only B: nucleus',
    ]);
  });

  it.each([
    [['--run', '1'], /two runs/],
    [['--run', '1', '--run', '1'], /a comparison needs two/],
    [['--run', '1', '--run', '7'], /run/],
    [['--run', '1', '--run', '2', '--iou', '0'], /--iou 0 is not a number from 0\.05 to 1/],
    [['--run', '1', '--run', '2', '--out', 'd.txt'], /\.csv or \.geojson/],
  ])('says what is wrong with %j', async (args, message) => {
    const answer = await cli(...args);
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(message);
  });
});

describe('a comparison on the screen', () => {
  const session = () =>
    ({
      file,
      image: { info: imageInfo, fingerprint: 'f'.repeat(64) },
      conductor: () => ({ findings: file.findings, mayChange: () => false }),
    }) as unknown as CaseSession;

  it('is a list of pages, with places in it and a frame to paint', () => {
    const [comparisons, here] = [new Comparisons(), session()];
    const { id, counts } = comparisons.make(here, 'run-1', 'run-2', {});
    expect(counts).toEqual({ both: 2, onlyA: 2, onlyB: 1, otherClass: 0 });
    const list = { groups: ['only-a' as const, 'only-b' as const], sort: 'score' as const };
    const { total, items } = comparisons.page(here, id, { ...list, offset: 1, limit: 5 });
    expect(total).toBe(3);
    expect(items.map(({ index, group, a, b }) => [index, group, a?.id ?? null, b?.id ?? null])).toEqual([
      [3, 'only-a', '1-3', null],
      [4, 'only-b', null, '2-3'],
    ]);
    expect(comparisons.place(here, id, list, 3)).toBe(1);
    expect(comparisons.place(here, id, list, 0)).toBeNull();
    expect(comparisons.item(here, id, 0)).toMatchObject({ group: 'both', iou: 1 });
    expect(comparisons.page(here, id, { ...list, className: 'nobody', offset: 0, limit: 5 }).total).toBe(0);

    const frame = comparisons.frame(here, id);
    const { count, records } = decodeFindingFrame(frame.buffer as ArrayBuffer);
    expect(count).toBe(5);
    const groups = Array.from({ length: count }, (_, i) => records.getUint8(i * 24 + 20));
    expect(groups.map((code) => comparisonGroups[code])).toEqual([
      'both',
      'only-a',
      'both',
      'only-a',
      'only-b',
    ]);
    expect(Object.keys(groupCode)).toEqual([...comparisonGroups]);
  });

  it('is saved whole, by the system’s dialog or as a download, and only as what there is', async () => {
    const [comparisons, here] = [new Comparisons(), session()];
    const { id } = comparisons.make(here, 'run-1', 'run-2', {});
    const made = await differencesToTemporary(comparisons, here, id, 'csv');
    const text = readFileSync(made.path, 'utf8');
    rmSync(made.folder, { recursive: true });
    expect(made.name).toMatch(/^image-\w+-run-1-and-2\.csv$/);
    expect(text.trimEnd().split('\r\n')).toHaveLength(6);
    const onWeb = await saveDifferences({ kind: 'web' }, comparisons, here, id, 'geojson');
    expect(comparisonInPath(onWeb.download?.split('/')[3] ?? '')).toBe(id);
    await expect(differencesToTemporary(comparisons, here, id, 'pdf')).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(differencesToTemporary(comparisons, here, 'x', 'csv')).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('goes along rows of the image by position', () => {
    const [comparisons, here] = [new Comparisons(), session()];
    const { id } = comparisons.make(here, 'run-2', 'run-1', { thresholdB: 0.3, withRejected: true });
    const all = { groups: [...comparisonGroups], sort: 'position' as const, offset: 0, limit: 9 };
    const places = comparisons.page(here, id, all).items.map(({ a, b }) => (a ?? b)?.box.x);
    expect(places).toEqual([0, 20, 42, 60, 80]);
  });

  it('gives the outlines of a part of the image once each, with the group of their object', () => {
    const triangle = (x: number): Shape => ({ polygons: [[[x, 20, x + 10, 20, x, 30]]], keypoints: [] });
    const one = addRun(
      file,
      [
        [0, 0.9],
        [20, 0.8],
        [80, 0.7],
      ],
      triangle,
    );
    const other = addRun(
      file,
      [
        [40, 0.95],
        [0, 0.6],
        [60, 0.3],
      ],
      triangle,
    );
    const [comparisons, here] = [new Comparisons(), session()];
    const { id, counts } = comparisons.make(here, `run-${one}`, `run-${other}`, {});
    expect(counts).toEqual({ both: 1, onlyA: 2, onlyB: 1, otherClass: 0 });
    const view = { x: 0, y: 0, width: 70, height: 50 };
    const { shapes, total } = comparisons.shapes(here, id, view, 10);
    expect(total).toBe(3);
    // In the frame's order: B's 0.95, A's 0.9, 0.8 and 0.7. The one at 60 is below the threshold.
    expect(
      shapes.map(({ ordinal, classIndex }) => [ordinal, classIndex]).toSorted(([a], [b]) => a! - b!),
    ).toEqual([
      [0, groupCode['only-b']],
      [1, groupCode.both],
      [2, groupCode['only-a']],
    ]);
    const cut = comparisons.shapes(here, id, view, 1);
    expect(cut.total).toBeGreaterThan(cut.shapes.length);
  });

  it('says when it is not what it was: a run was worked on, or it is gone', () => {
    const [comparisons, here] = [new Comparisons(), session()];
    const { id } = comparisons.make(here, 'run-1', 'run-2', {});
    expect(() => comparisons.item(session(), id, 0)).toThrow(/not kept any more/);
    file.transaction(() => file.runs.beginEpoch(1));
    expect(() => comparisons.item(here, id, 0)).toThrow(/worked on since/);
    for (let i = 0; i < 5; i++) comparisons.make(here, 'run-1', 'run-2', {});
    expect(() => comparisons.item(here, id, 0)).toThrow(/not kept any more/);
  });
});

it('differences of a scene have a place on Earth', () => {
  const finding = (box: FindingView['box']) =>
    ({ id: 'f', className: 'roof', score: 0.5, box }) as FindingView;
  // Degrees: 0.1 of them a pixel, from 10° E, 50° N.
  const geo = {
    epsg: 4326,
    crsName: null,
    transform: [10, 0.1, 0, 50, 0, -0.1] as [number, number, number, number, number, number],
    metersPerPixel: null,
  };
  const difference = {
    group: 'only-b',
    a: null,
    b: finding({ x: 10, y: 20, width: 10, height: 10 }),
    iou: null,
  } as const;
  const place = earthPolygons({ width: 100, height: 100, geo });
  const { features } = JSON.parse([...differencesGeojson([difference], {}, place)].join('')) as {
    features: { geometry: { type: string; coordinates: [number, number][][] } }[];
  };
  const corners = features[0]?.geometry.coordinates[0]?.map((corner) =>
    corner.map((n) => n.toFixed(6)).join(),
  );
  expect(new Set(corners)).toEqual(
    new Set(['11.000000,48.000000', '12.000000,48.000000', '12.000000,47.000000', '11.000000,47.000000']),
  );
});
