/** The views for people who query a case. */
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { finish, manifest, storedRun } from './stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-views-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('say runs, tiles, findings and decisions by name, and what is in force', () => {
  const path = join(folder, 'a.gigatile');
  const file = CaseFile.open(path, 'create');
  const no = storedRun(file, 2, 2);
  finish(file, no, [0, 1, 2]);
  file.transaction(() => {
    file.findings.replace(
      no,
      [0.9, 0.7, 0.3].map((score, ordinal) => ({
        ordinal,
        id: () => `f${ordinal}`,
        kind: 'detection' as const,
        x: ordinal * 10,
        y: 5,
        width: 8,
        height: 6,
        classIndex: 0,
        score,
        tile: ordinal,
      })),
    );
    const decision = { reviewer: 'A', modelSha256: 's', at: 'then' };
    file.decisions.add(no, { ...decision, finding: 'f0', verdict: 'accepted' });
    file.decisions.add(no, { ...decision, finding: 'f0', verdict: 'rejected', note: 'debris' });
    file.decisions.add(no, { ...decision, finding: 'f1', verdict: 'rejected' });
    file.decisions.undo(no, decision);
  });
  file.close();
  const db = new Database(path, { readonly: true });
  const nucleus = manifest.classes[0]?.name;
  expect(
    db.prepare('SELECT run, state, model, tiles, tiles_done, tiles_failed, findings FROM runs').all(),
  ).toEqual([
    { run: 1, state: 'running', model: manifest.name, tiles: 4, tiles_done: 3, tiles_failed: 0, findings: 2 },
  ]);
  expect(
    db.prepare('SELECT tile, tile_column, tile_row, state, score FROM tiles WHERE tile >= 2').all(),
  ).toEqual([
    { tile: 2, tile_column: 0, tile_row: 1, state: 'done', score: 0.5 },
    { tile: 3, tile_column: 1, tile_row: 1, state: 'pending', score: null },
  ]);
  expect(
    db.prepare('SELECT id, class, model_class, above_threshold, verdict, note, reviewer FROM findings').all(),
  ).toEqual([
    {
      id: 'f0',
      class: nucleus,
      model_class: nucleus,
      above_threshold: 1,
      verdict: 'rejected',
      note: 'debris',
      reviewer: 'A',
    },
    {
      id: 'f1',
      class: nucleus,
      model_class: nucleus,
      above_threshold: 1,
      verdict: null,
      note: null,
      reviewer: null,
    },
    {
      id: 'f2',
      class: nucleus,
      model_class: nucleus,
      above_threshold: 0,
      verdict: null,
      note: null,
      reviewer: null,
    },
  ]);
  expect(db.prepare('SELECT finding, action, counts FROM decisions ORDER BY seq').all()).toEqual([
    { finding: 'f0', action: 'decide', counts: 1 },
    { finding: 'f0', action: 'decide', counts: 1 },
    { finding: 'f1', action: 'decide', counts: 0 },
    { finding: 'f1', action: 'undo', counts: 0 },
  ]);
  db.close();
});
