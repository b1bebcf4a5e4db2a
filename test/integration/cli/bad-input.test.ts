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
import { gigatileHere } from '../../support/cli-here.ts';
import { gigatile } from '../../support/cli.ts';
import type { CliAnswer } from '../../support/cli.ts';
import { testData } from '../../support/test-data.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
const at = (name: string): string => join(folder, name);
const run = (...args: string[]): Promise<CliAnswer> => gigatileHere(at('data'), args);

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
  it('a text called .svs', async () => {
    writeFileSync(at('note.svs'), 'Dear colleague, the slide is in the other folder.\n');
    expectOneLine(await run('info', at('note.svs')), 'note.svs');
  });

  it('a TIFF that goes round in circles', async () => {
    writeFileSync(at('loop.tif'), loopingTiff());
    expectOneLine(await run('info', at('loop.tif')), 'loop.tif', /loop|circle|again|twice/i);
  });

  it('a slide that was cut off while it was copied', async (test) => {
    const slide = testData('pathology', 'CMU-1-Small-Region.svs');
    if (slide === null) return test.skip('the slide is not here');
    cpSync(slide, at('cut.svs'));
    chmodSync(at('cut.svs'), 0o644);
    truncateSync(at('cut.svs'), 900_000);
    expectOneLine(await run('info', at('cut.svs')), 'cut.svs', /short|truncated|beyond|ends/i);
    expectOneLine(await run('analyze', at('cut.svs'), '--model', 'he-nuclei'), 'cut.svs');
  });

  it('nothing at all', async () => {
    expectOneLine(await run('info', at('missing.svs')), 'missing.svs', 'no such file');
    writeFileSync(at('empty.tif'), '');
    expectOneLine(await run('info', at('empty.tif')), 'empty.tif');
  });
});

describe('a model that is none', () => {
  it('a text called .onnx with a proper gigatile.json', async () => {
    cpSync(join(import.meta.dirname, '../../../models/he-nuclei'), at('model'), { recursive: true });
    const manifest = JSON.parse(readFileSync(at('model/gigatile.json'), 'utf8')) as {
      files: { file: string }[];
    };
    writeFileSync(join(at('model'), manifest.files[0]?.file ?? ''), 'no model');
    const answer = await run(
      'analyze',
      image,
      '--mpp',
      '0.5',
      '--model',
      at('model'),
      '--case',
      at('m.gigatile'),
    );
    expectOneLine(answer, /ONNX/i);
    expect(existsSync(at('m.gigatile'))).toBe(true);
  });

  it('an unknown name, and a file without any description', async () => {
    expectOneLine(await run('analyze', image, '--model', 'he-nucleus'), 'he-nucleus', 'he-nuclei');
    writeFileSync(at('text.onnx'), 'x');
    expectOneLine(await run('analyze', image, '--model', at('text.onnx')), 'no whole ONNX file', 'text.onnx');
    cpSync(join(import.meta.dirname, '../../../models/he-nuclei/he-nuclei.onnx'), at('alone.onnx'));
    expectOneLine(await run('analyze', image, '--model', at('alone.onnx')), 'gigatile.json');
  });

  it('one whose resolution the image does not give', async () => {
    expectOneLine(await run('analyze', image, '--model', 'he-nuclei'), '--mpp');
  });
});

describe('a case', () => {
  const moved = (): string => at('moved.png');
  /** A copy of one with a complete run. */
  const caseOf = (name: string): string => {
    cpSync(at('made.gigatile'), at(name));
    return at(name);
  };
  beforeAll(async () => {
    writeFileSync(moved(), tissuePicture(700, 700, 120).png);
    const options = ['--mpp', '0.5', '--model', 'he-nuclei', '--case', at('made.gigatile')];
    expect((await run('analyze', moved(), ...options)).code).toBe(0);
  });

  it('of a newer version is refused and stays as it is', async () => {
    const path = caseOf('new.gigatile');
    const db = new Database(path);
    db.pragma('user_version = 77');
    db.close();
    for (const args of [['runs'], ['resume'], ['export', '--format', 'csv', '--out', at('x.csv')]]) {
      const [command = '', ...rest] = args;
      expectOneLine(await run(command, path, ...rest), 'newer', 'new.gigatile');
    }
    const again = new Database(path);
    expect(again.pragma('user_version', { simple: true })).toBe(77);
    again.close();
  });

  it('whose image has gone says so; its runs can still be listed, and it works again when the image is back', async () => {
    const path = caseOf('gone.gigatile');
    const asCsv = ['export', path, '--format', 'csv', '--out', at('y.csv')];
    renameSync(moved(), at('elsewhere.png'));
    expectOneLine(await run(...asCsv), 'moved.png', 'not where it was');
    expect((await run('runs', path, '--json')).json()[0]).toMatchObject({ state: 'complete' });
    renameSync(at('elsewhere.png'), moved());
    expect((await run(...asCsv)).code).toBe(0);
  });

  it('in a folder that does not exist, or a case that is a folder', async () => {
    mkdirSync(at('folder.gigatile'));
    expectOneLine(await run('runs', at('folder.gigatile')), 'folder');
    expectOneLine(await run('runs', at('nowhere.gigatile')), 'no such case');
  });

  it('of another image is not overwritten', async () => {
    const path = caseOf('mine.gigatile');
    expectOneLine(
      await run('analyze', image, '--mpp', '0.5', '--model', 'he-nuclei', '--case', path),
      'another image',
    );
    expect((await run('runs', path, '--json')).json()).toHaveLength(1);
  });
});

describe('wrong words', () => {
  it.each([
    [['analyze'], 'analyze takes an image'],
    [['analyze', 'a.png', '--modle', 'x'], '--modle'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--tile', '-4'], 'tile'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--grid', '3'], '--grid 3'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--merge', 'sahi:NMS'], '--merge sahi:NMS'],
    [['analyze', 'a.png', '--model', 'he-nuclei', '--threshold', '2'], '--threshold 2'],
    [['sample', 'pathology', '--out', 'x.tif'], '--size'],
    [['serve', '--port', 'http'], '--port http'],
  ])('%j are named', async (args, word) => {
    expectOneLine(await run(...args), word);
  });
});

it('a process ends with that line and that code', () => {
  expectOneLine(gigatile(at('data'), ['frobnicate'], folder), 'frobnicate');
});

it('a port that is taken is named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  try {
    expectOneLine(await run('serve', image, '--port', String(port)), String(port));
  } finally {
    server.close();
  }
});

it('a folder that may not be written to is named, and nothing of the run is started', async (test) => {
  if (process.getuid?.() === 0 && !existsSync('/sys/kernel')) return test.skip('root may write everywhere');
  // Root may write into any folder of a disk, but nobody may into /sys.
  const answer = await run(
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
