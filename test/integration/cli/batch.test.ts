/** `gigatile analyze` with a folder: a case an image, one table; interrupted and given again, it goes on where it was. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gigatile, parseLines, startGigatile } from '../../support/cli.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let images: string;
let args: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-batch-'));
  images = join(folder, 'images');
  mkdirSync(images);
  for (const [name, seed] of Object.entries({ a: 5, b: 9, d: 12 }))
    writeFileSync(join(images, `${name}.png`), tissuePicture(700, 600, seed).png);
  writeFileSync(join(images, 'c.png'), 'no picture');
  const options = '--each --model he-nuclei --mpp 0.5 --tile 128 --threads 1 --batch 1 --json';
  args = ['analyze', images, ...options.split(' '), '--out', join(folder, 'out')];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  image: string;
  state: string;
  findings: number;
  reused: boolean;
  case: string | null;
  run: string;
  error: { code: string } | null;
}
const rows = (): Row[] =>
  (JSON.parse(readFileSync(join(folder, 'out/summary.json'), 'utf8')) as { images: Row[] }).images;

test('an interrupted batch is gone on with by the same command; a bad image hurts no other', async () => {
  const first = startGigatile(join(folder, 'data'), args);
  let printed = '';
  first.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    // As soon as the first image is through: the second one is begun, or about to be.
    if (!first.killed && printed.includes('"image-finished"')) first.kill('SIGINT');
  });
  expect(await once(first, 'exit')).toEqual([130, null]);
  expect(parseLines(printed).at(-1)).toMatchObject({ event: 'batch-finished', state: 'paused' });
  expect(rows()[0]).toMatchObject({ image: 'a.png', state: 'complete' });
  expect(rows().at(-1)?.state).toBe('waiting');

  const second = gigatile(join(folder, 'data'), args);
  expect(second.code, second.stderr).toBe(1);
  expect(second.json().at(-1)).toMatchObject({ state: 'finished', counts: { complete: 3, failed: 1 } });
  const [a, b, c, d] = rows();
  expect(a).toMatchObject({ state: 'complete', reused: true, run: 'run-1' });
  expect([b?.state, d?.state]).toEqual(['complete', 'complete']);
  // Gone on with, not begun again.
  expect([b?.run, d?.run]).toEqual(['run-1', 'run-1']);
  expect(c).toMatchObject({ state: 'failed', error: { code: 'format-unknown' }, case: null });
  expect(a?.findings).toBeGreaterThan(50);
  expect(readdirSync(join(folder, 'out')).sort()).toHaveLength(5);
  const csv = readFileSync(join(folder, 'out/summary.csv'), 'utf8').split('\r\n');
  expect(csv[0]).toMatch(/^image,state,findings,tiles/);
  expect(csv).toHaveLength(6);

  // Reports of all of them, until Ctrl-C, which a terminal sends to the workers, too: what is there is whole.
  const out = join(folder, 'reports');
  const exporting = ['export', dirname(a?.case ?? ''), '--format', 'pdf', '--out', out];
  const third = startGigatile(join(folder, 'data'), exporting);
  let said = '';
  third.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  third.stdout?.once('data', () => process.kill(-(third.pid ?? Number.NaN), 'SIGINT'));
  expect(await once(third, 'exit')).toEqual([130, null]);
  expect(said).toMatch(/^gigatile: interrupted: [12] of 3 cases are written, each whole\n$/);
  const written = readdirSync(out);
  expect(written).toHaveLength(Number(/\d/.exec(said)?.[0]));
  for (const name of written)
    expect(readFileSync(join(out, name), 'latin1')).toMatch(/^%PDF-[\s\S]*%%EOF\s*$/);

  // A part again, in one of them.
  const again = gigatile(join(folder, 'data'), ['rerun', b?.case ?? '', '--region', '0,0,150,150', '--json']);
  expect(again.code, again.stderr).toBe(0);
  expect(again.json().at(-1)).toMatchObject({ run: 'run-1', state: 'complete', findings: b?.findings });
  const nowhere = gigatile(join(folder, 'data'), ['rerun', b?.case ?? '', '--region', '1,2,3']);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('--region x,y,width,height')]);
});
