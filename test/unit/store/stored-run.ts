/** A case with a run of some tiles, as the tests of the store need it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '../../../src-main/contract/model.ts';
import type { CaseFile } from '../../../src-main/store/case-file.ts';

export const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../models/he-nuclei/gigatile.json'), 'utf8'),
) as ModelManifest;

const level = { width: 100, height: 100, downsample: 1, tileWidth: 64, tileHeight: 64 };

export const imageInfo = {
  name: 'a.tif',
  format: 'tiff',
  vendor: null,
  width: 100,
  height: 100,
  mpp: { x: 0.5, y: 0.5 },
  geo: null,
  objectivePower: null,
  bands: 3,
  bandNames: null,
  dtype: 'uint8' as const,
  noData: null,
  associated: [],
  compression: 'jpeg',
  levels: [level],
  display: { levels: [level], passthrough: true },
};

export const gridOf = (columns: number, rows: number) => ({
  imageWidth: columns * 50,
  imageHeight: rows * 50,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 50,
  tileHeight: 50,
  overlap: 0,
  columns,
  rows,
});

/** @returns its number; at analyze, epoch 1, all tiles pending */
export function storedRun(file: CaseFile, columns = 2, rows = 2): number {
  return file.transaction(() => {
    if (file.image() === null) {
      file.setImage(
        {
          path: '/nowhere/a.tif',
          name: 'a.tif',
          fingerprint: 'f',
          bytes: 1,
          modifiedMs: 1,
          info: imageInfo,
          thumbnail: null,
        },
        'now',
      );
    }
    const no = file.runs.create(
      {
        modelPath: 'm.onnx',
        modelSha256: 's',
        manifest,
        fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
        parameters: {},
        threshold: 0.5,
        grid: gridOf(columns, rows),
        software: 'test',
      },
      'now',
    );
    file.runs.beginEpoch(no);
    const count = columns * rows;
    file.tiles.insertGrid(no, new Uint8Array(count), new Float32Array(count).fill(1));
    file.runs.advance(no, 'preprocess', 'analyze');
    return no;
  });
}

export const tileResult = (tile: number) => ({
  tile,
  score: 0.5,
  classIndex: 0,
  values: Float32Array.of(1, 2),
  detections: Float32Array.of(1, 2, 3, 4, 0, 0.9),
});

/** Leases and finishes tiles in the run's first epoch. */
export function finish(file: CaseFile, run: number, tiles: readonly number[]): void {
  file.transaction(() => {
    file.tiles.apply(
      run,
      tiles.flatMap((tile) => [
        { kind: 'grant' as const, tile, epoch: 1 },
        { kind: 'done' as const, epoch: 1, result: tileResult(tile) },
      ]),
    );
  });
}
