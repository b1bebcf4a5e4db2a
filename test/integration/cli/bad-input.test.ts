/** What people hand over by mistake: one clear line on stderr, exit code 2, no stack trace, and nothing of theirs changed. */
import Database from 'better-sqlite3';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gigatile } from '../../support/cli.ts';
import type { CliAnswer } from '../../support/cli.ts';
import { testData } from '../../support/test-data.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
const at = (name: string): string => join(folder, name);
const run = (...args: string[]): CliAnswer => gigatile(at('data'), args, folder);

function expectOneLine(answer: CliAnswer, ...says: (string | RegExp)[]): void {
  for (const text of says) expect(answer.stderr).toMatch(text);
  expect(answer.code, answer.stderr).toBe(2);
  const lines = answer.stderr.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('gigatile: '))).toHaveLength(1);
  expect(answer.stderr).not.toMatch(/\n\s+at /);
}

/** A TIFF whose only directory names itself as the next one. */
function loopingTiff(): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 12 + 4);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(1, 8);
  bytes.writeUInt16LE(256, 10);
  bytes.writeUInt16LE(4, 12);
  bytes.writeUInt32LE(1, 14);
  bytes.writeUInt32LE(100, 18);
  bytes.writeUInt32LE(8, 22);
  return bytes;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-bad-'));
  image = at('tissue.png');
  writeFileSync(image, tissuePicture(700, 700, 100).png);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an image that is none', () => {
  it('a text called .svs', () => {
    writeFileSync(at('note.svs'), 'Dear colleague, the slide is in the other folder.\n');
    expectOneLine(run('info', at('note.svs')), 'note.svs');
  });

  it('a TIFF that goes round in circles', () => {
    writeFileSync(at('loop.tif'), loopingTiff());
    expectOneLine(run('info', at('loop.tif')), 'loop.tif', /loop|circle|again|twice/i);
  });

  it('a slide that was cut off while it was copied', (test) => {
    const slide = testData('pathology', 'CMU-1-Small-Region.svs');
    if (slide === null) return test.skip('the slide is not here');
    cpSync(slide, at('cut.svs'));
    chmodSync(at('cut.svs'), 0o644);
    truncateSync(at('cut.svs'), 900_000);
    expectOneLine(run('info', at('cut.svs')), 'cut.svs', /short|truncated|beyond|ends/i);
    expectOneLine(run('analyze', at('cut.svs'), '--model', 'he-nuclei'), 'cut.svs');
  });

  it('nothing at all', () => {
    expectOneLine(run('info', at('missing.svs')), 'missing.svs', 'no such file');
    writeFileSync(at('empty.tif'), '');
    expectOneLine(run('info', at('empty.tif')), 'empty.tif');
  });
});

describe('a model that is none', () => {
  it('a text called .onnx with a proper gigatile.json', () => {
    cpSync(join(import.meta.dirname, '../../../models/he-nuclei'), at('model'), { recursive: true });
    const manifest = JSON.parse(readFileSync(at('model/gigatile.json'), 'utf8')) as {
      files: { file: string }[];
    };
    writeFileSync(join(at('model'), manifest.files[0]?.file ?? ''), 'no model');
    const answer = run('analyze', image, '--mpp', '0.5', '--model', at('model'), '--case', at('m.gigatile'));
    expectOneLine(answer, /ONNX/i);
    expect(existsSync(at('m.gigatile'))).toBe(true);
  });

  it('an unknown name, and a file without any description', () => {
    expectOneLine(run('analyze', image, '--model', 'he-nucleus'), 'he-nucleus', 'he-nuclei');
    writeFileSync(at('text.onnx'), 'x');
    expectOneLine(run('analyze', image, '--model', at('text.onnx')), 'no whole ONNX file', 'text.onnx');
    cpSync(join(import.meta.dirname, '../../../models/he-nuclei/he-nuclei.onnx'), at('alone.onnx'));
    expectOneLine(run('analyze', image, '--model', at('alone.onnx')), 'gigatile.json');
  });

  it('one whose resolution the image does not give', () => {
    expectOneLine(run('analyze', image, '--model', 'he-nuclei'), '--mpp');
  });
});

describe('a case', () => {
  it('of a newer version is refused and stays as it is', () => {
    expect(
      run('analyze', image, '--mpp', '0.5', '--model', 'he-nuclei', '--case', at('new.gigatile')).code,
    ).toBe(0);
    const db = new Database(at('new.gigatile'));
    db.pragma('user_version = 77');
    db.close();
    for (const args of [['runs'], ['resume'], ['export', '--format', 'csv', '--out', at('x.csv')]]) {
      const [command = '', ...rest] = args;
      expectOneLine(run(command, at('new.gigatile'), ...rest), 'newer', 'new.gigatile');
    }
    const again = new Database(at('new.gigatile'));
    expect(again.pragma('user_version', { simple: true })).toBe(77);
    again.close();
  });

  it('whose image has gone says so; its runs can still be listed, and it works again when the image is back', () => {
    const moved = at('moved.png');
    writeFileSync(moved, tissuePicture(700, 700, 120).png);
    expect(
      run('analyze', moved, '--mpp', '0.5', '--model', 'he-nuclei', '--case', at('gone.gigatile')).code,
    ).toBe(0);
    renameSync(moved, at('elsewhere.png'));
    expectOneLine(
      run('export', at('gone.gigatile'), '--format', 'csv', '--out', at('y.csv')),
      'moved.png',
      'not where it was',
    );
    expect(run('runs', at('gone.gigatile'), '--json').json()[0]).toMatchObject({ state: 'complete' });
    renameSync(at('elsewhere.png'), moved);
    expect(run('export', at('gone.gigatile'), '--format', 'csv', '--out', at('y.csv')).code).toBe(0);
  });

  it('in a folder that does not exist, or a case that is a folder', () => {
    mkdirSync(at('folder.gigatile'));
    expectOneLine(run('runs', at('folder.gigatile')), 'folder');
    expectOneLine(run('runs', at('nowhere.gigatile')), 'no such case');
  });

  it('of another image is not overwritten', () => {
    expect(
      run('analyze', image, '--mpp', '0.5', '--model', 'he-nuclei', '--case', at('mine.gigatile')).code,
    ).toBe(0);
    const other = at('other.png');
    writeFileSync(other, tissuePicture(640, 640, 90).png);
    expectOneLine(
      run('analyze', other, '--mpp', '0.5', '--model', 'he-nuclei', '--case', at('mine.gigatile')),
      'another image',
    );
    expect(run('runs', at('mine.gigatile'), '--json').json()).toHaveLength(1);
  });
});

describe('wrong words', () => {
  it.each([
    [['frobnicate'], 'frobnicate'],
    [['analyze'], 'one image and --model'],
    [['analyze', 'a.png', '--modle', 'x'], '--modle'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--tile', '-4'], 'tile'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--grid', '3'], '--grid 3'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--merge', 'sahi:NMS'], '--merge sahi:NMS'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--threshold', '2'], '--threshold 2'],
    [['sample', 'pathology', '--out', 'x.tif'], '--size'],
    [['serve', '--port', 'http'], '--port http'],
  ])('%j are named', (args, word) => {
    expectOneLine(run(...args), word);
  });
});

it('a port that is taken is named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  try {
    expectOneLine(run('serve', image, '--port', String(port)), String(port));
  } finally {
    server.close();
  }
});

it('a folder that may not be written to is named, and nothing of the run is started', (test) => {
  if (process.getuid?.() === 0 && !existsSync('/sys/kernel')) return test.skip('root may write everywhere');
  // Root may write into any folder of a disk, but nobody may into /sys.
  const answer = run(
    'analyze',
    image,
    '--mpp',
    '0.5',
    '--model',
    'he-nuclei',
    '--case',
    '/sys/kernel/c.gigatile',
  );
  expectOneLine(answer, '/sys/kernel');
});
