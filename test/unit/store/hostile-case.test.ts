/** Cases that somebody made to do harm: each is refused in one sentence, and nothing of it has run. */
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applicationId } from '../../../src-main/store/application-id.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { migrations, newestVersion } from '../../../src-main/store/migrations/index.ts';
import { storedRun } from './stored-run.ts';

let folder: string;
let path: string;
let count = 0;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-hostile-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  path = join(folder, `case-${++count}.gigatile`);
  const file = CaseFile.open(path, 'create');
  storedRun(file);
  file.close();
});

function tamper(sql: string, writable = false): void {
  const db = new Database(path);
  if (writable) {
    db.unsafeMode();
    db.pragma('writable_schema = ON');
  }
  db.exec(sql);
  db.close();
}

const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';

describe('a case with', () => {
  it.each([
    [
      'a trigger that writes along',
      `CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM decision; END`,
      'trigger spy',
    ],
    [
      'a view in the place of a table',
      `ALTER TABLE image RENAME TO pixels; CREATE VIEW image AS ${endless}`,
      '(image|pixels)',
    ],
    ['a view that never ends', `CREATE VIEW zz AS ${endless}`, 'view zz'],
    [
      'a generated column',
      `ALTER TABLE image ADD COLUMN bomb TEXT GENERATED ALWAYS AS (hex(zeroblob(1000))) VIRTUAL`,
      'table image',
    ],
    ['an index over an expression', `CREATE INDEX slow ON event(hex(kind || zeroblob(99)))`, 'index slow'],
    ['a virtual table', `CREATE VIRTUAL TABLE words USING fts5(text)`, 'table words'],
    ['one table less', `PRAGMA foreign_keys = OFF; DROP TABLE annotation`, 'annotation'],
    ['a log that can be changed', `DROP TRIGGER event_no_update`, 'event_no_update'],
  ])('%s is refused, for work and for a look', (_what, sql, named) => {
    tamper(sql);
    const says = new RegExp(`was not made by Gigatile alone: .*${named}`);
    for (const open of [() => CaseFile.open(path, 'write'), () => CaseFile.openReadOnly(path)]) {
      expect(open).toThrow(says);
      expect(open).toThrow(expect.objectContaining({ code: 'case-not-a-case', where: path }));
    }
  });

  it('an earlier version is held to that version, before anything is brought up to date', () => {
    const old = join(folder, 'old.gigatile');
    const db = new Database(old);
    for (const migration of migrations.slice(0, 3)) db.exec(migration.sql);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma('user_version = 3');
    db.close();
    const undisturbed = join(folder, 'undisturbed.gigatile');
    new Database(old).exec(`VACUUM INTO '${undisturbed}'`).close();
    CaseFile.open(undisturbed, 'write').close();

    const spoiled = new Database(old);
    spoiled.exec(`CREATE VIEW coverage AS ${endless}`);
    spoiled.close();
    for (const open of [() => CaseFile.open(old, 'write'), () => CaseFile.openReadOnly(old)])
      expect(open).toThrow(/foreign view coverage/);
    const after = new Database(old, { readonly: true });
    expect(after.pragma('user_version', { simple: true })).toBe(3);
    after.close();
  });

  it.each([
    ['another application', `PRAGMA application_id = 1`, /but not a Gigatile case/],
    ['a version to come', `PRAGMA user_version = ${newestVersion + 1}`, /newer Gigatile/],
    ['a version of none', `PRAGMA user_version = 0`, /was not made by Gigatile alone/],
  ])('the marks of %s is refused', (_what, sql, says) => {
    tamper(sql);
    expect(() => CaseFile.open(path, 'write')).toThrow(says);
  });

  it('a schema that was written to by hand is refused', () => {
    tamper(`UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'event'`, true);
    expect(() => CaseFile.open(path, 'write')).toThrow(/was not made by Gigatile alone|damaged/);
  });

  it.each([
    [
      'a thumbnail that fills the memory',
      `UPDATE image SET thumbnail = zeroblob(100000000)`,
      /larger than it can be/,
    ],
    [
      'a description that is none',
      `PRAGMA ignore_check_constraints = ON; UPDATE image SET info = '{"format":['`,
      /cannot be understood/,
    ],
    [
      'a description of something else',
      `UPDATE image SET info = '{"format":{"a":1}}'`,
      /cannot be understood/,
    ],
  ])('%s is told as damaged', (_what, sql, says) => {
    tamper(sql);
    const file = CaseFile.openReadOnly(path);
    expect(() => file.image()).toThrow(says);
    file.close();
  });
});

it('the schema of an open case cannot be changed by what is run in it', () => {
  const db = new Database(path);
  db.pragma('writable_schema = ON');
  expect(() => db.exec(`UPDATE sqlite_schema SET sql = ''`)).toThrow(/may not be modified/);
  db.close();
});
