import { execFileSync, fork } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { FindingView } from '../../../src-main/contract/finding.ts';
import type { ExportJob } from '../../../src-main/engine/export-job.ts';
import { dataWriters } from '../../../src-main/engine/data-writers.ts';
import { writeClassRaster } from '../../../src-main/engine/raster-files.ts';
import { writeGeopackage } from '../../../src-main/reports/geopackage/geopackage.ts';
import { writeFileWhole } from '../../../src-main/reports/write-file.ts';
import { sampleReport, slide } from '../../support/sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-write-'));
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync('umount', [mount]);
  rmSync(folder, { recursive: true, force: true });
});

/** A small file system of its own; null where this user may not mount one. */
function smallDisk(name: string, options: string): string | null {
  const path = join(folder, name);
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    console.log(`skipped: mounting a small disk needs more rights (${name})`);
    return null;
  }
  mounts.push(path);
  return path;
}

async function* chunks(count: number, size = 1 << 16): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield 'x'.repeat(size);
}

async function errorOf(promise: Promise<void>): Promise<GigatileError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(GigatileError);
    return error as GigatileError;
  }
  throw new Error('nothing was thrown');
}

describe('writing a file whole', () => {
  it('writes text and bytes in their order, and leaves nothing else', async () => {
    const home = join(folder, 'plain');
    mkdirSync(home);
    await writeFileWhole(join(home, 'a.txt'), ['µm ', new Uint8Array([0xc2, 0xb2]), ' end']);
    expect(readFileSync(join(home, 'a.txt'), 'utf8')).toBe('µm ² end');
    await writeFileWhole(join(home, 'a.txt'), chunks(40));
    expect(readFileSync(join(home, 'a.txt')).length).toBe(40 << 16);
    expect(readdirSync(home)).toEqual(['a.txt']);
  });

  it('on a full disk says so, keeps the older file and leaves no half one', async (context) => {
    const disk = smallDisk('full', 'size=256k');
    if (disk === null) {
      context.skip();
      return;
    }
    const path = join(disk, 'report.html');
    writeFileSync(path, 'the older one');
    const error = await errorOf(writeFileWhole(path, chunks(40)));
    expect(error.code).toBe('disk-full');
    expect(error.where).toBe('report.html');
    expect(error.hint).toMatch(/It needs 2,621,440 bytes.*unchanged/);
    expect(readFileSync(path, 'utf8')).toBe('the older one');
    expect(readdirSync(disk)).toEqual(['report.html']);
  });

  it('a GeoPackage keeps no journal beside it, which would stay where the export is killed', async () => {
    const home = join(folder, 'no-journal');
    mkdirSync(home);
    const names = new Set<string>();
    const watcher = watch(home, (_, name) => names.add(name ?? ''));
    try {
      await writeGeopackage(join(home, 'a.gpkg'), sampleReport({ findings: 2000 }));
      await expect.poll(() => names.has('a.gpkg')).toBe(true);
    } finally {
      watcher.close();
    }
    expect([...names].filter((name) => name !== 'a.gpkg' && !name.endsWith('.part'))).toEqual([]);
  });

  it('a GeoPackage on a full disk: as many bytes as the whole takes, and no half file', async (context) => {
    const disk = smallDisk('full-gpkg', 'size=200k');
    if (disk === null) {
      context.skip();
      return;
    }
    const data = sampleReport({ findings: 2000 });
    const whole = join(folder, 'whole.gpkg');
    await writeGeopackage(whole, data);
    const error = await errorOf(writeGeopackage(join(disk, 'a.gpkg'), data));
    expect(error.code).toBe('disk-full');
    expect(error.hint).toContain(`It needs ${statSync(whole).size.toLocaleString('en')} bytes`);
    expect(readdirSync(disk)).toEqual([]);
  });

  it.for(['cog', 'ome'] as const)('rasters (%s) on a full disk', async (layout, context) => {
    const data = sampleReport({ findings: 2000, image: { ...slide, width: 2000, height: 1500 } });
    // Detectors' classes are drawn from the findings alone.
    const write = (path: string): Promise<void> =>
      writeClassRaster({ data, path } as unknown as ExportJob, layout);
    const whole = join(folder, `whole-${layout}.tif`);
    await write(whole);
    const { size } = statSync(whole);
    const disk = smallDisk(`full-${layout}`, `size=${Math.floor(size / 2048) & ~1}k`);
    if (disk === null) {
      context.skip();
      return;
    }
    const path = join(disk, 'a.tif');
    writeFileSync(path, 'the older one');
    const error = await errorOf(write(path));
    expect(error).toMatchObject({ code: 'disk-full', where: 'a.tif' });
    const needed = Number(/It needs ([\d,]+) bytes/.exec(error.hint ?? '')?.[1]?.replaceAll(',', ''));
    // Tiles begin at even places. A COG is put into order at the end, beside what came before.
    if (layout === 'ome') expect(needed - size).toBeOneOf([0, 1]);
    else expect(needed / size).toBeGreaterThan(1.7);
    expect(readFileSync(path, 'utf8')).toBe('the older one');
    expect(readdirSync(disk)).toEqual(['a.tif']);
    rmSync(path);
    // So much room is enough, with what the file system keeps in pages.
    execFileSync('mount', ['-o', `remount,size=${Math.ceil(needed / 1024) + 12}k`, disk]);
    await write(path);
    expect(readFileSync(path).equals(readFileSync(whole))).toBe(true);
    if (layout === 'cog') {
      rmSync(path);
      // Full while it is put into order.
      execFileSync('mount', ['-o', `remount,size=${Math.ceil((needed * 0.8) / 4096) * 4}k`, disk]);
      expect((await errorOf(write(path))).hint).toContain(`It needs ${needed.toLocaleString('en')} bytes`);
      expect(readdirSync(disk)).toEqual([]);
    }
  });

  it.for(['gpkg', 'parquet', 'overlay', 'classes-cog', 'classes-ome', 'heatmap-cog'] as const)(
    'cancelled while it is written: %s',
    async (format) => {
      const home = join(folder, `cancelled-${format}`);
      mkdirSync(home);
      const path = join(home, 'a.out');
      writeFileSync(path, 'the older one');
      const data = sampleReport({ findings: 200, image: { ...slide, width: 2000, height: 1500 } });
      const all: FindingView[] = [];
      for await (const finding of data.findings()) all.push(finding);
      const { scores } = data.tiles;
      // Given up by what is read in the middle: first of the findings, then of the tiles.
      for (const middle of format === 'gpkg' ? ['findings', 'tiles'] : ['findings']) {
        const given = new AbortController();
        const cancelAt = (part: string): void => {
          if (part === middle) given.abort(new GigatileError('cancelled', 'nobody waits'));
        };
        const job = {
          path,
          signal: given.signal,
          images: { png: () => expect.unreachable() },
          session: {
            file: {
              tiles: {
                *scorePages() {
                  cancelAt('findings');
                  yield [];
                },
              },
            },
          },
          data: {
            ...data,
            tiles: Object.defineProperty({ ...data.tiles }, 'scores', {
              get: () => (cancelAt('tiles'), scores),
            }),
            *findings() {
              for (const [at, finding] of all.entries()) {
                if (at === 150) cancelAt('findings');
                yield finding;
              }
            },
          },
        };
        const error = await errorOf(dataWriters[format](job as unknown as ExportJob));
        expect(error.code).toBe('cancelled');
        expect(given.signal.aborted).toBe(true);
        expect(readFileSync(path, 'utf8')).toBe('the older one');
        expect(readdirSync(home)).toEqual(['a.out']);
      }
    },
  );

  it('on a read-only disk, in no folder and over a folder says what to do', async (context) => {
    mkdirSync(join(folder, 'plain2', 'taken'), { recursive: true });
    expect((await errorOf(writeFileWhole(join(folder, 'nowhere', 'a.csv'), chunks(1)))).code).toBe(
      'not-writable',
    );
    expect((await errorOf(writeFileWhole(join(folder, 'plain2', 'taken'), chunks(1)))).code).toBe(
      'not-writable',
    );
    expect(readdirSync(join(folder, 'plain2'))).toEqual(['taken']);
    const disk = smallDisk('locked', 'size=256k,ro');
    if (disk === null) {
      context.skip();
      return;
    }
    const error = await errorOf(writeFileWhole(join(disk, 'a.csv'), chunks(1)));
    expect(error.code).toBe('not-writable');
    expect(error.hint).toBeTruthy();
  });

  it('passes on what the writer of the content throws, and leaves nothing', async () => {
    const home = join(folder, 'thrown');
    mkdirSync(home);
    async function* broken(): AsyncGenerator<string> {
      yield 'x'.repeat(1 << 20);
      throw new RangeError('no more');
    }
    await expect(writeFileWhole(join(home, 'a.csv'), broken())).rejects.toThrow('no more');
    const stop = AbortSignal.abort();
    expect((await errorOf(writeFileWhole(join(home, 'a.csv'), chunks(3), stop))).code).toBe('cancelled');
    expect(readdirSync(home)).toEqual([]);
  });

  it('killed in the middle, leaves the older file whole', async () => {
    const home = join(folder, 'killed');
    mkdirSync(home);
    const path = join(home, 'findings.csv');
    for (const after of [1, 20, 60]) {
      writeFileSync(path, 'the older one');
      // Tells of each chunk and goes on for ever.
      const script = join(folder, `endless-${after}.ts`);
      writeFileSync(
        script,
        `import { writeFileWhole } from ${JSON.stringify(join(import.meta.dirname, '../../../src-main/reports/write-file.ts'))};
async function* endless() { for (let i = 0; ; i++) { process.send(i); yield 'x'.repeat(65536); await new Promise((r) => setTimeout(r, 1)); } }
await writeFileWhole(${JSON.stringify(path)}, endless());`,
      );
      const child = fork(script, [], { execPath: process.execPath, execArgv: [], stdio: 'ignore' });
      const gone = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
      child.on('message', (i) => {
        if (i === after) child.kill('SIGKILL');
      });
      expect(await gone).toBe('SIGKILL');
      expect(readFileSync(path, 'utf8')).toBe('the older one');
      expect(readdirSync(home).filter((name) => !name.endsWith('.part'))).toEqual(['findings.csv']);
    }
    // What was left is swept away by a later export of the same file, and not what somebody may be writing now.
    const parts = readdirSync(home).filter((name) => name.endsWith('.part'));
    expect(parts.length).toBe(3);
    for (const name of parts.slice(1)) utimesSync(join(home, name), 1000, 1000);
    await writeFileWhole(path, ['the newer one']);
    expect(readFileSync(path, 'utf8')).toBe('the newer one');
    expect(new Set(readdirSync(home))).toEqual(new Set([parts[0], 'findings.csv']));
  });
});
