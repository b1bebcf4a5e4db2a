/** The list of a batch and who is worked on when, with runs that do what they are told. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchItem } from '../../../../src-main/contract/batch.ts';
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import type { RunState } from '../../../../src-main/contract/run.ts';
import type { CaseLibrary } from '../../../../src-main/engine/case-library.ts';
import { Batch } from '../../../../src-main/engine/batch/batch.ts';
import type { BatchOptions } from '../../../../src-main/engine/batch/batch.ts';
import { newItem, readBatch, writeBatch } from '../../../../src-main/engine/batch/batch-file.ts';
import type { StoredBatch } from '../../../../src-main/engine/batch/batch-file.ts';
import { findImages } from '../../../../src-main/engine/batch/find-images.ts';
import { BatchLibrary } from '../../../../src-main/engine/batch/batch-library.ts';
import { Suspension } from '../../../../src-main/engine/suspension.ts';
import { batchCsv } from '../../../../src-main/reports/batch-summary.ts';
import { batchRows } from '../../../../src-main/engine/batch/write-summary.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-batch-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run that ends when the test says so. */
class FakeRun {
  active = true;
  state: RunState = 'running';
  error: GigatileError | null = null;
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }
  end(state: RunState, error: GigatileError | null = null): void {
    Object.assign(this, { state, error, active: false });
    this.#end();
  }
  stop({ state }: { state: RunState }): Promise<void> {
    if (this.active) this.end(state);
    return this.ended;
  }
  event() {
    const tiles = { total: 10, done: 9, skipped: 1, failed: 0 };
    const step = ['complete', 'complete-with-gaps', 'failed'].includes(this.state) ? 'finished' : 'analyze';
    const run = { id: 'run-1', state: this.state, step, tiles, findings: 5, seconds: 1, reason: null };
    return { run, etaSeconds: 3, lastError: this.error?.toPlain() ?? null };
  }
}

class FakeCases {
  readonly runs = new Map<string, FakeRun>();
  readonly open = new Set<string>();
  most = 0;
  /** Cases that are open in windows. */
  list: unknown[] = [];
  sessions = (): unknown[] => this.list;
  borrow(path: string) {
    if (path.includes('bad')) throw new GigatileError('image-corrupt', 'Damaged', { where: path });
    this.open.add(path);
    this.most = Math.max(this.most, this.open.size);
    return Promise.resolve({
      file: {
        path: `${path}.gigatile`,
        tiles: {
          failures: () => [{ code: 'image-corrupt', message: 'Damaged pixels', count: 6, tiles: [1] }],
        },
      },
      takeUpRun: () => {
        const run = new FakeRun();
        this.runs.set(path, run);
        return Promise.resolve({ conductor: run, how: 'started' });
      },
    });
  }
  giveBack({ file }: { file: { path: string } }): Promise<void> {
    this.open.delete(file.path.slice(0, -'.gigatile'.length));
    return Promise.resolve();
  }
}

const stored = (...names: string[]): StoredBatch => ({
  schema: 1,
  id: 'b',
  name: 'Batch',
  createdAt: '2026-01-01T00:00:00.000Z',
  model: 'he-nuclei',
  modelName: 'Nuclei',
  parameters: {},
  casesIn: null,
  consentBy: null,
  state: 'paused',
  reason: null,
  items: names.map((name) => newItem(`/${name}`, name)),
});

function batchOf(names: string[], options: Partial<BatchOptions> = {}) {
  const cases = new FakeCases();
  const saved: string[] = [];
  const batch = new Batch({
    batch: stored(...names),
    cases: cases as unknown as CaseLibrary,
    atOnce: 1,
    save: (list) => void saved.push(list.items.map(({ state }) => state).join(' ')),
    ...options,
  });
  const states = () => batch.items().map(({ state }) => state);
  const run = async (name: string): Promise<FakeRun> => {
    await expect.poll(() => cases.runs.get(`/${name}`)?.active, { interval: 1 }).toBe(true);
    return cases.runs.get(`/${name}`)!;
  };
  return { batch, cases, saved, states, run };
}

describe('a batch', () => {
  it('goes through all images one by one; a bad one hurts no other; cases are closed', async () => {
    const { batch, cases, states, run, saved } = batchOf(['a', 'bad', 'c', 'd']);
    batch.start();
    (await run('a')).end('complete');
    (await run('c')).end('complete-with-gaps');
    (await run('d')).end('failed');
    await batch.rests();
    expect(states()).toEqual(['complete', 'failed', 'complete-with-gaps', 'failed']);
    expect(batch.items()[1]?.error?.code).toBe('image-corrupt');
    expect(batch.items()[3]?.error?.message).toBe('0 of 10 tiles failed; most of them: Damaged pixels');
    expect(batch.state).toBe('finished');
    expect([cases.most, cases.open.size]).toEqual([1, 0]);
    expect(batch.summary()).toMatchObject({ total: 4, findings: 15, counts: { failed: 2, complete: 1 } });
    // Each state is on the disk before the next image is begun.
    expect(saved).toContain('complete failed running waiting');
    const csv = [...batchCsv(batchRows(batch))].join('').trimEnd().split('\r\n');
    expect(csv.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['image', 'state', 'findings'],
      ['a', 'complete', '5'],
      ['bad', 'failed', ''],
      ['c', 'complete-with-gaps', '5'],
      ['d', 'failed', '5'],
    ]);
  });

  it('works on as many as it may at the same time', async () => {
    const { batch, cases, run } = batchOf(['a', 'b', 'c'], { atOnce: 2 });
    batch.start();
    await run('b');
    expect(cases.open.size).toBe(2);
    (await run('a')).end('complete');
    (await run('c')).end('complete');
    (await run('b')).end('complete');
    await batch.rests();
    expect(cases.most).toBe(2);
  });

  it('is paused with its run, and goes on with it', async () => {
    const { batch, cases, states, run } = batchOf(['a', 'b']);
    batch.start();
    const first = await run('a');
    await batch.pause();
    expect([first.state, states(), batch.state]).toEqual(['paused', ['waiting', 'waiting'], 'paused']);
    expect(cases.open.size).toBe(0);
    batch.start();
    (await run('a')).end('complete');
    (await run('b')).end('complete');
    await batch.rests();
    expect(states()).toEqual(['complete', 'complete']);
  });

  it('leaves out what a person pauses or cancels, and lets it go on', async () => {
    const { batch, states, run } = batchOf(['a', 'b', 'c', 'd']);
    batch.start();
    await run('a');
    await batch.pauseItem(2);
    await batch.pauseItem(0);
    const second = await run('b');
    await batch.cancelItem(1);
    expect(second.state).toBe('cancelled');
    (await run('d')).end('complete');
    await batch.rests();
    expect([states(), batch.state]).toEqual([['paused', 'cancelled', 'paused', 'complete'], 'finished']);
    batch.resumeItem(2);
    (await run('c')).end('complete');
    await batch.rests();
    expect(states()).toEqual(['paused', 'cancelled', 'complete', 'complete']);
  });

  it('is paused while an image is being opened: what goes wrong with it then is not its fault', async () => {
    let fail: (error: Error) => void = () => undefined;
    const { batch, cases, states, saved } = batchOf(['a', 'b']);
    cases.borrow = () => new Promise((_, reject) => (fail = reject));
    batch.start();
    const paused = batch.pause();
    const closed = batch.close();
    fail(new GigatileError('worker-crashed', 'The image worker ended'));
    await Promise.all([paused, closed]);
    expect([states(), saved.at(-1)]).toEqual([['waiting', 'waiting'], 'waiting waiting']);
  });

  it('is cancelled as a whole; what is complete stays', async () => {
    const { batch, states, run } = batchOf(['a', 'b', 'c']);
    batch.start();
    (await run('a')).end('complete');
    await run('b');
    await batch.cancel();
    expect([states(), batch.state]).toEqual([['complete', 'cancelled', 'cancelled'], 'cancelled']);
    await batch.rests();
  });

  it('tries again what failed', async () => {
    const { batch, states, run } = batchOf(['a', 'b']);
    batch.start();
    (await run('a')).end('failed');
    (await run('b')).end('complete');
    await batch.rests();
    batch.retryFailed();
    (await run('a')).end('complete');
    await batch.rests();
    expect(states()).toEqual(['complete', 'complete']);
  });

  it('stops where the disk is full: the next image would fail too', async () => {
    const { batch, states, run } = batchOf(['a', 'b']);
    batch.start();
    (await run('a')).end('paused', new GigatileError('disk-full', 'The disk is full'));
    await batch.rests();
    expect([states(), batch.state]).toEqual([['waiting', 'waiting'], 'paused']);
    expect(batch.summary().reason).toBe('The disk is full');
  });

  it('goes on although its list cannot be kept, and says so', async () => {
    const { batch, states, run } = batchOf(['a'], {
      save: () => {
        throw new GigatileError('not-writable', 'The batch cannot be kept on the disk');
      },
    });
    batch.start();
    (await run('a')).end('complete');
    await batch.rests();
    expect(states()).toEqual(['complete']);
    expect(batch.summary().reason).toMatch(/cannot be kept/);
  });

  it('tells a screen all of it, then what changed', async () => {
    const { batch, run } = batchOf(['a', 'b', 'c']);
    const told: BatchItem[][] = [];
    const following = (async () => {
      for await (const { items } of batch.follow()) told.push(items);
    })();
    await expect.poll(() => told.length, { interval: 1 }).toBe(1);
    expect(told[0]).toHaveLength(3);
    batch.start();
    (await run('a')).end('complete');
    await run('b');
    await batch.close();
    await following;
    expect(batch.state).toBe('interrupted');
    expect(
      told
        .slice(1)
        .flat()
        .every(({ index }) => index < 2),
    ).toBe(true);
    expect(told.flat().findLast(({ index }) => index === 0)?.state).toBe('complete');
  });
});

describe('batches on the disk', () => {
  const library = () =>
    new BatchLibrary(
      { dataDir: folder, modelsDir: join(folder, 'models') },
      new FakeCases() as unknown as CaseLibrary,
    );

  it('that went on when the program ended are interrupted, and go on', async () => {
    const before = stored('a', 'b', 'c');
    before.state = 'running';
    before.items[0]!.state = 'complete';
    before.items[1]!.state = 'running';
    writeBatch(join(folder, 'batches', 'b.json'), before);
    const batches = library();
    expect(batches.list().batches).toMatchObject([
      { id: 'b', state: 'interrupted', counts: { complete: 1, waiting: 2 } },
    ]);
    batches.start('b');
    expect(() => library().start('b')).toThrowError(/another Gigatile/);
    expect(() => batches.remove('b')).toThrowError(/goes on/);
    await batches.get('b').pause();
    await batches.close();
    expect(readBatch(join(folder, 'batches', 'b.json')).state).toBe('paused');
    batches.remove('b');
    expect(library().list()).toEqual({ batches: [], damaged: [] });
  });

  it('that are damaged are named, and the others are there', () => {
    writeBatch(join(folder, 'batches', 'a.json'), stored('a'));
    writeFileSync(join(folder, 'batches', 'torn.json'), '{"schema":1,');
    expect(library().list()).toMatchObject({ batches: [{ id: 'b' }], damaged: ['torn.json'] });
  });
});

describe('while the computer sleeps', () => {
  /** A case that is open beside the batch, and its run. */
  function openCase(engine: FakeCases) {
    const run = new FakeRun();
    const stopped = Promise.withResolvers<void>();
    const kept: { state: RunState; reason: string | null } = { state: 'running', reason: null };
    const conductor = {
      no: 1,
      /** Rests when the test says so: writing to a disk takes its time. */
      stop: async (as: { state: RunState; reason: string }) => {
        await stopped.promise;
        Object.assign(kept, as);
        run.end('paused');
      },
    };
    const resumed: number[] = [];
    engine.list = [
      {
        id: 'case',
        activeRuns: () => (run.active ? [conductor] : []),
        file: { runs: { get: () => kept } },
        resumeRun: (no: number) => {
          if (kept.reason === null) throw new GigatileError('conflict', 'nothing to go on with');
          resumed.push(no);
        },
      },
    ];
    return { kept, resumed, rest: stopped.resolve };
  }

  async function asleep() {
    writeBatch(join(folder, 'batches', 'b.json'), stored('a', 'b'));
    const cases = new FakeCases();
    const batches = new BatchLibrary({ dataDir: folder, modelsDir: folder }, cases as unknown as CaseLibrary);
    const beside = openCase(cases);
    batches.start('b');
    const run = async (name: string) => {
      await expect.poll(() => cases.runs.get(`/${name}`)?.active, { interval: 1 }).toBe(true);
      return cases.runs.get(`/${name}`)!;
    };
    await run('a');
    const suspension = new Suspension(cases as unknown as CaseLibrary, batches);
    return { batches, run, suspension, batch: batches.get('b'), ...beside };
  }

  it('a batch and a run rest, and go on when it wakes', async () => {
    const { batch, run, suspension, rest, resumed } = await asleep();
    rest();
    await suspension.suspend();
    expect([batch.state, batch.summary().reason]).toEqual(['paused', 'The computer went to sleep']);
    expect(batch.items().map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    await suspension.wake();
    expect([batch.state, batch.summary().reason, resumed]).toEqual(['running', null, [1]]);
    (await run('a')).end('complete');
    (await run('b')).end('complete');
    await batch.rests();
    expect(batch.state).toBe('finished');
  });

  it('which it does in the middle of pausing: the rest of that comes first, and nothing is forgotten', async () => {
    const { batch, suspension, rest, resumed } = await asleep();
    const resting = suspension.suspend();
    const awake = suspension.wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(resumed).toEqual([]);
    rest();
    await Promise.all([resting, awake]);
    expect([batch.state, resumed]).toEqual(['running', [1]]);
    await batch.pause();
  });

  it('what a person paused stays paused, and what cannot go on hinders nothing else', async () => {
    const { batches, batch, kept, suspension, rest } = await asleep();
    await batch.pause();
    rest();
    await suspension.suspend();
    Object.assign(kept, { reason: 'Paused by hand' });
    await suspension.wake();
    expect([batch.state, kept.reason]).toEqual(['paused', 'Paused by hand']);

    batches.start('b');
    await suspension.suspend();
    const start = batches.start.bind(batches);
    batches.start = () => {
      throw new GigatileError('case-locked', 'This batch goes on in another Gigatile');
    };
    await expect(suspension.wake()).rejects.toThrowError(/Not everything goes on/);
    batches.start = start;
    await batch.pause();
  });
});

describe('the images of a batch', () => {
  const touch = (...names: string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), '');
  };
  const found = (texts: string[], each = false): string[] =>
    findImages(texts, { each }).map((path) => path.slice(folder.length + 1));

  it('are those of folders and their folders, by name, each once; data of slides is none', () => {
    for (const name of ['more', 'slide', 'series']) mkdirSync(join(folder, name));
    touch('s10.svs', 's2.svs', 'slide.mrxs', 'notes.txt', '.hidden.svs', 'more/x.tif', 'more/y.tif');
    touch('slide/Slidedat.ini', 'slide/Data0000.dat', 'slide/thumb.jpg', 'series/1.dcm', 'series/2.dcm');
    symlinkSync(join(folder, 's2.svs'), join(folder, 'z.svs'));
    const all = ['more/x.tif', 'more/y.tif', 's2.svs', 's10.svs', 'series', 'slide.mrxs'];
    expect(found([folder])).toEqual(all);
    expect(found([join(folder, 's10.svs'), folder])).toEqual([
      's10.svs',
      ...all.filter((name) => name !== 's10.svs'),
    ]);
    expect(found([join(folder, 's*.svs')])).toEqual(['s2.svs', 's10.svs']);
  });

  it('a folder of pictures is one image, unless each is meant', () => {
    touch('1.png', '2.png');
    expect(findImages([folder], { each: false })).toEqual([folder]);
    expect(found([folder], true)).toEqual(['1.png', '2.png']);
  });

  it('one that is not there fails alone among others, and is an error alone', () => {
    touch('a.svs');
    expect(found([join(folder, 'a.svs'), join(folder, 'b.svs')])).toEqual(['a.svs', 'b.svs']);
    expect(() => found([join(folder, 'b.svs')])).toThrowError(/no such file/);
    expect(() => found([join(folder, '*.ndpi')])).toThrowError(/no such file/);
  });

  it('an empty folder says so', () => {
    expect(() => found([folder])).toThrowError(/no images/);
  });
});
