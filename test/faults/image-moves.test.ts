/**
 * The image moves away, becomes another one or is cut short in the middle of a run: the run pauses with the reason, no attempt is
 * spent, nothing that was read from the wrong file counts, and at the image's new place it ends like an undisturbed one.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { gigatile, parseLines, startGigatile } from '../support/cli.ts';
import { killIfThere } from '../support/kill.ts';
import { tissuePicture } from '../support/tissue-png.ts';

let folder: string;
let original: string;
let other: string;
let undisturbed: string[];

const analyze = (image: string, casePath: string): string[] => [
  'analyze',
  image,
  '--model=he-nuclei',
  '--mpp=0.5',
  '--tile=128',
  // Nothing is measured first.
  '--workers=1',
  '--threads=1',
  '--batch=1',
  '--json',
  `--case=${casePath}`,
];

function findingsOf(casePath: string): string[] {
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.findings.all(1)].map(
      (f) => `${f.ordinal} ${f.id} ${f.x} ${f.y} ${f.classIndex} ${f.score}`,
    );
  } finally {
    file.close();
  }
}

function stateOf(casePath: string): { state: string; reason: string | null; attempts: number; done: number } {
  const file = CaseFile.openReadOnly(casePath);
  try {
    const { state, reason } = file.runs.get(1);
    const attempts = [...file.tiles.load(1)].reduce((sum, tile) => sum + tile.attempts, 0);
    return { state, reason, attempts, done: file.tiles.counts(1).done };
  } finally {
    file.close();
  }
}

/** Of a case that is being written: before its run is there, there are none. */
function hasTilesDone(casePath: string): boolean {
  const database = new Database(casePath, { readonly: true });
  try {
    const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'tile'").pluck().get();
    return tables === 1 && database.prepare('SELECT 1 FROM tile WHERE state = 2 LIMIT 1').get() !== undefined;
  } finally {
    database.close();
  }
}

/** The run may have noticed before: then its workers have ended already. */
function killWorkerOf(pid: number): void {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid), '-f', 'inference.entry'], { encoding: 'utf8' });
  const [worker] = stdout.split('\n').filter(Boolean).map(Number);
  if (worker !== undefined) killIfThere(worker);
}

/** A run in whose middle something happens to its image; how it ended. */
async function disturbed(
  image: string,
  casePath: string,
  disturb: (killWorker: () => void) => void,
): Promise<{ code: number | null; lines: Record<string, unknown>[]; stderr: string }> {
  const child = startGigatile(folder, analyze(image, casePath));
  let printed = '';
  let stderr = '';
  let isDisturbed = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  // As soon as the first tiles are durable: what is printed, once a second, may come after the last of them.
  const watching = setInterval(() => {
    if (isDisturbed || !existsSync(casePath) || !hasTilesDone(casePath)) return;
    isDisturbed = true;
    disturb(() => killWorkerOf(child.pid ?? -1));
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(watching);
  expect(isDisturbed, printed.slice(-2000)).toBe(true);
  return { code, lines: parseLines(printed), stderr };
}

function scene(name: string): { image: string; casePath: string } {
  const image = join(folder, `${name}.tif`);
  copyFileSync(original, image);
  return { image, casePath: join(folder, `${name}.gigatile`) };
}

function expectPaused(casePath: string, reason: RegExp): void {
  const { state, reason: said, attempts, done } = stateOf(casePath);
  expect(said).toMatch(reason);
  expect(state).toBe('paused');
  expect(attempts).toBe(0);
  expect(done).toBeGreaterThan(0);
}

function expectLikeUndisturbed(casePath: string, ...resume: string[]): void {
  const resumed = gigatile(folder, ['resume', casePath, '--json', ...resume]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(findingsOf(casePath)).toEqual(undisturbed);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-moves-'));
  original = join(folder, 'original.tif');
  other = join(folder, 'other.tif');
  // Tiles on the disk, most of which nobody has read yet when the first are done: it has to read on while the run goes on.
  for (const [path, glass] of [
    [original, 300],
    [other, 340],
  ] as const) {
    const tiff = sharp(tissuePicture(2200, 2200, glass).png).tiff({ compression: 'deflate', tile: true });
    writeFileSync(path, await tiff.toBuffer());
  }
  const casePath = join(folder, 'undisturbed.gigatile');
  expect(gigatile(folder, analyze(original, casePath)).code).toBe(0);
  undisturbed = findingsOf(casePath);
  expect(undisturbed.length).toBeGreaterThan(1000);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('moved away: pauses, refuses another image by both names, goes on at the new place', async () => {
  const { image, casePath } = scene('moved');
  const away = join(folder, 'elsewhere.tif');
  const { code, stderr, lines } = await disturbed(image, casePath, (killWorker) => {
    renameSync(image, away);
    // The worker that follows this one has to open the image anew.
    killWorker();
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/The image "moved\.tif" is not where it was .*--image <path>/);
  expect(lines.at(-1)).toMatchObject({ event: 'finished', state: 'interrupted' });
  expectPaused(casePath, /"moved\.tif" is not where it was/);

  const nowhere = gigatile(folder, ['resume', casePath]);
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toMatch(/"moved\.tif" is not where it was/);
  const wrong = gigatile(folder, ['resume', casePath, '--image', other]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/"other\.tif" is not the image of this case, "moved\.tif"/);
  expectPaused(casePath, /"moved\.tif" is not where it was/);

  expectLikeUndisturbed(casePath, '--image', away);
  const file = CaseFile.openReadOnly(casePath);
  expect(file.image()).toMatchObject({ path: away, name: 'elsewhere.tif' });
  file.close();
});

it('replaced by another image of the same name: nothing of that one counts', async () => {
  const { image, casePath } = scene('replaced');
  const { code, stderr } = await disturbed(image, casePath, () => renameSync(other, image));
  renameSync(image, other);
  expect(stderr).toMatch(/"replaced\.tif" has changed since it was analysed: it is another image now/);
  expect(code).toBe(2);
  expectPaused(casePath, /has changed/);
  copyFileSync(original, image);
  expectLikeUndisturbed(casePath);
});

it('cut short, and overwritten in place: pauses, and what came of the wrong bytes is done again', async () => {
  for (const [name, disturb] of [
    ['short', (image: string) => truncateSync(image, 5000)],
    ['overwritten', (image: string) => copyFileSync(other, image)],
  ] as const) {
    const { image, casePath } = scene(name);
    const { code, stderr } = await disturbed(image, casePath, () => disturb(image));
    expect(stderr, name).toMatch(/has changed since it was analysed/);
    expect(code, name).toBe(2);
    expectPaused(casePath, /has changed/);
    copyFileSync(original, image);
    expectLikeUndisturbed(casePath);
  }
});

it('only touched: goes on', async () => {
  const { image, casePath } = scene('touched');
  const { code, stderr } = await disturbed(image, casePath, () =>
    utimesSync(image, new Date(0), new Date(0)),
  );
  expect(code, stderr).toBe(0);
  expect(findingsOf(casePath)).toEqual(undisturbed);
});
