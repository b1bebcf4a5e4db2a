import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { finish, storedRun } from './stored-run.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-reading-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files as they lie there when their writer is killed in the middle of a large change. */
function killedWriter(name: string): string {
  const [path, killed] = [join(folder, `${name}-alive`), join(folder, name)];
  const file = CaseFile.open(path, 'create', true);
  finish(file, storedRun(file), [0, 1]);
  file.close();
  const db = new Database(path);
  db.pragma('journal_mode = DELETE');
  // So small that pages are written before the commit.
  db.pragma('cache_size = 5');
  db.exec(`BEGIN IMMEDIATE; DELETE FROM tile_result; UPDATE image SET name = hex(zeroblob(200000))`);
  for (const part of ['', '-journal']) copyFileSync(path + part, killed + part);
  db.exec('ROLLBACK');
  db.close();
  expect(statSync(`${killed}-journal`).size).toBeGreaterThan(0);
  return killed;
}

it('a case whose writer was killed in the middle of a change is read as it was before, and left as it is', () => {
  const path = killedWriter('killed');
  const before = statSync(path).mtimeMs;
  const file = CaseFile.openReadOnly(path);
  expect([...file.tiles.results(1)]).toHaveLength(2);
  file.close();
  expect(statSync(path).mtimeMs).toBe(before);
  expect(existsSync(`${path}-journal`)).toBe(true);
});

it('a file that was killed while it was made is no case yet, and is called by its own name', () => {
  const path = join(folder, 'half-made');
  const db = new Database(`${path}-alive`);
  db.exec('CREATE TABLE t (x); DROP TABLE t; VACUUM');
  db.exec('BEGIN IMMEDIATE; CREATE TABLE t (x)');
  for (const part of ['', '-journal']) copyFileSync(`${path}-alive${part}`, path + part);
  db.exec('ROLLBACK');
  db.close();
  expect(() => CaseFile.openReadOnly(path)).toThrow(
    expect.objectContaining({ code: 'case-not-a-case', where: path }) as Error,
  );
});
