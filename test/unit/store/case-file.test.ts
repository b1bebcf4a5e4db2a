/** The case file on a real disk: what is committed is there, what was overtaken is not written, foreign files are refused. */
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../src-main/contract/model.ts';
import { decodeShape } from '../../../src-main/core/shape.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { lockOwner } from '../../../src-main/store/case-lock.ts';
import { applicationId } from '../../../src-main/store/open-database.ts';

const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../models/he-nuclei/gigatile.json'), 'utf8'),
) as ModelManifest;
const info = {
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
  levels: [{ width: 100, height: 100, downsample: 1, tileWidth: 64, tileHeight: 64 }],
  display: {
    levels: [{ width: 100, height: 100, downsample: 1, tileWidth: 64, tileHeight: 64 }],
    passthrough: true,
  },
};

let folder: string;
let path: string;
let count = 0;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-case-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => (path = join(folder, `case-${++count}.gigatile`)));

function newRun(file: CaseFile): number {
  return file.transaction(() => {
    file.setImage(
      {
        path: '/nowhere/a.tif',
        name: 'a.tif',
        fingerprint: 'f',
        bytes: 1,
        modifiedMs: 1,
        info,
        thumbnail: null,
      },
      'now',
    );
    const no = file.runs.create(
      {
        modelPath: 'm.onnx',
        modelSha256: 's',
        manifest,
        fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
        parameters: {},
        threshold: 0.5,
        grid: {
          imageWidth: 100,
          imageHeight: 100,
          scaleX: 1,
          scaleY: 1,
          tileWidth: 50,
          tileHeight: 50,
          overlap: 0,
          columns: 2,
          rows: 2,
        },
        software: 'test',
      },
      'now',
    );
    file.runs.beginEpoch(no);
    file.tiles.insertGrid(
      no,
      Uint8Array.of(0, 0, 1, 0),
      Float32Array.of(1, 1, 0, 1),
      Float32Array.of(0.5, 0, 0, 0),
    );
    return no;
  });
}

const result = (tile: number) => ({
  tile,
  score: 0.5,
  classIndex: 0,
  values: Float32Array.of(1, 2),
  detections: Float32Array.of(1, 2, 3, 4, 0, 0.9),
});

describe('a case file', () => {
  it('is marked as ours, and durable: WAL with synchronous=FULL', () => {
    const file = CaseFile.open(path, 'create');
    expect(file.durability).toBe('WAL, synchronous=FULL');
    file.close();
    const db = new Database(path);
    expect(db.pragma('application_id', { simple: true })).toBe(applicationId);
    db.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('keeps a tile’s result with its state, and gives it back as it was', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    file.transaction(() => {
      expect(
        file.tiles.apply(run, [
          { kind: 'grant', tile: 0, epoch: 1 },
          { kind: 'done', epoch: 1, result: { ...result(0), sharpness: 0.02 } },
        ]).size,
      ).toBe(0);
    });
    file.close();
    const again = CaseFile.open(path, 'write');
    expect(again.tiles.counts(run)).toMatchObject({ total: 4, done: 1, skipped: 1, pending: 2 });
    expect(again.tiles.detail(run, 0)).toMatchObject({
      score: 0.5,
      classIndex: 0,
      detections: result(0).detections,
      values: result(0).values,
      sharpness: 0.02,
      pen: 0.5,
    });
    expect(again.tiles.quality(run, 0.025, 0.02)).toEqual({ judged: 1, blurred: 1, pen: 1 });
    expect(again.tiles.quality(run, 0.01, 0.6)).toEqual({ judged: 1, blurred: 0, pen: 0 });
    again.close();
  });

  it('writes nothing from an epoch that was overtaken', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    file.transaction(() => file.tiles.apply(run, [{ kind: 'grant', tile: 0, epoch: 1 }]));
    file.transaction(() => file.runs.beginEpoch(run));
    file.transaction(() => file.tiles.apply(run, [{ kind: 'grant', tile: 0, epoch: 2 }]));
    const late = { kind: 'done', epoch: 1, result: result(0) } as const;
    const refused = file.transaction(() => file.tiles.apply(run, [late]));
    expect([...refused]).toEqual([late]);
    expect(file.tiles.counts(run)).toMatchObject({ done: 0, pending: 3 });
    expect([...file.tiles.results(run)]).toEqual([]);
    file.close();
  });

  it('writes one end of a tile, and nothing after it', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    const done = { kind: 'done', epoch: 1, result: result(0) } as const;
    const error = { code: 'image-corrupt', message: 'bad' } as const;
    const failed = { kind: 'fail', tile: 0, epoch: 1, attempts: 1, crashes: 0, error } as const;
    const released = { kind: 'release', tile: 0, epoch: 1 } as const;
    const waits = { ...failed, kind: 'wait', wakeMs: 5 } as const;
    file.transaction(() => expect(file.tiles.apply(run, [waits]).size).toBe(0));
    expect(file.tiles.counts(run)).toMatchObject({ waiting: 1 });
    file.transaction(() => expect(file.tiles.apply(run, [done]).size).toBe(0));
    for (const late of [{ ...done }, failed, released, waits]) {
      expect([...file.transaction(() => file.tiles.apply(run, [late]))]).toEqual([late]);
    }
    expect(file.tiles.detail(run, 0)).toMatchObject({ score: 0.5, wakeMs: null, error: null });
    file.close();
  });

  it('writes all of a transaction or nothing', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    expect(() =>
      file.transaction(() => {
        file.tiles.apply(run, [{ kind: 'done', epoch: 1, result: result(0) }]);
        throw new Error('in the middle');
      }),
    ).toThrow('in the middle');
    expect(file.tiles.counts(run).done).toBe(0);
    file.close();
  });

  it('moves a run only from the state that the caller knows', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    file.runs.transition(run, ['running'], { state: 'paused' });
    expect(() => file.runs.transition(run, ['running'], { state: 'complete' })).toThrow(/is paused/);
    expect(() => file.runs.advance(run, 'preprocess', 'analyze')).toThrow(/cannot go/);
    file.close();
  });

  it('keeps every decision, and the newest one in force', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    const finding = {
      ordinal: 0,
      id: () => 'x',
      kind: 'detection' as const,
      x: 1,
      y: 2,
      width: 3,
      height: 4,
      classIndex: 0,
      score: 0.9,
      tile: 0,
    };
    file.transaction(() => file.findings.replace(run, [finding]));
    for (const verdict of ['accepted', 'rejected', null, 'accepted'] as const) {
      file.transaction(() =>
        file.decisions.add(run, { finding: 'x', verdict, reviewer: 'A', modelSha256: 's', at: 'now' }),
      );
      expect(file.findings.byId(run, 'x')?.verdict).toBe(verdict);
    }
    expect(file.decisions.history(run, 'x').map((d) => [d.previous, d.verdict])).toEqual([
      [null, 'accepted'],
      ['accepted', 'rejected'],
      ['rejected', null],
      [null, 'accepted'],
    ]);
    file.transaction(() => file.findings.replace(run, [finding]));
    expect(file.findings.byId(run, 'x')?.verdict).toBe('accepted');
    file.close();
  });
});

describe('outlines', () => {
  const at = (ordinal: number, x: number, score: number) => ({
    ordinal,
    id: () => `f${ordinal}`,
    kind: 'region' as const,
    x,
    y: 0,
    width: 10,
    height: 10,
    classIndex: 1,
    score,
    tile: 0,
  });
  const shape = { polygons: [[[0, 0, 10, 0, 5, 10]]], keypoints: [1, 2, 0.5] };

  it('come back with their finding, and by place; findings without one stay without', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    const list = [
      { ...at(0, 0, 0.9), shape },
      at(1, 0, 0.8),
      { ...at(2, 100, 0.7), shape },
      { ...at(3, 0, 0.2), shape },
    ];
    file.transaction(() => file.findings.replace(run, list));
    expect(file.findings.byId(run, 'f0')).toMatchObject({ kind: 'region', shape });
    expect(file.findings.byId(run, 'f1')).not.toHaveProperty('shape');
    expect([...file.findings.all(run)].map((finding) => 'shape' in finding)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([...file.findings.boxes(run)].map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
    const view = { x: 5, y: 5, width: 20, height: 20 };
    const found = file.findings.shapesIn(run, view, 0.1, 10);
    expect(found.total).toBe(2);
    expect(found.shapes.map(({ finding }) => finding.ordinal)).toEqual([0, 3]);
    expect(decodeShape(found.shapes[0]?.numbers ?? new Float32Array()).shape).toEqual(shape);
    expect(file.findings.shapesIn(run, view, 0.5, 10).total).toBe(1);
    // More than wanted: the first ones, and a total that says so.
    const cut = file.findings.shapesIn(run, view, 0.1, 1);
    expect([cut.shapes.length, cut.total]).toEqual([1, 2]);
    file.transaction(() => file.findings.replace(run, []));
    expect(file.findings.shapesIn(run, view, 0, 10)).toEqual({ shapes: [], total: 0 });
    file.close();
  });
});

describe('findings that agree in everything', () => {
  it('are all kept, each with an id of its own, the same ones when they are written again', () => {
    const file = CaseFile.open(path, 'create');
    const run = newRun(file);
    const twin = (ordinal: number) => ({
      ordinal,
      id: (turn: number) => `twin-${turn}`,
      kind: 'detection' as const,
      x: 1,
      y: 2,
      width: 3,
      height: 4,
      classIndex: 0,
      score: 0.9,
      tile: 0,
    });
    for (let time = 0; time < 2; time++) {
      file.transaction(() => file.findings.replace(run, [twin(0), twin(1), twin(2)]));
      expect([...file.findings.all(run)].map(({ id }) => id)).toEqual(['twin-1', 'twin-2', 'twin-3']);
    }
    file.close();
  });
});

describe('opening', () => {
  it('refuses what is no case, and leaves it as it was', () => {
    writeFileSync(
      path,
      'just a text, long enough to be looked at by a database that wants a header of a hundred bytes or more',
    );
    const before = readFileSync(path);
    expect(() => CaseFile.open(path, 'write')).toThrow(/not a Gigatile case/);
    expect(readFileSync(path)).toEqual(before);
    const other = join(folder, 'other.gigatile');
    const db = new Database(other);
    db.exec('CREATE TABLE t (a)');
    db.close();
    expect(() => CaseFile.open(other, 'write')).toThrow(/not a Gigatile case/);
  });

  it('refuses a case of a newer version, and leaves it as it was', () => {
    CaseFile.open(path, 'create').close();
    const db = new Database(path);
    db.pragma('user_version = 999');
    db.close();
    expect(() => CaseFile.open(path, 'write')).toThrow(/newer Gigatile/);
    const again = new Database(path);
    expect(again.pragma('user_version', { simple: true })).toBe(999);
    again.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('is refused while another living process has the case, and names it', () => {
    const file = CaseFile.open(path, 'create');
    expect(() => CaseFile.open(path, 'write')).toThrow(`open in process ${process.pid}`);
    file.close();
    CaseFile.open(path, 'write').close();
  });

  it('takes over the lock of a process that has gone', () => {
    const gone = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], {
      encoding: 'utf8',
    });
    CaseFile.open(path, 'create').close();
    writeFileSync(`${path}.lock`, readLockLike(Number(gone.stdout)));
    expect(lockOwner(path)).toBe(null);
    CaseFile.open(path, 'write').close();
  });
});

function readLockLike(pid: number): string {
  const file = CaseFile.open(join(folder, 'lock-form.gigatile'), 'create');
  const lock = JSON.parse(readFileSync(`${file.path}.lock`, 'utf8')) as Record<string, unknown>;
  file.close();
  return JSON.stringify({ ...lock, pid });
}
