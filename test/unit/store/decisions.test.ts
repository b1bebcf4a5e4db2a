/** Decisions by several reviewers with undo, redo, other classes and notes, and the lists that are asked for by them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import type { FindingQuery } from '../../../src-main/store/finding-store.ts';
import { storedRun, tileResult } from './stored-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-decisions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file: CaseFile;
let run: number;
let clock = 0;

beforeEach(() => {
  file?.close();
  file = CaseFile.open(join(folder, `${++clock}.gigatile`), 'create', false);
  run = storedRun(file);
  // Scores 0.9, 0.7, 0.55, 0.2; the second is the largest; classes 0 1 0 1.
  const sides = [10, 40, 20, 30];
  const scores = [0.9, 0.7, 0.55, 0.2];
  file.transaction(() =>
    file.findings.replace(
      run,
      scores.map((score, i) => ({
        ordinal: i,
        id: () => `f${i}`,
        kind: 'detection' as const,
        x: 100 * (4 - i),
        y: 0,
        width: sides[i]!,
        height: sides[i]!,
        classIndex: i % 2,
        score,
        tile: 3 - i,
      })),
    ),
  );
});

const by = (reviewer: string) => ({ reviewer, modelSha256: 's', at: `t${++clock}` });
const add = (finding: string, verdict: 'accepted' | 'rejected' | null, reviewer = 'A', more: object = {}) =>
  file.decisions.add(run, { finding, verdict, ...by(reviewer), ...more });
const verdictOf = (id: string, reader?: string) => {
  const found = file.findings.byId(run, id, reader);
  return found === null ? null : [found.verdict, found.reviewer];
};
const list = (query: Partial<FindingQuery> = {}) => {
  const page = file.findings.page(run, {
    threshold: 0,
    offset: 0,
    limit: 10,
    sort: 'score',
    verdict: 'all',
    ...query,
  });
  expect(page.total).toBe(page.findings.length);
  return page.findings.map(({ id }) => id);
};

describe('undo and redo', () => {
  it('go back step by step to what was in force before, whoever decided it, and forward again', () => {
    add('f0', 'accepted');
    add('f0', 'rejected', 'B');
    add('f1', 'rejected', 'B');
    expect(file.decisions.undo(run, by('B'))).toBe('f1');
    expect(file.decisions.undo(run, by('B'))).toBe('f0');
    expect(verdictOf('f0')).toEqual(['accepted', 'A']);
    expect(file.decisions.undo(run, by('B'))).toBeNull();
    expect(file.decisions.redo(run, by('B'))).toBe('f0');
    expect(verdictOf('f0')).toEqual(['rejected', 'B']);
    expect(verdictOf('f1')).toEqual([null, null]);
    expect(file.decisions.redo(run, by('B'))).toBe('f1');
    expect(file.decisions.redo(run, by('B'))).toBeNull();
    // Undone, redone, undone again, and then A's own.
    expect(file.decisions.undo(run, by('B'))).toBe('f1');
    expect(verdictOf('f1')).toEqual([null, null]);
    expect(file.decisions.undo(run, by('A'))).toBe('f0');
    // B's is newer than what A took back: it stays in force.
    expect(verdictOf('f0')).toEqual(['rejected', 'B']);
  });

  it('forget what could be redone once something else is decided', () => {
    add('f0', 'accepted');
    file.decisions.undo(run, by('A'));
    add('f1', 'accepted');
    expect(file.decisions.redo(run, by('A'))).toBeNull();
    expect(file.decisions.undo(run, by('A'))).toBe('f1');
    expect(file.decisions.redo(run, by('A'))).toBe('f1');
  });

  it('are entries of the log, from what to what; nothing is erased', () => {
    add('f0', 'accepted', 'A', { classIndex: 1, note: 'mitosis?' });
    add('f0', 'rejected');
    file.decisions.undo(run, by('A'));
    file.decisions.redo(run, by('A'));
    const log = file.decisions.history(run, 'f0');
    expect(log.map((e) => [e.action, e.previous, e.verdict])).toEqual([
      ['decide', null, 'accepted'],
      ['decide', 'accepted', 'rejected'],
      ['undo', 'rejected', 'accepted'],
      ['redo', 'accepted', 'rejected'],
    ]);
    expect([log[2]?.classIndex, log[2]?.note, log[3]?.previousClass, log[3]?.previousNote]).toEqual([
      1,
      'mitosis?',
      1,
      'mitosis?',
    ]);
  });
});

describe('lists of findings', () => {
  it('are sorted by what a reviewer asks for, both ways', () => {
    expect(list({ sort: 'uncertainty' })).toEqual(['f2', 'f1', 'f3', 'f0']);
    expect(list({ sort: 'uncertainty', reverse: true })).toEqual(['f0', 'f3', 'f1', 'f2']);
    expect(list({ sort: 'area' })).toEqual(['f1', 'f3', 'f2', 'f0']);
    expect(list({ sort: 'class' })).toEqual(['f0', 'f2', 'f1', 'f3']);
    expect(list({ sort: 'position' })).toEqual(['f3', 'f2', 'f1', 'f0']);
    expect(list({ reverse: true })).toEqual(['f3', 'f2', 'f1', 'f0']);
  });

  it('put tiles first whose two strongest classes are nearly equal, and go by the run’s threshold elsewhere', () => {
    const values = [
      [0.9, 0.06, 0.04],
      [0.45, 0.15, 0.4],
      [0.6, 0.1, 0.3],
      [0.51, 0.49, 0.8],
    ];
    file.transaction(() => {
      file.tiles.apply(
        run,
        values.flatMap((each, tile) => [
          { kind: 'grant' as const, tile, epoch: 1 },
          {
            kind: 'done' as const,
            epoch: 1,
            result: { ...tileResult(tile), values: Float32Array.from(each) },
          },
        ]),
      );
      file.findings.replace(
        run,
        values.map((each, tile) => ({
          ordinal: tile,
          id: () => `t${tile}`,
          kind: 'tile' as const,
          x: 0,
          y: 0,
          width: 1,
          height: 1,
          classIndex: 0,
          score: each[0] ?? 0,
          tile,
        })),
      );
    });
    // The last one's values are no shares of one: 0.01 from the threshold of 0.5. Margins of the others: 0.84, 0.05, 0.3.
    expect(list({ sort: 'uncertainty' })).toEqual(['t3', 't1', 't2', 't0']);
    expect(list({ sort: 'uncertainty', reverse: true })).toEqual(['t0', 't2', 't1', 't3']);
    expect(file.findings.place(run, { threshold: 0, sort: 'uncertainty', verdict: 'all' }, 't2')).toBe(2);
  });

  it('go by the class in force, the score range, the reviewer and the state', () => {
    add('f0', 'accepted', 'A', { classIndex: 1 });
    add('f1', 'accepted', 'A', { note: 'why' });
    add('f2', 'rejected', 'B');
    expect(list({ classes: [1] })).toEqual(['f0', 'f1', 'f3']);
    expect(list({ classes: [0] })).toEqual(['f2']);
    expect(list({ sort: 'class' })).toEqual(['f2', 'f0', 'f1', 'f3']);
    expect(list({ threshold: 0.5, highest: 0.7 })).toEqual(['f1', 'f2']);
    expect(list({ reviewer: 'B' })).toEqual(['f2']);
    expect(list({ verdict: 'relabelled' })).toEqual(['f0']);
    expect(list({ verdict: 'noted' })).toEqual(['f1']);
    expect(list({ verdict: 'undecided' })).toEqual(['f3']);
    expect(file.findings.tally(run, 0)).toContainEqual({ classIndex: 1, verdict: 'accepted', n: 2 });
    const query = { threshold: 0, sort: 'area', verdict: 'accepted' } as const;
    expect(file.findings.place(run, query, 'f0')).toBe(1);
    expect(file.findings.place(run, query, 'f2')).toBeNull();
    expect(file.findings.place(run, { ...query, sort: 'class', verdict: 'all' }, 'f3')).toBe(3);
  });

  it('of a second reader show nothing of the first; where they differ is told apart', () => {
    add('f0', 'accepted', 'A');
    add('f1', 'rejected', 'A');
    add('f2', 'accepted', 'A');
    expect(list({ verdict: 'undecided', by: 'B' })).toEqual(['f0', 'f1', 'f2', 'f3']);
    expect(verdictOf('f0', 'B')).toEqual([null, null]);
    add('f0', 'rejected', 'B');
    add('f1', 'rejected', 'B');
    add('f2', 'accepted', 'B', { classIndex: 1 });
    expect(list({ verdict: 'rejected', by: 'B' })).toEqual(['f0', 'f1']);
    expect([...file.findings.boxes(run, 'B')].map((f) => f.verdict)).toEqual([
      'rejected',
      'rejected',
      'accepted',
      null,
    ]);
    expect(list({ verdict: 'disagreed' })).toEqual(['f0', 'f2']);
    file.decisions.undo(run, by('B'));
    expect(list({ verdict: 'disagreed' })).toEqual(['f0']);
    expect(file.decisions.stands(run)).toHaveLength(5);
  });
});

describe('annotations', () => {
  it('are kept in the case with who made them, changed and removed', () => {
    const id = '7b3c9c1e-4c52-4a6f-9a3e-0d1c2b3a4f50';
    const region = {
      id,
      kind: 'polygon' as const,
      points: [
        [0, 0],
        [10, 0],
        [10, 12.5],
      ] as [number, number][],
      className: 'Tumour',
      color: [200, 30, 40] as [number, number, number],
      name: '',
    };
    file.annotations.put(region, 'A', 't1');
    file.annotations.put({ ...region, name: 'core' }, 'B', 't2');
    const changed = [{ ...region, name: 'core', author: 'A', createdAt: 't1', changedAt: 't2' }];
    expect(file.annotations.list()).toEqual(changed);
    file.annotations.remove(id);
    expect(file.annotations.list()).toEqual([]);
  });
});

describe('findings that are gone through for long', () => {
  const more = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ordinal: i,
      id: () => `f${i}`,
      kind: 'detection' as const,
      x: i,
      y: 0,
      width: 5,
      height: 5,
      classIndex: 0,
      score: 1 - i / count,
      tile: 0,
    }));

  it('let decisions be stored meanwhile', () => {
    file.transaction(() => file.findings.replace(run, more(600)));
    const seen: string[] = [];
    for (const { id, verdict } of file.findings.all(run)) {
      seen.push(`${id} ${verdict}`);
      if (seen.length === 10) file.transaction(() => add('f599', 'accepted'));
    }
    expect(seen).toHaveLength(600);
    expect(seen.slice(254, 258)).toEqual([254, 255, 256, 257].map((i) => `f${i} null`));
    expect(seen.at(-1)).toBe('f599 accepted');
  });

  it('are not told in part as they were and in part as they are now', () => {
    file.transaction(() => file.findings.replace(run, more(600)));
    const all = file.findings.all(run);
    all.next();
    file.transaction(() => file.findings.replace(run, more(500)));
    expect(() => [...all]).toThrow('became others');
  });
});
