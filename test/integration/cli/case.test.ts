/** `gigatile case`: what a person does with the file itself, from looking at it to getting it back after damage. */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatileHere } from '../../support/cli-here.ts';
import { finish, storedRun } from '../../unit/store/stored-run.ts';

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-case-'));
  path = join(folder, 'slide.gigatile');
  const file = CaseFile.open(path, 'create');
  const run = storedRun(file, 30, 30);
  finish(file, run, [0, 1]);
  file.transaction(() =>
    file.decisions.add(run, { finding: 'x', verdict: 'accepted', reviewer: 'A', modelSha256: 's', at: '' }),
  );
  file.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): ReturnType<typeof gigatileHere> => gigatileHere(folder, ['case', ...args]);

it('says what it is, also while somebody works on it, and who that is', async () => {
  const file = CaseFile.open(path, 'write');
  const answer = await run('info', path, '--json');
  const plain = await run('info', path);
  file.close();
  expect(answer.code, answer.stderr).toBe(0);
  expect(answer.json()[0]).toMatchObject({
    name: 'slide.gigatile',
    imageName: 'a.tif',
    runs: 1,
    tiles: 900,
    decisions: 1,
    place: 'local',
    durability: 'write-ahead log, synchronous=FULL',
    owner: { pid: process.pid },
    backups: [{ name: 'slide.gigatile.backup' }],
  });
  expect(plain.stdout).toMatch(new RegExp(`open in +process ${process.pid} on `));
  expect(plain.stdout).toMatch(/backup +slide\.gigatile\.backup, 20/);
});

it('is copied, and nothing is overwritten', async () => {
  const copy = join(folder, 'copy.gigatile');
  expect((await run('copy', path, '--out', copy)).code).toBe(0);
  const again = await run('copy', path, '--out', copy);
  expect(again.code).toBe(2);
  expect(again.stderr).toMatch(/There is a file of this name already/);
  const file = CaseFile.openReadOnly(copy);
  expect(file.tiles.counts(1)).toMatchObject({ total: 900, done: 2 });
  expect(file.check()).toEqual([]);
  file.close();
});

it('is checked page by page; a damaged one is named with its backup, which brings it back', async () => {
  expect((await run('check', path)).stdout).toMatch(/sound/);
  const handle = openSync(path, 'r+');
  writeSync(handle, Buffer.alloc(2 * 4096, 0x5a), 0, 2 * 4096, 6 * 4096);
  closeSync(handle);
  const damaged = await run('check', path);
  expect(damaged.code).toBe(2);
  expect(damaged.stderr).toMatch(/damaged.*backup of 20.* is sound.*gigatile case restore/);
  const restored = await run('restore', path);
  expect(restored.code, restored.stderr).toBe(0);
  expect(restored.stdout).toMatch(/The file that was there is now .*\.damaged-20/);
  const file = CaseFile.openReadOnly(path);
  expect(file.check()).toEqual([]);
  expect(file.decisions.history(1, 'x')).toHaveLength(1);
  file.close();
  expect(readdirSync(folder).filter((name) => /\.part-|gigatile-(wal|shm)$/.test(name))).toEqual([]);
});

it('refuses what it does not know in one line', async () => {
  expect((await run('mend', path)).stderr).toMatch(
    /^gigatile: case takes one of info, check, copy, restore, compact/,
  );
});
