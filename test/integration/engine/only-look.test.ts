/** Cases that cannot be worked on: on a disk that is read-only, or open in another program. They say so, and can be looked at. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
let engine: EngineParts;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-only-look-'));
  image = at('tissue.png');
  writeFileSync(image, tissuePicture(1400, 1200).png);
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: at('data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: '1.2.3',
  });
  const session = await engine.cases.open(image, at('finished.gigatile'));
  const conductor = await session.startRun('he-nuclei', { mpp: 0.5, tileSize: 256, workers: 1 });
  await conductor.ended;
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A case of its own with that run, closed. */
async function caseAt(path: string): Promise<string> {
  await engine.cases.get((await engine.cases.openCase(at('finished.gigatile'))).id).file.saveCopy(path);
  return path;
}

it('on a read-only disk: everything is shown, every change is refused, a copy can be worked on', async (test) => {
  const disk = at('disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return test.skip(`no file system can be mounted here: ${String(error).split('\n')[0] ?? ''}`);
  }
  try {
    const path = await caseAt(join(disk, 'c.gigatile'));
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const session = await engine.cases.open(path);
    const view = session.view();
    expect(view.readOnly).toMatch(/cannot be written/);
    expect(view.runs).toMatchObject([{ state: 'complete' }]);
    expect(view.runs[0]?.findings).toBeGreaterThan(10);
    await expect(session.startRun('he-nuclei', { mpp: 0.5 })).rejects.toMatchObject({ code: 'not-writable' });
    expect(() => session.resumeRun(1, true)).toThrow(/there is nothing to go on with/);
    const made = await engine.exportToTemporary(session.id, 'case', 'copy');
    expect(made.name).toBe('c-copy.gigatile');
    copyFileSync(made.path, at('worked-on.gigatile'));
    rmSync(made.folder, { recursive: true });
    const copy = await engine.cases.open(at('worked-on.gigatile'));
    expect(copy.view().readOnly).toBe(undefined);
    await session.close();
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    // Once it can be written to, opening it again is enough.
    const again = await engine.cases.open(path);
    expect(again.view().readOnly).toBe(undefined);
    await again.close();
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

it('open elsewhere: refused by its owner, looked at on request, and worked on when that has ended', async () => {
  const path = await caseAt(at('taken.gigatile'));
  const file = CaseFile.open(path, 'write');
  file.transaction(() => file.runs.transition(1, ['complete'], { state: 'running', step: 'analyze' }));
  file.close();
  const before = readFileSync(path);
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: 7, host: 'elsewhere', since: '2026-01-02T03:04:05Z' }));
  await expect(engine.cases.open(path)).rejects.toMatchObject({
    code: 'case-locked',
    message: 'This case is open on elsewhere since 2026-01-02T03:04:05Z',
  });
  const session = await engine.cases.open(path, undefined, true);
  expect(session.view()).toMatchObject({
    readOnly: 'This case is open on elsewhere since 2026-01-02T03:04:05Z',
    // Nobody conducts it here, so that it can't be paused from here either.
    runs: [{ state: 'interrupted', reason: expect.stringMatching(/^It goes on in process 7 on elsewhere/) }],
  });
  expect(readFileSync(path)).toEqual(before);
  rmSync(`${path}.lock`);
  const again = await engine.cases.open(path);
  expect(again.view()).toMatchObject({ runs: [{ state: 'interrupted' }] });
  expect(again.view().readOnly).toBe(undefined);
  expect(existsSync(`${path}.lock`)).toBe(true);
  expect(() => engine.cases.restore(path)).toThrow(/is open/);
});
