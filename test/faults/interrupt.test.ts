/** Ended politely in the middle, and a disk that is full in the middle: the run rests, and goes on to the same end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { gigatile, parseLines, startGigatile } from '../support/cli.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { mountSmallDisk } from './support/small-disk.ts';

let folder: string;
let image: string;
let undisturbed: string[];

const analyze = (casePath: string): string[] => [
  'analyze',
  image,
  '--model',
  'he-nuclei',
  '--mpp',
  '0.5',
  '--tile',
  '128',
  // Nothing is measured first.
  '--workers',
  '2',
  '--threads',
  '1',
  '--batch',
  '1',
  '--case',
  casePath,
  '--json',
];

function findingsOf(casePath: string): string[] {
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.findings.all(1)].map((f) => `${f.ordinal} ${f.id} ${f.x} ${f.y} ${f.score}`);
  } finally {
    file.close();
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-interrupt-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(2400, 2000).png);
  const casePath = join(folder, 'undisturbed.gigatile');
  expect(gigatile(folder, analyze(casePath)).code).toBe(0);
  undisturbed = findingsOf(casePath);
  expect(undisturbed.length).toBeGreaterThan(1000);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('Ctrl-C leaves the run resumable, with exit code 130', async () => {
  const casePath = join(folder, 'sigint.gigatile');
  const child = startGigatile(folder, analyze(casePath));
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const before = printed;
    printed += text;
    // The first progress after the grid is there: tiles are being worked on.
    if (!before.includes('"step":"analyze"') && printed.includes('"step":"analyze"')) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  expect(code).toBe(130);
  expect(parseLines(printed).at(-1)).toMatchObject({ event: 'finished', state: 'interrupted' });
  const resumed = gigatile(folder, ['resume', casePath, '--json']);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(findingsOf(casePath)).toEqual(undisturbed);
});

it('a full disk pauses the run with the reason and costs no attempt; with room again it ends as if nothing had been', (test) => {
  const disk = mountSmallDisk(join(folder, 'disk'), '260k');
  if (disk.why !== null) return test.skip(disk.why);
  try {
    const casePath = join(disk.path, 'c.gigatile');
    const full = gigatile(folder, analyze(casePath));
    expect(full.stderr).toMatch(/disk is full/i);
    expect(full.code).toBe(1);
    disk.resize('64m');
    const known = gigatile(folder, ['runs', casePath, '--json']);
    const args =
      known.code === 0 && known.json().length > 0 ? ['resume', casePath, '--json'] : analyze(casePath);
    expect(args[0]).toBe('resume');
    const resumed = gigatile(folder, args);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(findingsOf(casePath)).toEqual(undisturbed);
    const file = CaseFile.openReadOnly(casePath);
    for (const row of file.tiles.load(1)) expect(row.attempts).toBe(0);
    file.close();
  } finally {
    disk.unmount();
  }
});
