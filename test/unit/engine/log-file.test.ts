import * as fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scrub } from '../../../src-main/core/scrub.ts';
import { LogFile } from '../../../src-main/engine/log-file.ts';

describe('a text that may leave the machine', () => {
  it.each([
    ['image worker: /data/Müller, Anna/2024 slide.svs cannot be read', /Müller|Anna|slide/],
    ['opened "/home/dr anna/Befunde/Anna Müller 1970.ndpi" twice', /anna|Befunde|1970/i],
    ['C:\\Users\\Anna Muster\\Pictures\\x.tif is locked', /Anna|Muster|Pictures/],
    ['\\\\server\\pathology\\Anna.svs is away', /server|pathology|Anna/],
    ['GET https://anna:secret@slides.example/Anna%20Muster.svs?token=abc: 403', /anna|secret|slides|token/i],
    ['the case Anna Müller-Lüdenscheidt.gigatile is damaged', /Müller|Lüdenscheidt/],
    ['~/slides/anna.tif', /anna|slides/],
    ['file:///home/anna/x.onnx', /anna/],
    ['reviewer Dr. Ω decided', /Ω/],
  ])('loses what names somebody: %s', (text, never) => {
    expect(scrub(text, ['Dr. Ω'])).not.toMatch(never);
  });

  it('keeps what helps to find the fault', () => {
    const stack = `Error: boom\n    at run (file:///opt/app/out/main/engine.entry.js:12:34)\n    at /work/x/src-main/engine/a.ts:5`;
    expect(scrub(stack)).toBe(
      `Error: boom\n    at run (out/main/engine.entry.js:12:34)\n    at src-main/engine/a.ts:5`,
    );
    expect(scrub('inference worker 3 ended: SIGSEGV, 12/345 tiles, 75 %')).toBe(
      'inference worker 3 ended: SIGSEGV, 12/345 tiles, 75 %',
    );
  });

  it('never holds a name that is known, however it is put', () => {
    const around = fc.constantFrom(' ', '/', '\\', '"', "'", '.', ':', '\n', '(', '');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, fc.constantFrom('Anna Muster', 'ANNA MUSTER', 'tile', 'C:\\'), around)),
        (parts) => {
          expect(scrub(parts.flat().join(''), ['Anna Muster'])).not.toMatch(/anna muster/i);
        },
      ),
    );
  });
});

describe('the log', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-log-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds lines with their time, without names, for nobody else to read', () => {
    const path = join(folder, 'logs', 'engine.log');
    const log = new LogFile(
      path,
      () => ['Muster'],
      () => new Date(0),
    );
    log.add('started');
    log.add('Muster failed\nat /x/y');
    expect(readFileSync(path, 'utf8')).toBe(
      '1970-01-01T00:00:00.000Z started\n1970-01-01T00:00:00.000Z [name] failed\n    at [path]\n',
    );
    expect(log.tail(2)).toBe('1970-01-01T00:00:00.000Z [name] failed\n    at [path]');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('leaves nothing behind where its folder is removed once it is closed', () => {
    const logs = join(folder, 'logs');
    const log = new LogFile(join(logs, 'engine.log'), () => []);
    log.add('started');
    log.close();
    rmSync(logs, { recursive: true });
    log.add('a worker ended');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never grows beyond three files of half a megabyte, and its newest lines are at hand', () => {
    const log = new LogFile(join(folder, 'engine.log'), () => []);
    const line = 'x'.repeat(7900);
    for (let i = 0; i < 300; i++) log.add(`${i} ${line}`);
    expect(readdirSync(folder).toSorted()).toEqual(['engine.1.log', 'engine.2.log', 'engine.log']);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(530_000);
    expect(log.tail(1)).toMatch(/ 299 x/);
    expect(log.tail(10).split('\n')).toHaveLength(10);
  });
});
