/** The table over a folder of cases. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { caseRow, casesIn } from '../../../src-main/engine/case-folder.ts';
import { caseTable } from '../../../src-main/reports/case-table.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { finish, storedRun } from '../store/stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has a row a case, with what is missing and after the decisions, and names no image', () => {
  expect(() => casesIn(folder)).toThrow(GigatileError);
  const path = join(folder, 'Doe John.gigatile');
  const file = CaseFile.open(path, 'create');
  const no = storedRun(file, 2, 2);
  finish(file, no, [0, 1, 2]);
  file.transaction(() => {
    file.findings.replace(
      no,
      [0.9, 0.8, 0.3].map((score, ordinal) => ({
        ordinal,
        id: () => `f${ordinal}`,
        kind: 'detection' as const,
        x: 1,
        y: 5,
        width: 8,
        height: 6,
        classIndex: 0,
        score,
        tile: ordinal,
      })),
    );
    const decision = { reviewer: 'A', modelSha256: 's', at: 'then' };
    file.decisions.add(no, { ...decision, finding: 'f1', verdict: 'rejected' });
  });
  file.close();
  writeFileSync(join(folder, 'broken.gigatile'), 'SQLite format 3\0 and nothing else');
  copyFileSync(path, join(folder, 'z.gigatile'));
  const cases = casesIn(folder);
  expect(cases).toHaveLength(3);
  const rows = cases.map((each) => caseRow(each, false));
  const [header = '', ...lines] = caseTable(rows).trimEnd().split('\r\n');
  const names = header.split(',');
  const cells = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
  expect(cells.map((row) => row['error'] !== '')).toEqual([false, true, false]);
  // Three of four tiles of 50 x 50 px at 0.5 µm: 0.001875 mm².
  expect(cells[0]).toMatchObject({
    image: 'Image f',
    run: 'run-1',
    state: 'running',
    tiles: '4',
    tiles_done: '3',
    tiles_failed: '0',
    analysed_mm2: '0.001875',
    findings: '2',
    accepted: '0',
    rejected: '1',
    undecided: '1',
    findings_per_area: '533.3333',
    count_nucleus: '1',
  });
  expect(caseTable(rows)).not.toMatch(/Doe|a\.tif/);
  expect(caseRow(path, true)).toMatchObject({ image: 'a.tif' });
});
