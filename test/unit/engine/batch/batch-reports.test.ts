/** The archive of a batch's reports: how far it is, and what is left of one that is cancelled. The reports themselves are stood in for. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BatchReporting } from '../../../../src-main/contract/batch.ts';
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import type { CaseLibrary } from '../../../../src-main/engine/case-library.ts';
import type { ImageService } from '../../../../src-main/engine/image-service.ts';
import { Batch } from '../../../../src-main/engine/batch/batch.ts';
import { newItem, type StoredBatch } from '../../../../src-main/engine/batch/batch-file.ts';
import { reportsToTemporary, saveReports } from '../../../../src-main/engine/batch/batch-reports.ts';
import { writeFileWhole } from '../../../../src-main/reports/write-file.ts';

/** Writes the report of one image; what a test puts here happens in the middle of it. */
let inTheMiddle: (name: string) => Promise<void> | void = () => undefined;

vi.mock('../../../../src-main/engine/export-run.ts', () => ({
  exportName: (_session: unknown, _no: number, format: string) => `image.${format}`,
  writeExport: (session: { name: string }, _images: unknown, _no: number, ...rest: unknown[]) => {
    const [, path, { signal }] = rest as [string, string, { signal: AbortSignal }];
    async function* pieces(): AsyncGenerator<string> {
      yield `begin ${session.name}`;
      await inTheMiddle(session.name);
      yield ' end';
    }
    return writeFileWhole(path, pieces(), signal);
  },
}));

let folder: string;
let temporary: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-batch-reports-'));
  // What is written beside the archive lies here, too: what is left over is seen.
  temporary = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  inTheMiddle = () => undefined;
});
afterEach(() => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  rmSync(folder, { recursive: true, force: true });
});

function batchOf(...names: string[]) {
  const given: string[] = [];
  const cases = {
    borrow: (path: string) => {
      if (path.includes('bad')) throw new GigatileError('case-corrupt', 'Damaged', { where: path });
      given.push(path);
      return Promise.resolve({ name: path, file: { events: { last: () => ({}) } } });
    },
    giveBack: ({ name }: { name: string }) => Promise.resolve(void given.splice(given.indexOf(name), 1)),
  } as unknown as CaseLibrary;
  const stored: StoredBatch = {
    schema: 1,
    id: 'b',
    name: 'Batch',
    createdAt: '2026-01-01T00:00:00.000Z',
    model: 'he-nuclei',
    modelName: 'Nuclei',
    parameters: {},
    casesIn: null,
    consentBy: null,
    state: 'finished',
    reason: null,
    items: names.map((name) => ({
      ...newItem(`/${name}`, name),
      casePath: name,
      runId: 'run-1',
      state: name === 'waiting' ? 'waiting' : 'complete',
    })),
  };
  const batch = new Batch({ batch: stored, cases, atOnce: 1, save: () => undefined });
  const images = {} as ImageService;
  const target = join(folder, 'reports.zip');
  const shell = { kind: 'desktop', pickSavePath: () => Promise.resolve(target) } as never;
  return {
    batch,
    /** Cases that are open. */
    given,
    target,
    save: () => saveReports({ cases, images, shell }, batch, 'pdf', undefined),
    download: (signal?: AbortSignal) => reportsToTemporary({ cases, images }, batch, 'pdf', signal),
  };
}

it('counts the reports as they come into the archive; one that fails stops none, and the archive says so', async () => {
  const { batch, save, target, given } = batchOf('a', 'bad', 'waiting', 'd');
  const seen: (BatchReporting | null)[] = [];
  inTheMiddle = () => void seen.push(batch.summary().reporting);
  expect(batch.summary()).toMatchObject({ reporting: null, reported: null });
  expect(await save()).toEqual({ savedAs: 'reports.zip', download: null });
  expect(seen).toEqual([
    { done: 0, failed: 0, total: 3, image: 0, isStopping: false },
    { done: 1, failed: 1, total: 3, image: 3, isStopping: false },
  ]);
  expect(batch.summary()).toMatchObject({
    reporting: null,
    reported: { outcome: 'written', done: 2, failed: 1, total: 3, error: null },
  });
  const files = unzipSync(readFileSync(target));
  expect(Object.keys(files)).toEqual(['1-image.pdf', '4-image.pdf', 'reports.csv']);
  expect(strFromU8(files['4-image.pdf']!)).toBe('begin d end');
  expect(strFromU8(files['reports.csv']!)).toContain('2,complete,,case-corrupt\r\n3,waiting,,\r\n');
  expect([readdirSync(folder), given]).toEqual([['reports.zip'], []]);
});

it('is cancelled in the middle of a report: nothing is left, an older archive is as it was, and it is said after how many', async () => {
  const { batch, save, target, given } = batchOf('a', 'b', 'c');
  writeFileSync(target, 'older');
  inTheMiddle = (name) => {
    if (name !== 'b') return;
    batch.reporting.cancel();
    expect(batch.summary().reporting).toMatchObject({ done: 1, image: 1, isStopping: true });
  };
  expect(await save()).toEqual({ savedAs: null, download: null });
  expect(batch.summary()).toMatchObject({
    reporting: null,
    reported: { outcome: 'cancelled', done: 1, failed: 0, total: 3, error: null },
  });
  expect([readdirSync(folder), readFileSync(target, 'utf8'), given]).toEqual([['reports.zip'], 'older', []]);
  // And can be begun again.
  inTheMiddle = () => undefined;
  await save();
  expect(batch.summary().reported).toMatchObject({ outcome: 'written', done: 3 });
  // What was said of them is of before, where it goes on.
  batch.retryFailed();
  expect(batch.summary().reported).toBeNull();
});

it('ends a download that nobody waits for any more, and one that goes on when the program ends', async () => {
  for (const end of ['gone', 'closed'] as const) {
    const { batch, download } = batchOf('a', 'b');
    const gone = new AbortController();
    inTheMiddle = () => {
      if (end === 'gone') gone.abort();
      else void batch.close();
    };
    await expect(download(gone.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(batch.summary().reported).toMatchObject({ outcome: 'cancelled', done: 0, total: 2 });
    expect(readdirSync(folder)).toEqual([]);
  }
});

it('fails as a whole where the disk is full, and says why; a second archive at once is refused', async () => {
  const { batch, save, download } = batchOf('a', 'b');
  const second: Promise<unknown>[] = [];
  inTheMiddle = (name) => {
    if (name === 'a') second.push(save().catch((error: unknown) => error));
    if (name === 'a') second.push(download().catch((error: unknown) => error));
    if (name === 'b') throw new GigatileError('disk-full', 'The disk is full');
  };
  await expect(save()).rejects.toMatchObject({ code: 'disk-full' });
  for (const refused of await Promise.all(second))
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining('already') });
  expect(batch.summary().reported).toMatchObject({
    outcome: 'failed',
    done: 1,
    error: { code: 'disk-full', message: 'The disk is full' },
  });
  expect(readdirSync(folder)).toEqual([]);
});
