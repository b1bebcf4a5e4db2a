/** Copies, backups, damage, places that can't be written to: what a case file survives, on real disks. */
import Database from 'better-sqlite3';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { lockOwner } from '../../../src-main/store/case-lock.ts';
import { finish, storedRun } from './stored-run.ts';

let folder: string;
let path: string;
let count = 0;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-safety-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => (path = join(folder, `case-${++count}.gigatile`)));

const finding = {
  ordinal: 0,
  id: () => 'x',
  kind: 'detection' as const,
  x: 1,
  y: 2,
  width: 3,
  height: 4,
  classIndex: 0,
  score: 0.9,
  tile: 0,
};

function decide(file: CaseFile, run: number, verdict: 'accepted' | 'rejected'): void {
  file.transaction(() =>
    file.decisions.add(run, { finding: 'x', verdict, reviewer: 'A', modelSha256: 's', at: 'now' }),
  );
}

/** A closed case with a finding and a decision about it. */
function decidedCase(): number {
  const file = CaseFile.open(path, 'create');
  const run = storedRun(file);
  file.transaction(() => file.findings.replace(run, [finding]));
  decide(file, run, 'accepted');
  file.close();
  return run;
}

function damage(file: string): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(3 * 4096, 0x5a), 0, 3 * 4096, 2 * 4096);
  closeSync(handle);
}

function refusal(work: () => unknown): GigatileError {
  try {
    work();
  } catch (error) {
    if (error instanceof GigatileError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a copy', () => {
  it('holds all that was committed, also while work goes on, and nobody has it open', async () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file, 40, 40);
    finish(file, run, [0, 1, 2]);
    const target = join(folder, 'copy.gigatile');
    const copying = file.saveCopy(target);
    finish(file, run, [3]);
    await copying;
    file.transaction(() => finish(file, run, [4]));
    const copy = CaseFile.openReadOnly(target);
    expect(copy.tiles.counts(run)).toMatchObject({ done: 4, running: 0, pending: 1596 });
    expect(copy.runs.get(run)).toMatchObject({ state: 'interrupted', step: 'analyze' });
    expect([...copy.tiles.results(run)]).toEqual([...file.tiles.results(run)].slice(0, 4));
    expect(copy.events.list(null).map(({ kind }) => kind)).toEqual(['copied']);
    copy.close();
    expect(file.tiles.counts(run).done).toBe(5);
    file.close();
    const names = readdirSync(folder).filter((name) => name.startsWith('copy.'));
    expect(names).toEqual(['copy.gigatile']);
    expect(lockOwner(target)).toBe(null);
    const again = CaseFile.open(target, 'write');
    finish(again, run, [5]);
    again.close();
  });

  it('replaces what was there in one piece, and not at all where it is cancelled or that case is open', async () => {
    const target = join(folder, 'taken.gigatile');
    const there = CaseFile.open(target, 'create');
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file, 200, 200);
    await expect(file.saveCopy(target)).rejects.toMatchObject({ code: 'case-locked' });
    there.close();
    const before = readFileSync(target);
    await expect(file.saveCopy(target, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(readFileSync(target)).toEqual(before);
    await expect(file.saveCopy(join(folder, 'no-such-folder', 'x.gigatile'))).rejects.toThrow(/folder/i);
    await file.saveCopy(target);
    file.close();
    expect(readdirSync(folder).filter((name) => name.includes('.part-'))).toEqual([]);
    const copy = CaseFile.openReadOnly(target);
    expect(copy.tiles.counts(run).total).toBe(40_000);
    copy.close();
  });
});

describe('a damaged case', () => {
  it('is refused with the backup of its decisions, which restores it; the damaged file is kept', () => {
    const run = decidedCase();
    expect(existsSync(`${path}.backup`)).toBe(true);
    damage(path);
    // Somebody was at work when it happened: then the file is checked when it is opened.
    writeFileSync(`${path}.lock`, '');
    const error = refusal(() => CaseFile.open(path, 'write'));
    expect(error.code).toBe('case-corrupt');
    expect(error.hint).toMatch(/backup of 20\d\d-.* is sound/);
    const damaged = readFileSync(path);
    const restored = CaseFile.restore(path);
    expect(restored.backup.path).toBe(`${path}.backup`);
    expect(readFileSync(restored.aside ?? '')).toEqual(damaged);
    const file = CaseFile.open(path, 'write');
    expect(file.findings.byId(run, 'x')?.verdict).toBe('accepted');
    file.close();
  });

  it('whose first page is gone is known by what lies beside it', () => {
    decidedCase();
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(100, 0x5a), 0, 100, 0);
    closeSync(handle);
    const error = refusal(() => CaseFile.open(path, 'write'));
    expect(error.code).toBe('case-not-a-case');
    expect(error.hint).toMatch(/is sound/);
  });

  it('has no backup where all of them are damaged too, and is left as it is', () => {
    decidedCase();
    damage(path);
    truncateSync(`${path}.backup`, 5000);
    writeFileSync(`${path}.lock`, '');
    expect(refusal(() => CaseFile.open(path, 'write')).hint).toMatch(/no sound backup/);
    const before = readFileSync(path);
    expect(refusal(() => CaseFile.restore(path)).code).toBe('file-not-found');
    expect(readFileSync(path)).toEqual(before);
  });

  it('is told also when the damage shows in the middle of work', () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file, 100, 100);
    file.close();
    damage(path);
    const again = CaseFile.open(path, 'write');
    const error = refusal(() =>
      again.transaction(() => {
        for (let tile = 0; tile < 10_000; tile++) finish(again, run, [tile]);
      }),
    );
    expect(error).toMatchObject({ code: 'case-corrupt', hint: expect.stringMatching(/backup/) });
    again.close();
  });
});

describe('the safety copy', () => {
  it('is made after decisions only, and is the newest of them', () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file);
    file.transaction(() => file.findings.replace(run, [finding]));
    file.close();
    expect(existsSync(`${path}.backup`)).toBe(false);
    for (const verdict of ['accepted', 'rejected'] as const) {
      const again = CaseFile.open(path, 'write');
      decide(again, run, verdict);
      again.close();
      const backup = CaseFile.openReadOnly(`${path}.backup`);
      expect(backup.findings.byId(run, 'x')?.verdict).toBe(verdict);
      backup.close();
    }
  });

  it('that can’t be written does not make the closing fail, and the case says so', () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file);
    file.transaction(() => file.findings.replace(run, [finding]));
    decide(file, run, 'accepted');
    mkdirSync(join(`${path}.backup`, 'in the way'), { recursive: true });
    file.close();
    const again = CaseFile.openReadOnly(path);
    expect(again.events.list(null).map(({ kind }) => kind)).toContain('no-safety-copy');
    again.close();
  });
});

describe('gaps', () => {
  it('are given back to the disk at the end', () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file);
    const many = Array.from({ length: 100_000 }, (_, ordinal) => ({
      ...finding,
      ordinal,
      id: () => `finding-${ordinal}`,
    }));
    file.transaction(() => file.findings.replace(run, many));
    file.close();
    const full = statSync(path).size;
    const again = CaseFile.open(path, 'write');
    again.transaction(() => again.findings.replace(run, [finding]));
    again.close();
    expect(statSync(path).size).toBeLessThan(full / 10);
    const after = CaseFile.open(path, 'write');
    expect(after.findings.byId(run, 'x')).not.toBe(null);
    expect(after.durability).toBe('WAL, synchronous=FULL');
    after.close();
  });
});

describe('on a network share', () => {
  it('there is no log that needs shared memory; commits are FULL all the same, and the file is held by one alone', () => {
    const local = CaseFile.open(path, 'create');
    const run = storedRun(local);
    local.close();
    const file = CaseFile.open(path, 'write', true);
    expect(file.durability).toBe(
      'rollback journal (TRUNCATE), synchronous=FULL, held by this program alone (network share)',
    );
    finish(file, run, [0]);
    expect(readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}-`))).toEqual([
      `${basename(path)}-journal`,
    ]);
    // Another machine may not see the lock file, or somebody removed it: the database refuses by itself.
    const code = `const D = require('better-sqlite3'); const db = new D(${JSON.stringify(path)}, { timeout: 50 });
      try { db.exec("INSERT INTO event (at, kind, data) VALUES ('', 'x', '{}')"); console.log('written') } catch (e) { console.log(e.code) }`;
    const other = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    expect(other.stdout.trim(), other.stderr).toBe('SQLITE_BUSY');
    file.close();
    const back = CaseFile.open(path, 'write', false);
    expect(back.durability).toBe('WAL, synchronous=FULL');
    expect(back.tiles.counts(run).done).toBe(1);
    back.close();
  });

  it('a process that is killed there loses nothing that was committed', () => {
    const store = join(import.meta.dirname, '../../../src-main/store/case-file.ts');
    const helper = join(import.meta.dirname, 'stored-run.ts');
    const code = `import { CaseFile } from ${JSON.stringify(store)}; import { storedRun, finish } from ${JSON.stringify(helper)};
      const file = CaseFile.open(${JSON.stringify(path)}, 'create', true); const run = storedRun(file);
      finish(file, run, [0, 1]);
      file.transaction(() => { file.tiles.apply(run, [{ kind: 'grant', tile: 2, epoch: 1 }]); process.kill(process.pid, 'SIGKILL'); });`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(child.signal, child.stderr).toBe('SIGKILL');
    for (const isNetwork of [true, false]) {
      const file = CaseFile.open(path, 'write', isNetwork);
      expect(file.tiles.counts(1)).toMatchObject({ done: 2, running: 0 });
      file.close();
    }
  });
});

describe('where nothing can be written', () => {
  it('a case is read all the same, with what its log holds, and every change is refused in one sentence', async (test) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch (error) {
      return test.skip(`no file system can be mounted here: ${String(error).split('\n')[0] ?? ''}`);
    }
    try {
      const there = join(disk, 'c.gigatile');
      const store = join(import.meta.dirname, '../../../src-main/store/case-file.ts');
      const helper = join(import.meta.dirname, 'stored-run.ts');
      // Killed: the last commits are in the log only.
      const code = `import { CaseFile } from ${JSON.stringify(store)}; import { storedRun, finish } from ${JSON.stringify(helper)};
        const file = CaseFile.open(${JSON.stringify(there)}, 'create'); finish(file, storedRun(file), [0, 1, 2]); process.kill(process.pid, 'SIGKILL');`;
      spawnSync(process.execPath, ['--input-type=module', '-e', code]);
      expect(existsSync(`${there}-wal`)).toBe(true);
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      expect(refusal(() => CaseFile.open(there, 'write')).code).toBe('not-writable');
      const file = CaseFile.openReadOnly(there);
      expect(file.isReadOnly).toBe(true);
      expect(file.tiles.counts(1)).toMatchObject({ done: 3, running: 0 });
      expect(refusal(() => decide(file, 1, 'accepted'))).toMatchObject({ code: 'not-writable' });
      const copy = join(folder, 'from-read-only.gigatile');
      await file.saveCopy(copy);
      file.close();
      const copied = CaseFile.open(copy, 'write');
      expect(copied.tiles.counts(1).done).toBe(3);
      copied.close();
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('the lock', () => {
  it('of a process whose number somebody else has now is taken over', () => {
    const file = CaseFile.open(path, 'create');
    const lock = JSON.parse(readFileSync(`${path}.lock`, 'utf8')) as { start?: string };
    file.close();
    if (lock.start === undefined) return; // this system does not say when a process began
    // The number is this living process's.
    writeFileSync(`${path}.lock`, JSON.stringify({ ...lock, start: `${lock.start}0` }));
    expect(lockOwner(path)).toBe(null);
    CaseFile.open(path, 'write').close();
    writeFileSync(`${path}.lock`, JSON.stringify(lock));
    expect(refusal(() => CaseFile.open(path, 'write')).code).toBe('case-locked');
  });

  it('of another machine is respected, and named', () => {
    CaseFile.open(path, 'create').close();
    writeFileSync(
      `${path}.lock`,
      JSON.stringify({ pid: 1, host: 'elsewhere', since: '2026-01-01T00:00:00Z' }),
    );
    expect(refusal(() => CaseFile.open(path, 'write')).message).toMatch(/open on elsewhere since 2026/);
    expect(lockOwner(path)?.host).toBe('elsewhere');
  });

  it('that was taken by somebody else in the meantime stays theirs', () => {
    const file = CaseFile.open(path, 'create');
    const theirs = JSON.stringify({ pid: 1, host: 'elsewhere', since: 'now' });
    writeFileSync(`${path}.lock`, theirs);
    file.close();
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe(theirs);
  });
});

it('every table is STRICT', () => {
  CaseFile.open(path, 'create').close();
  const db = new Database(path, { readonly: true });
  const tables = db.pragma('table_list') as { name: string; type: string; strict: number; schema: string }[];
  const ours = tables.filter(
    ({ name, type, schema }) => type === 'table' && schema === 'main' && !name.startsWith('sqlite_'),
  );
  expect(ours.length).toBeGreaterThan(5);
  expect(ours.filter(({ strict }) => strict !== 1)).toEqual([]);
  db.close();
});

describe('what a person asks of the file', () => {
  it('gaps are given back at once, and what must hold between tables is checked', () => {
    const file = CaseFile.open(path, 'create');
    const run = storedRun(file, 100, 100);
    file.transaction(() => file.findings.replace(run, [finding]));
    finish(file, run, [0, 1]);
    expect(file.check()).toEqual([]);
    const before = file.facts();
    expect(before).toMatchObject({ tiles: 10_000, findings: 1, runs: 1, place: 'local' });
    // Most of it lies in the log beside the file still.
    expect(statSync(path).size).toBeLessThan(50_000);
    expect(before.bytes).toBeGreaterThan(100_000);
    const db = new Database(path);
    db.exec('DELETE FROM tile_result WHERE idx = 1; DELETE FROM tile WHERE idx > 5000');
    db.close();
    expect(file.facts().emptyBytes).toBeGreaterThan(50_000);
    expect(file.compact()).toBeGreaterThan(50_000);
    expect(file.facts().emptyBytes).toBe(0);
    expect(file.check()).toEqual(['1 done tiles without a result']);
    file.close();
  });
});

describe('copied by a file manager', () => {
  it('while it was open: it is checked when it is opened; closed ones are whole and have nothing beside them', () => {
    const first = CaseFile.open(path, 'create');
    const run = storedRun(first, 60, 60);
    finish(first, run, [0, 1, 2]);
    first.close();
    const file = CaseFile.open(path, 'write');
    const atWork = readFileSync(path);
    file.close();
    expect(readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}-`))).toEqual([]);
    const closed = readFileSync(path);
    const copy = `${path}.copy`;
    // A page that the copying program met at another moment.
    writeFileSync(copy, atWork.fill(0, 4096 * 20, 4096 * 21));
    expect(refusal(() => CaseFile.open(copy, 'write')).code).toBe('case-corrupt');
    writeFileSync(copy, closed);
    const whole = CaseFile.open(copy, 'write');
    expect(whole.tiles.counts(run).done).toBe(3);
    expect(whole.durability).toBe('WAL, synchronous=FULL');
    whole.close();
  });

  it('somebody who looks at it meanwhile does not keep it from closing, nor the next from opening', () => {
    const file = CaseFile.open(path, 'create');
    storedRun(file);
    const reader = CaseFile.openReadOnly(path);
    expect(reader.runs.list()).toHaveLength(1);
    file.close();
    expect(reader.runs.list()).toHaveLength(1);
    const again = CaseFile.open(path, 'write');
    expect(reader.runs.list()).toHaveLength(1);
    again.close();
    reader.close();
  });
});
