/** From the results of tiles in a case file to findings with their outlines. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shape } from '../../../src-main/contract/finding.ts';
import type { ModelManifest } from '../../../src-main/contract/model.ts';
import type { RunParameters } from '../../../src-main/contract/run.ts';
import { planGrid } from '../../../src-main/core/grid.ts';
import { encodeShape } from '../../../src-main/core/shape.ts';
import { synthesize } from '../../../src-main/engine/synthesize.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import type { StoredFinding } from '../../../src-main/store/finding-store.ts';

const nuclei = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../models/he-nuclei/gigatile.json'), 'utf8'),
) as ModelManifest;

let folder: string;
let count = 0;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-synthesize-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Detection {
  box: [x: number, y: number, width: number, height: number];
  score: number;
  shape?: Shape;
}

const grid = planGrid({
  imageWidth: 180,
  imageHeight: 100,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 100,
  tileHeight: 100,
  overlap: 20,
});

/** Findings of a run over two tiles, 0-100 and 80-180, as they lie in the case file afterwards. */
function findingsOf(
  tiles: readonly (readonly Detection[])[],
  options: {
    parameters?: RunParameters;
    manifest?: Partial<ModelManifest>;
    threshold?: number;
    shapes?: Float32Array;
  },
): StoredFinding[] {
  const file = CaseFile.open(join(folder, `case-${++count}.gigatile`), 'create');
  try {
    const no = file.transaction(() => {
      file.setImage(
        {
          path: '/nowhere/a.tif',
          name: 'a.tif',
          fingerprint: 'f',
          bytes: 1,
          modifiedMs: 1,
          info: {
            name: 'a.tif',
            format: 'tiff',
            vendor: null,
            width: grid.imageWidth,
            height: grid.imageHeight,
            mpp: null,
            geo: null,
            objectivePower: null,
            bands: 3,
            bandNames: null,
            dtype: 'uint8',
            noData: null,
            associated: [],
            compression: 'jpeg',
            levels: [],
            display: { levels: [], passthrough: true },
          },
          thumbnail: null,
        },
        'now',
      );
      const run = file.runs.create(
        {
          modelPath: 'm.onnx',
          modelSha256: 's',
          manifest: { ...nuclei, halo: 0, ...options.manifest },
          fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
          parameters: options.parameters ?? {},
          threshold: options.threshold ?? 0.5,
          grid,
          software: 'test',
        },
        'now',
      );
      const none = new Float32Array(tiles.length);
      file.runs.beginEpoch(run);
      file.tiles.insertGrid(run, new Uint8Array(tiles.length), none, none);
      file.tiles.apply(
        run,
        tiles.flatMap((detections, tile) => {
          const shapes = detections.map(({ shape }) => encodeShape(shape ?? { polygons: [], keypoints: [] }));
          const result = {
            tile,
            score: 0.5,
            classIndex: 0,
            values: new Float32Array(0),
            detections: Float32Array.from(detections.flatMap(({ box, score }) => [...box, 0, score])),
            ...(detections.some(({ shape }) => shape) && {
              shapes: options.shapes ?? Float32Array.from(shapes.flatMap((shape) => [...shape])),
            }),
          };
          return [{ kind: 'grant', tile, epoch: 1 } as const, { kind: 'done', epoch: 1, result } as const];
        }),
      );
      return run;
    });
    const { count: stated, findings } = synthesize(file, file.runs.get(no), 'f');
    file.transaction(() => file.findings.replace(no, findings));
    const stored = [...file.findings.all(no)];
    expect(stored).toHaveLength(stated);
    return stored;
  } finally {
    file.close();
  }
}

const square = (x: number, y: number, size: number, keypoints: number[] = []): Shape => ({
  polygons: [[[x, y, x + size, y, x + size, y + size, x, y + size]]],
  keypoints,
});

describe('synthesize', () => {
  const left: Detection[] = [
    { box: [10, 10, 8, 8], score: 0.5, shape: square(10, 10, 8) },
    { box: [84, 40, 8, 8], score: 0.75, shape: square(84, 40, 8, [88, 44, 0.5]) },
  ];
  const right: Detection[] = [
    { box: [85, 40, 8, 8], score: 0.625, shape: square(85, 40, 8) },
    { box: [150, 60, 8, 8], score: 0.875 },
  ];

  it('gives each finding that is kept its own outline and key points', () => {
    const findings = findingsOf([left, right], {});
    expect(findings.map(({ x, score, shape }) => [x, score, shape])).toEqual([
      [150, 0.875, undefined],
      [84, 0.75, square(84, 40, 8, [88, 44, 0.5])],
      [10, 0.5, square(10, 10, 8)],
    ]);
  });

  it('does so too where each tile owns its core and nothing is merged', () => {
    const findings = findingsOf([left, right], { manifest: { halo: 10 } });
    expect(findings.map(({ x, shape }) => [x, shape !== undefined])).toEqual([
      [150, false],
      [84, true],
      [85, true],
      [10, true],
    ]);
  });

  it('merges as SAHI would see it: nothing below the confidence, masks joined, and says where it merges otherwise', () => {
    const pair: Detection[] = [
      { box: [84, 40, 8, 8], score: 0.75, shape: square(84, 40, 8) },
      { box: [50, 40, 8, 8], score: 0.375, shape: square(50, 40, 8) },
    ];
    const other: Detection[] = [{ box: [86, 40, 8, 8], score: 0.625, shape: square(86, 40, 8) }];
    const parameters: RunParameters = {
      merge: { mode: 'sahi', type: 'GREEDYNMM', metric: 'IOS', threshold: 0.5 },
    };
    expect(findingsOf([pair, other], { parameters }).map(({ x, width, shape }) => [x, width, shape])).toEqual(
      [[84, 10, { polygons: [[[84, 40, 94, 40, 94, 48, 84, 48]]], keypoints: [] }]],
    );
    const weak = findingsOf([pair, other], { parameters, threshold: 0.05 });
    expect(weak.map(({ x, width }) => [x, width])).toEqual([
      [84, 8],
      [50, 8],
    ]);
  });

  it('refuses outlines that are not those of the detections', () => {
    expect(() => findingsOf([left, right], { shapes: Float32Array.of(1, 1, 3, 0) })).toThrow(/outlines/);
    const oneTooMany = new Float32Array([
      ...encodeShape(square(1, 1, 1)),
      ...encodeShape(square(1, 1, 1)),
      ...encodeShape(square(1, 1, 1)),
    ]);
    expect(() => findingsOf([left], { shapes: oneTooMany })).toThrow(/outlines/);
  });
});
