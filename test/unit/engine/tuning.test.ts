import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batches, quickest, shapes } from '../../../src-main/engine/tuning.ts';
import { TuningStore } from '../../../src-main/engine/tuning-store.ts';
import { speedUp } from '../../../src-main/engine/probe-inference.ts';

const free = { workers: undefined, threads: undefined, batch: undefined };

describe('what is tried', () => {
  it('starts with a process a core, one thread each, and halves', () => {
    expect(shapes({ provider: 'cpu', cores: 2, most: 2, fixed: free })).toEqual([
      { workers: 2, threads: 1 },
      { workers: 1, threads: 2 },
    ]);
    expect(shapes({ provider: 'cpu', cores: 16, most: 16, fixed: free }).map((s) => s.workers)).toEqual([
      16, 8, 4, 2,
    ]);
  });

  it('never has more threads at work than cores, nor more processes than memory has room for', () => {
    const number = fc.integer({ min: 1, max: 128 });
    fc.assert(
      fc.property(number, number, fc.constantFrom('cpu', 'cuda'), (cores, most, provider) => {
        const found = shapes({ provider, cores, most: Math.min(cores, most), fixed: free });
        expect(found.length).toBeGreaterThan(0);
        for (const { workers, threads } of found) {
          expect(workers * threads).toBeLessThanOrEqual(cores);
          expect(workers).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('leaves alone what the person fixed', () => {
    const fixed = { workers: 3, threads: undefined, batch: 5 };
    const found = shapes({ provider: 'cpu', cores: 8, most: 8, fixed });
    expect(found.every(({ workers }) => workers === 3)).toBe(true);
    expect(batches('cpu', 5)).toEqual([5]);
    for (const { threads } of shapes({
      provider: 'cpu',
      cores: 8,
      most: 8,
      fixed: { ...free, threads: 4 },
    })) {
      expect(threads).toBe(4);
    }
  });

  it('takes another than the first only where it is clearly quicker', () => {
    const timing = (workers: number, tilesPerSecond: number) => ({
      workers,
      threads: 1,
      batch: 1,
      tilesPerSecond,
    });
    expect(quickest([timing(2, 100), timing(1, 104)])?.workers).toBe(2);
    expect(quickest([timing(2, 100), timing(1, 106)])?.workers).toBe(1);
    expect(quickest([])).toBeNull();
  });

  it('compares a provider with all cores, not with one thread', () => {
    const probed = { at: '', provider: 'cuda' as const, problem: null, ms: 5, cpuMs: 20 };
    expect(speedUp(probed, 2)).toBe(2);
    expect(speedUp(probed, 8)).toBe(0.5);
    expect(speedUp({ ...probed, ms: null, cpuMs: null }, 2)).toBe(0);
  });
});

describe('what was measured', () => {
  let folder: string;
  let notices: string[];
  const open = (version = '1') => new TuningStore(folder, version, (message) => notices.push(message));
  const tuned = {
    at: '2026-01-01T00:00:00.000Z',
    best: { workers: 2, threads: 1, batch: 4, tilesPerSecond: 12.5 },
    measured: [],
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gigatile-tuning-'));
    notices = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is remembered for its model, tile and version, and for no other', () => {
    open().setTuned(['abc', 'cpu', '512x512'], tuned);
    expect(open().tuned(['abc', 'cpu', '512x512'])).toEqual(tuned);
    expect(open().tuned(['abc', 'cpu', '256x256'])).toBeNull();
    expect(open().tuned(['abd', 'cpu', '512x512'])).toBeNull();
    expect(open('2').tuned(['abc', 'cpu', '512x512'])).toBeNull();
    expect(notices).toEqual([]);
    expect(readdirSync(folder)).toEqual(['measured.json']);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another form', () => '{"schema":1,"tuned":{"x":{"best":{"workers":-1}}}}'],
    ['no JSON', () => '\0\0\0'],
  ])('is measured again, with a notice, where the file is %s', (_what, damage) => {
    open().setTuned(['abc'], tuned);
    const path = join(folder, 'measured.json');
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    expect(open().tuned(['abc'])).toBeNull();
    expect(notices).toEqual([expect.stringMatching(/measured\.json is damaged/)]);
    open().setTuned(['abc'], tuned);
    notices = [];
    expect(open().tuned(['abc'])).toEqual(tuned);
    expect(notices).toEqual([]);
  });

  it('costs nothing but time where it cannot be kept', () => {
    const store = new TuningStore(join(folder, 'file'), '1', (message) => notices.push(message));
    writeFileSync(join(folder, 'file'), 'a file where the folder would be');
    store.setTuned(['abc'], tuned);
    expect(notices.some((notice) => notice.startsWith('What was measured cannot be kept'))).toBe(true);
  });

  it('keeps the newest 200, however many models are tried', () => {
    const store = open();
    for (let i = 0; i < 210; i++) {
      store.setTuned([i], { ...tuned, at: new Date(1_700_000_000_000 + i).toISOString() });
    }
    expect(store.tuned([0])).toBeNull();
    expect(store.tuned([209])).not.toBeNull();
  });
});
