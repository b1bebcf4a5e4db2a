/** Findings of a run that goes on: merged by a thread from what is committed, read like those of a run that has ended. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeFindingFrame } from '../../../src-main/contract/finding-frame.ts';
import type { PlainError } from '../../../src-main/contract/errors.ts';
import { ProvisionalFindings } from '../../../src-main/engine/provisional-findings.ts';
import { synthesize } from '../../../src-main/engine/synthesize.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { storedRun, tileResult } from '../store/stored-run.ts';

const columns = 4;
let folder: string;
let file: CaseFile;
let run: number;
let provisional: ProvisionalFindings;
let told: (() => void) | null;
let failures: PlainError[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-provisional-test-'));
  vi.stubEnv('TMPDIR', folder);
  file = CaseFile.open(join(folder, 'a.gigatile'), 'create');
  run = storedRun(file, columns, 1);
  failures = [];
  told = null;
  provisional = new ProvisionalFindings({
    casePath: file.path,
    run,
    fingerprint: 'f',
    grid: file.runs.get(run).grid,
    states: () => Uint8Array.from([...file.tiles.load(run)], ({ state }) => state),
    changed: () => told?.(),
    leastPauseMs: 0,
    failed: (error) => {
      failures.push(error);
      told?.();
    },
  });
});

afterEach(async () => {
  await provisional.close();
  file.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** One detection in the middle of each tile, and one across the border to the next: each of the two sees half of it. */
function finish(tiles: readonly number[]): void {
  file.transaction(() => {
    file.tiles.apply(
      run,
      tiles.flatMap((tile) => {
        const x = tile * 50;
        const detections = [x + 20, 20, 10, 10, 0, 0.9 - tile / 100, x, 20, 6, 12, 0, 0.6];
        if (tile < columns - 1) detections.push(x + 44, 20, 6, 12, 0, 0.5);
        const result = { ...tileResult(tile), detections: Float32Array.from(detections) };
        return [
          { kind: 'grant' as const, tile, epoch: 1 },
          { kind: 'done' as const, epoch: 1, result },
        ];
      }),
    );
  });
}

/** A screen asks for what there is, and gets what comes. */
async function merged(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  told = resolve;
  provisional.want();
  await promise;
  expect(failures).toEqual([]);
}

const all = { threshold: 0, offset: 0, limit: 100, sort: 'score', verdict: 'all' } as const;

describe('findings of a run that goes on', () => {
  it('are those of the tiles so far, and with the last tile exactly those of the end', async () => {
    expect([provisional.findings, provisional.frame(), provisional.view]).toEqual([null, null, null]);
    finish([0]);
    await merged();
    expect(provisional.view).toMatchObject({ tiles: 1, revision: 1, findings: 3 });
    const half = provisional.findings?.page(run, all).findings;
    expect(half?.map(({ x, width }) => [x, width])).toEqual([
      [20, 10],
      [0, 6],
      [44, 6],
    ]);
    finish([1, 2, 3]);
    await merged();
    expect(provisional.view).toMatchObject({ tiles: 4, revision: 2 });

    const { findings } = synthesize(file, file.runs.get(run), 'f');
    file.transaction(() => file.findings.replace(run, findings));
    const atTheEnd = [...file.findings.all(run)];
    expect([...(provisional.findings?.all(run) ?? [])]).toEqual(atTheEnd);
    // What no later tile touched has kept its name.
    expect(atTheEnd.map(({ id }) => id)).toContain(half?.[0]?.id);
    expect(decodeFindingFrame(provisional.frame()?.slice().buffer ?? new ArrayBuffer(0)).count).toBe(
      atTheEnd.length,
    );
  });

  it('says which of them tiles to come may change', async () => {
    finish([0, 1]);
    await merged();
    const open = provisional.findings?.page(run, all).findings.filter((row) => provisional.mayChange(row));
    // Tile 2 does not touch tile 0.
    expect(open?.map(({ tile }) => tile)).not.toContain(0);
    expect(open?.map(({ tile }) => tile)).toContain(1);
    // Done meanwhile, but not merged: still to come for whoever looks at these findings.
    finish([2, 3]);
    expect(provisional.mayChange({ x: 60, y: 20, width: 5, height: 5 })).toBe(true);
    await merged();
    expect(provisional.findings?.page(run, all).findings.some((row) => provisional.mayChange(row))).toBe(
      false,
    );
  });

  it('carry decisions at once, in the list and in the picture', async () => {
    finish([0]);
    await merged();
    const [first] = provisional.findings?.page(run, all).findings ?? [];
    expect(first?.verdict).toBeNull();
    const at = new Date().toISOString();
    file.transaction(() =>
      file.decisions.add(run, {
        finding: first?.id ?? '',
        verdict: 'accepted',
        reviewer: 'r',
        modelSha256: 's',
        at,
      }),
    );
    expect(provisional.findings?.byId(run, first?.id ?? '')?.verdict).toBe('accepted');
    const frame = decodeFindingFrame(provisional.frame()?.slice().buffer ?? new ArrayBuffer(0));
    expect(frame.records.getUint8(21)).toBe(1);
    // There is no such finding in the case yet; with the end there is.
    expect(file.decisions.withoutFinding(run)).toBe(1);
    file.transaction(() => file.findings.replace(run, synthesize(file, file.runs.get(run), 'f').findings));
    expect(file.decisions.withoutFinding(run)).toBe(0);
    expect(file.findings.byId(run, first?.id ?? '')?.verdict).toBe('accepted');
  });

  it('leave nothing behind', async () => {
    const left = (): string[] =>
      readdirSync(folder).filter((name) => name.startsWith('gigatile-provisional-'));
    finish([0]);
    await merged();
    expect(left()).toHaveLength(1);
    await provisional.close();
    expect(left()).toEqual([]);
  });
});
