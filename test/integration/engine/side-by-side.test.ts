/** Runs side by side, in another order, and in parts again: the findings are those of a run that was left alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunParameters } from '../../../src-main/contract/run.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import type { RunConductor } from '../../../src-main/engine/run-conductor.ts';
import { replayTiles } from '../../../src-main/engine/tile-replay.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

type Found = Record<string, unknown> & { id: string; x: number; y: number; score: number };

const modelsDir = resolve(import.meta.dirname, '../../../models');
const parameters: RunParameters = { mpp: 0.5, tileSize: 128, threads: 1, batch: 1 };
let folder: string;
let engine: EngineParts;
let session: CaseSession;
let undisturbed: unknown[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-side-'));
  writeFileSync(join(folder, 'tissue.png'), tissuePicture(900, 700, 20).png);
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir,
    version: '1.2.3',
  });
  session = await openCase('one');
  undisturbed = await findingsOf(
    session,
    await session.startRun('he-nuclei', { ...parameters, order: 'native' }),
  );
  expect(undisturbed.length).toBeGreaterThan(50);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const openCase = (name: string): Promise<CaseSession> =>
  engine.cases.open(join(folder, 'tissue.png'), join(folder, `${name}.gigatile`));

async function findingsOf(of: CaseSession, run: RunConductor): Promise<unknown[]> {
  await run.ended;
  expect(run.event()).toMatchObject({ run: { state: 'complete' }, lastError: null });
  const all = { threshold: 0, offset: 0, limit: 10_000, sort: 'position', verdict: 'all' } as const;
  return of.file.findings.page(run.no, all).findings;
}

/** Shares that a run was given, as its event log tells them. */
function shareOf({ file }: CaseSession, run: RunConductor): number {
  const data = file.events.list(run.no).find(({ kind }) => kind === 'execution')?.data;
  return (data as { share: number }).share;
}

test('two runs side by side share the workers, get on both, and find what one alone finds', async () => {
  const other = await openCase('two');
  const wanted = { ...parameters, workers: 4 };
  const [a, b] = await Promise.all([
    session.startRun('he-nuclei', wanted),
    other.startRun('he-nuclei', wanted),
  ]);
  const found = [findingsOf(session, a), findingsOf(other, b)] as const;
  // Each has results before the other has ended.
  await expect.poll(() => [a, b].every((run) => run.event().run.tiles.done > 0)).toBe(true);
  expect(await found[0]).toEqual(undisturbed);
  expect(await found[1]).toEqual(undisturbed);
  expect(Math.min(shareOf(session, a), shareOf(other, b))).toBeLessThan(4);
});

test('the order changes nothing about the findings, and is in the log', async () => {
  const run = await session.startRun('he-nuclei', parameters);
  run.setViewport({ x: 600, y: 400, width: 200, height: 200 });
  expect(await findingsOf(session, run)).toEqual(undisturbed);
  const events = session.file.events.list(run.no);
  expect(events.find(({ kind }) => kind === 'execution')?.data).toMatchObject({ order: 'attention' });
});

test('a part is analysed again in the same run: history in the log, decisions stay, nothing else is touched', async () => {
  const { file } = session;
  const run = session.conductor(1);
  const [first] = undisturbed as Found[];
  const region = { x: first!.x, y: first!.y, width: 100, height: 100 };
  file.transaction(() =>
    file.decisions.add(1, {
      finding: first!.id,
      verdict: 'rejected',
      reviewer: 'R',
      modelSha256: file.runs.get(1).modelSha256,
      at: new Date().toISOString(),
    }),
  );
  await session.rerunRegion(1, region);
  const again = (await findingsOf(session, run)) as Found[];
  expect(again).toMatchObject((undisturbed as Found[]).map(({ id, x, y, score }) => ({ id, x, y, score })));
  expect(again.find(({ id }) => id === first!.id)?.['verdict']).toBe('rejected');
  const events = file.events.list(1);
  const rerun = events.findIndex(({ kind }) => kind === 'rerun-region');
  const { tiles } = events[rerun]!.data as { tiles: number };
  expect(tiles).toBeGreaterThan(0);
  expect(tiles).toBeLessThan(10);
  // Done again: those tiles and no others.
  const moved = events.slice(rerun).flatMap(({ kind, data }) => (kind === 'tiles' ? [data] : []));
  expect(JSON.stringify(moved).match(/done/g)).not.toBeNull();
  const states = [...file.tiles.load(1)].map(({ state }) => state);
  expect([...(replayTiles(events)?.state ?? [])]).toEqual(states);
  await expect(session.rerunRegion(1, { ...region, x: 5000 })).rejects.toMatchObject({ code: 'usage' });
  expect(file.runs.get(1).state).toBe('complete');
});
