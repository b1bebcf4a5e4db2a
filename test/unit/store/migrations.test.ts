/** Files of every version that was ever released, made by the SQL of that version, opened by this one. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applicationId } from '../../../src-main/store/application-id.ts';
import { asBytes } from '../../../src-main/store/floats.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { migrations, newestVersion } from '../../../src-main/store/migrations/index.ts';
import { gridOf, imageInfo, manifest } from './stored-run.ts';

let folder: string;
let path: string;
let count = 0;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-migrations-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => (path = join(folder, `case-${++count}.gigatile`)));

const values = asBytes(Float32Array.of(1, 2));
const detections = asBytes(Float32Array.of(1, 2, 3, 4, 0, 0.9));
const error = JSON.stringify({ code: 'image-corrupt', message: 'bad tile' });

/** A case as a person may have it: a finished run with a failed tile, findings and decisions, and one that was cut off. */
function writeOld(version: number): void {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  for (const migration of migrations) if (migration.version <= version) db.exec(migration.sql);
  db.pragma(`application_id = ${applicationId}`);
  db.pragma(`user_version = ${version}`);
  const add = (table: string, row: Record<string, unknown>): void => {
    const names = Object.keys(row);
    db.prepare(`INSERT INTO ${table} (${names.join(',')}) VALUES (${names.map(() => '?').join(',')})`).run(
      ...Object.values(row),
    );
  };
  add('image', {
    id: 1,
    path: '/nowhere/a.tif',
    name: 'a.tif',
    fingerprint: 'f',
    bytes: 7,
    modified_ms: 1.5,
    info: JSON.stringify(imageInfo),
    thumbnail: Buffer.from([1, 2]),
    added_at: 'then',
  });
  for (const no of [1, 2]) {
    add('run', {
      no,
      image: 1,
      state: no === 1 ? 'complete-with-gaps' : 'running',
      step: no === 1 ? 'finished' : 'analyze',
      epoch: 3,
      model_path: '/m.onnx',
      model_sha256: 's',
      manifest: JSON.stringify(manifest),
      fit: JSON.stringify({ fileIndex: 0, bandIndexes: [0, 1, 2], notes: ['a note'] }),
      parameters: JSON.stringify({ tileSize: 50 }),
      threshold: 0.5,
      grid: JSON.stringify(gridOf(2, 3)),
      provider: 'cpu',
      reason: null,
      created_at: 'then',
      finished_at: no === 1 ? 'later' : null,
      worked_ms: 1234,
      software: '0.1',
    });
    const tile = { run: no, attempts: 0, crashes: 0, epoch: 3, skip: 0, content: 0.5 };
    add('tile', { ...tile, idx: 0, state: 2, score: 0.5, class: 1 });
    add('tile', { ...tile, idx: 1, state: no === 1 ? 2 : 1, score: 0.25, class: 0 });
    add('tile', { ...tile, idx: 2, state: 4, attempts: 4, crashes: 1, error });
    add('tile', { ...tile, idx: 3, state: 5, skip: 1, content: 0 });
    add('tile', { ...tile, idx: 4, state: no === 1 ? 2 : 3, wake_ms: no === 1 ? null : 99, attempts: 1 });
    add('tile', { ...tile, idx: 5, state: no === 1 ? 2 : 0 });
    for (const idx of no === 1 ? [0, 1, 4, 5] : [0]) {
      add('tile_result', { run: no, idx, tile_values: values, detections });
    }
  }
  const box = { run: 1, x: 1, y: 2, width: 3, height: 4, class: 0, tile: 0, kind: 'detection' };
  add('finding', { ...box, ordinal: 0, id: 'a', score: 0.9 });
  add('finding', { ...box, ordinal: 1, id: 'b', score: 0.8, kind: 'tile' });
  for (const verdict of ['rejected', 'accepted']) {
    add('decision', { run: 1, finding: 'a', verdict, reviewer: 'A', model_sha256: 's', at: 'then' });
  }
  add('event', { at: 'then', run: 1, kind: 'started', data: '{"model":"x"}' });
  if (version >= 2) add('finding_shape', { run: 1, ordinal: 0, shape: values });
  if (version >= 3) {
    const note = { label: 'l', analysis: 'a', objects: [] };
    db.prepare('UPDATE run SET usage = ? WHERE no = 1').run(
      JSON.stringify({ requests: 1, inputTokens: 2, outputTokens: 3, usd: null }),
    );
    add('tile_note', { run: 1, idx: 0, note: JSON.stringify(note) });
  }
  db.close();
}

/** Every row of every table as it is now, by table. */
function everything(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true });
  const tables = (db.pragma('table_list') as { name: string; schema: string }[])
    .filter(({ name, schema }) => schema === 'main' && !name.startsWith('sqlite_'))
    .map(({ name }) => name)
    .sort();
  const found = Object.fromEntries(tables.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]));
  db.close();
  return found;
}

describe.each(migrations.map(({ version }) => version))('a case of version %i', (version) => {
  it('opens, with everything that it held', () => {
    writeOld(version);
    const before = everything(path);
    const file = CaseFile.open(path, 'write');
    expect(file.image()).toMatchObject({ name: 'a.tif', bytes: 7, thumbnail: Buffer.from([1, 2]) });
    expect(file.runs.list().map(({ no, state, step, epoch }) => [no, state, step, epoch])).toEqual([
      [1, 'complete-with-gaps', 'finished', 3],
      [2, 'running', 'analyze', 3],
    ]);
    expect(file.runs.get(1)).toMatchObject({ parameters: { tileSize: 50 }, workedMs: 1234, provider: 'cpu' });
    expect(file.tiles.counts(1)).toMatchObject({ total: 6, done: 4, failed: 1, skipped: 1 });
    expect(file.tiles.counts(2)).toMatchObject({ done: 1, running: 1, waiting: 1, pending: 1, failed: 1 });
    expect([...file.tiles.results(1)].map(({ tile }) => tile)).toEqual([0, 1, 4, 5]);
    expect(file.tiles.detail(1, 0)).toMatchObject({
      score: 0.5,
      classIndex: 1,
      values: Float32Array.of(1, 2),
      detections: Float32Array.of(1, 2, 3, 4, 0, 0.9),
    });
    expect(file.tiles.failures(1)).toMatchObject([{ code: 'image-corrupt', count: 1, tiles: [2] }]);
    expect(file.findings.countFrom(1, 0)).toBe(2);
    expect([...file.findings.boxes(1)][0]).toMatchObject({ id: 'a', verdict: 'accepted', score: 0.9 });
    expect(file.decisions.history(1, 'a').map(({ verdict }) => verdict)).toEqual(['rejected', 'accepted']);
    expect(file.events.list(1)).toMatchObject([{ kind: 'started', data: { model: 'x' } }]);
    file.close();
    // No row was lost or made up, and no value of a column that is still there changed.
    const after = everything(path);
    for (const [table, rows] of Object.entries(before)) expect(after[table], table).toMatchObject(rows);
    const db = new Database(path, { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(newestVersion);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  it('can be looked at without being changed', () => {
    writeOld(version);
    const before = everything(path);
    const file = CaseFile.openReadOnly(path);
    expect(file.runs.list().length).toBe(2);
    expect(file.tiles.counts(1).done).toBe(4);
    expect(file.tiles.detail(1, 0)).toMatchObject({ sharpness: null, pen: 0 });
    expect(file.isReadOnly).toBe(true);
    file.close();
    expect(everything(path)).toEqual(before);
  });
});

describe.each(migrations.map(({ version }) => version).filter((version) => version < newestVersion))(
  'before a case of version %i is changed',
  (version) => {
    it('there is a backup with everything in it, and those of older versions are gone', () => {
      writeOld(version);
      const before = everything(path);
      writeFileSync(`${path}.backup-v0`, 'older');
      writeFileSync(`${path}.backup`, 'of decisions');
      CaseFile.open(path, 'write').close();
      expect(everything(`${path}.backup-v${version}`)).toEqual(before);
      const backup = new Database(`${path}.backup-v${version}`, { readonly: true });
      expect(backup.pragma('user_version', { simple: true })).toBe(version);
      // A file that needs nothing beside it.
      expect(backup.pragma('journal_mode', { simple: true })).toBe('delete');
      backup.close();
      expect(existsSync(`${path}.backup-v0`)).toBe(false);
      expect(readFileSync(`${path}.backup`, 'utf8')).toBe('of decisions');
    });

    it('and where there can be none, it is not changed', () => {
      writeOld(version);
      const before = everything(path);
      mkdirSync(join(`${path}.backup-v${version}`, 'in the way'), { recursive: true });
      expect(() => CaseFile.open(path, 'write')).toThrow();
      expect(everything(path)).toEqual(before);
      const db = new Database(path, { readonly: true });
      expect(db.pragma('user_version', { simple: true })).toBe(version);
      db.close();
    });
  },
);
