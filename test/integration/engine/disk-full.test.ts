/** A disk that is full in the middle of a run: what is missing is said, no attempt is spent, and the run goes on by itself with room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
let engine: EngineParts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-disk-full-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1600, 1400).png);
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: '1.2.3',
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const parameters = { mpp: 0.5, tileSize: 128, workers: 1 };

it('pauses with the bytes needed, and goes on without anybody when there is room', async (test) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return test.skip(`no small file system can be mounted here: ${String(error).split('\n')[0] ?? ''}`);
  }
  const elsewhere = await engine.cases.open(image, join(folder, 'undisturbed.gigatile'));
  const undisturbed = await elsewhere.startRun('he-nuclei', parameters);
  await undisturbed.ended;
  const session = await engine.cases.open(image, join(disk, 'c.gigatile'));
  try {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 120_000));
    const estimate = await session.estimate('he-nuclei', parameters);
    expect(estimate.bytes).toBeGreaterThan(estimate.freeBytes);
    const conductor = await session.startRun('he-nuclei', parameters);
    expect(session.file.runs.get(1).fit.notes.at(-1)).toMatch(
      /may need .* MB on the disk of the case, and 0\.1 MB are free/,
    );
    await conductor.ended;
    const { run, lastError } = conductor.event();
    expect(run.state).toBe('paused');
    expect(lastError).toMatchObject({
      code: 'disk-full',
      hint: expect.stringMatching(
        /^About \d.* MB are needed for the rest of the run, .* MB are free/,
      ) as string,
    });
    expect(run.reason).toContain(lastError?.hint);
    rmSync(join(disk, 'filler'));
    execFileSync('mount', ['-o', 'remount,size=64m', disk]);
    await expect.poll(() => conductor.event().run.state, { timeout: 30_000 }).toBe('complete');
    for (const row of session.file.tiles.load(1)) expect(row.attempts).toBe(0);
    const ids = ({ file }: typeof session): string[] =>
      [...file.findings.all(1)].map((finding) => finding.id);
    expect(ids(session).length).toBeGreaterThan(300);
    expect(ids(session)).toEqual(ids(elsewhere));
  } finally {
    await session.close();
    execFileSync('umount', [disk]);
  }
});
