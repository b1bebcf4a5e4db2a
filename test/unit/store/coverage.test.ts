/** What was looked at, in the case: each reviewer's own, kept over a close, also when two windows add to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LookCoverage } from '../../../src-main/core/look-coverage.ts';
import { addLooks, coverageOf } from '../../../src-main/engine/coverage.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { imageInfo, storedRun } from './stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-coverage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('adds up for each reviewer and is there when the case is opened again', () => {
  const path = join(folder, 'a.gigatile');
  const file = CaseFile.open(path, 'create');
  storedRun(file);
  expect(coverageOf(file)).toEqual([]);
  const left = { x: 0, y: 0, width: 50, height: 100 };
  addLooks(file, 'Dr. A', [{ rect: left, pixels: 1 }]);
  addLooks(file, 'Dr. A', [{ rect: { ...left, x: 50 }, pixels: 8 }]);
  const own = addLooks(file, 'Dr. B', [{ rect: left, pixels: 2 }]);
  file.close();

  const again = CaseFile.open(path, 'write');
  const kept = coverageOf(again);
  again.close();
  expect(kept.map(({ reviewer }) => reviewer)).toEqual(['Dr. A', 'Dr. B']);
  expect(kept[1]).toEqual(own);
  const share = (at: number, pixels: number): number =>
    new LookCoverage(imageInfo, Buffer.from(kept[at]?.cells ?? '', 'base64')).share(pixels);
  expect([share(0, 1), share(0, 8)]).toEqual([0.5, 1]);
  expect([share(1, 1), share(1, 2)]).toEqual([0, 0.5]);
});

it('keeps nothing in a case that can only be looked at', () => {
  const path = join(folder, 'b.gigatile');
  const made = CaseFile.open(path, 'create');
  storedRun(made);
  made.close();
  const file = CaseFile.openReadOnly(path);
  const look = { rect: { x: 0, y: 0, width: 1, height: 1 }, pixels: 1 };
  expect(() => addLooks(file, 'Dr. A', [look])).toThrow(expect.objectContaining({ code: 'not-writable' }));
  file.close();
});
