/** A case of a million tiles, written by the code that writes cases: GroupCommit over the store, as a run does it. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';
import type { TileResult } from '../../src-main/core/worker-protocol.ts';
import { GroupCommit, type GroupStore } from '../../src-main/engine/group-commit.ts';
import { smallModel } from './small-model.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import type { TileChange } from '../../src-main/store/tile-store.ts';

const tile = 224;

export function millionPlan(edgeTiles: number): GridPlan {
  return {
    imageWidth: edgeTiles * tile,
    imageHeight: edgeTiles * tile,
    scaleX: 1,
    scaleY: 1,
    tileWidth: tile,
    tileHeight: tile,
    overlap: 0,
    columns: edgeTiles,
    rows: edgeTiles,
  };
}

/** What a classifier of three classes says of a tile. */
export function resultOf(index: number): TileResult {
  const share = (index % 997) / 997;
  return {
    tile: index,
    score: share,
    classIndex: index % 3,
    values: Float32Array.of(share, (1 - share) / 2, (1 - share) / 2),
    detections: new Float32Array(0),
    sharpness: share,
  };
}

/** A run at analyze, with all tiles pending. @returns its case, open */
export function beginMillion(path: string, edgeTiles: number): { file: CaseFile; run: number } {
  const file = CaseFile.open(path, 'create');
  const plan = millionPlan(edgeTiles);
  const manifest = JSON.parse(readFileSync(join(smallModel(), 'gigatile.json'), 'utf8')) as ModelManifest;
  const { imageWidth: width, imageHeight: height } = plan;
  const level = { width, height, downsample: 1, tileWidth: 256, tileHeight: 256 };
  const run = file.transaction(() => {
    file.setImage(
      {
        path: '/nowhere/slide.tif',
        name: 'slide.tif',
        fingerprint: 'f'.repeat(64),
        bytes: 1,
        modifiedMs: 1,
        info: {
          name: 'slide.tif',
          format: 'tiff',
          vendor: null,
          width,
          height,
          mpp: { x: 0.5, y: 0.5 },
          geo: null,
          objectivePower: null,
          bands: 3,
          bandNames: null,
          dtype: 'uint8',
          noData: null,
          associated: [],
          compression: 'jpeg',
          levels: [level],
          display: { levels: [level], passthrough: true },
        },
        thumbnail: null,
      },
      new Date().toISOString(),
    );
    const no = file.runs.create(
      {
        modelPath: join(smallModel(), 'model.onnx'),
        modelSha256: '0'.repeat(64),
        manifest,
        fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
        // All three, so that nothing is measured first.
        parameters: { workers: 2, threads: 1, batch: 1 },
        threshold: 0.5,
        grid: plan,
        software: 'bench',
      },
      new Date().toISOString(),
    );
    file.runs.beginEpoch(no);
    const count = edgeTiles ** 2;
    file.tiles.insertGrid(no, new Uint8Array(count), new Float32Array(count).fill(0.9));
    file.runs.advance(no, 'preprocess', 'analyze');
    return no;
  });
  return { file, run };
}

export const noStore: GroupStore = {
  path: 'memory',
  tiles: { apply: () => new Set<TileChange>() },
  events: { append: () => undefined },
  transaction: (work) => work(),
};

/** Grants and results as workers bring them: leases of 16 neighbours. @returns tiles per second, until all are durable */
export function commitTiles(store: GroupStore, run: number, from: number, to: number, epoch = 1): number {
  const commit = new GroupCommit(store, run, {
    committed: () => undefined,
    failed: (error) => {
      throw error;
    },
  });
  const results = Array.from({ length: 4096 }, (_, i) => resultOf(i));
  const begun = performance.now();
  for (let lease = from; lease < to; lease += 16) {
    const end = Math.min(to, lease + 16);
    for (let index = lease; index < end; index++) commit.add({ kind: 'grant', tile: index, epoch });
    for (let index = lease; index < end; index++) {
      const result = results[index % results.length] ?? resultOf(0);
      commit.add({ kind: 'done', epoch, result: { ...result, tile: index } });
    }
  }
  commit.flush();
  return ((to - from) * 1000) / (performance.now() - begun);
}
