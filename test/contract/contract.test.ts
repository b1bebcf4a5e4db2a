/** What the contract promises a screen, over each transport, answered by the real engine with real workers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDefinedError, ORPCError } from '@orpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { caseViewSchema, type CaseView } from '../../src-main/contract/api.ts';
import type { RunEvent, RunView } from '../../src-main/contract/run.ts';
import { ChildWorkerHost } from '../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../src-main/engine/engine.ts';
import type { Engine } from '../../src-main/engine/shell.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { transports, type Screen } from './transports.ts';

const parameters = { mpp: 0.5, tileSize: 256, overlap: { unit: 'px', value: 64 }, workers: 1 } as const;

/** The API as a screen of another version, or a hostile one, would call it: by any name and with anything. */
function otherVersion(screen: Screen) {
  const api: unknown = screen.api;
  return api as { cases: Record<'open' | 'destroy' | 'constructor', (input: unknown) => Promise<unknown>> };
}

describe.each(transports)('the contract over $name', ({ connect }) => {
  const picture = tissuePicture(1000, 800);
  let folder: string;
  let engine: Engine;
  let screen: Screen;
  let fileId: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gigatile-contract-'));
    const path = join(folder, 'Schnitt Ω 1.png');
    writeFileSync(path, picture.png);
    engine = await createEngine({
      host: new ChildWorkerHost(),
      shell: { kind: 'web' },
      dataDir: join(folder, 'data'),
      modelsDir: resolve(import.meta.dirname, '../../models'),
      version: '1.2.3',
    });
    fileId = engine.files.register(path);
    screen = await connect(engine);
  });
  afterAll(async () => {
    await screen.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = (): Promise<CaseView> => screen.api.cases.open({ fileId });

  /** All events up to the one that says that the run rests. */
  async function follow(run: RunView): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const event of await screen.api.runs.watch({ caseId: run.caseId, runId: run.id })) {
      events.push(event);
      if (event.run.state !== 'running') break;
    }
    return events;
  }

  it('answers calls with the declared data, whole', async () => {
    expect(await screen.api.app.info()).toEqual({
      version: '1.2.3',
      shell: 'web',
      picker: 'browse',
      openAtStart: [],
      queue: null,
    });
    const view = await opened();
    expect(caseViewSchema.parse(view)).toEqual(view);
    expect(view.image).toMatchObject({
      name: 'Schnitt Ω 1.png',
      format: 'png',
      width: 1000,
      height: 800,
      mpp: null,
      geo: null,
    });
    expect((await screen.api.models.list()).map((card) => card.manifest.id)).toContain('he-nuclei');
  });

  it('tells typed errors with what, where and what to do', async () => {
    const error: unknown = await screen.api.cases
      .open({ fileId: 'never-handed-out' })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ORPCError);
    expect(error instanceof ORPCError && isDefinedError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'GIGATILE',
      data: { code: 'file-not-found', hint: expect.stringContaining('Open it again') },
    });
    const { id } = await opened();
    await expect(screen.api.runs.failures({ caseId: id, runId: 'none' })).rejects.toMatchObject({
      code: 'GIGATILE',
      data: { code: 'run-not-found' },
    });
    await expect(screen.api.cases.get({ caseId: 'none' })).rejects.toMatchObject({ code: 'GIGATILE' });
    await expect(
      screen.api.runs.start({ caseId: id, modelId: '../../etc/passwd', parameters: {} }),
    ).rejects.toMatchObject({ code: 'GIGATILE', data: { code: 'model-not-found' } });
  });

  it('refuses input that is not as declared, before it reaches anything', async () => {
    const { id } = await opened();
    const runRef = { caseId: id, runId: 'none' };
    const page = { ...runRef, threshold: 0, offset: 0 };
    await expect(screen.api.findings.page({ ...page, limit: 0 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(screen.api.findings.page({ ...page, limit: 501 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(screen.api.tiles.inspect({ ...runRef, index: 0.5 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const { cases } = otherVersion(screen);
    await expect(cases.open({ file: fileId })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(cases.open(undefined)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('says so where there is no such procedure', async () => {
    const { cases } = otherVersion(screen);
    await expect(cases.destroy({ caseId: '1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(cases.constructor({})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('keeps many calls at once apart', async () => {
    const view = await opened();
    const calls = Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0
        ? screen.api.cases.get({ caseId: view.id }).then((found) => found.image.name)
        : screen.api.cases.get({ caseId: `absent-${i}` }).catch((error: unknown) => error),
    );
    const answers = await Promise.all(calls);
    answers.forEach((answer, i) => {
      if (i % 2 === 0) expect(answer).toBe(view.image.name);
      else expect(answer).toMatchObject({ code: 'GIGATILE' });
    });
  });

  it('streams a run from the state of now to its end, and what was found is there then', async () => {
    const { id } = await opened();
    const run = await screen.api.runs.start({ caseId: id, modelId: 'he-nuclei', parameters });
    const events = await follow(run);
    const last = events.at(-1)?.run;
    expect(last).toMatchObject({ state: 'complete', step: 'finished' });
    for (const { run: view } of events) {
      const { total, pending, running, waiting, done, skipped, failed } = view.tiles;
      expect(pending + running + waiting + done + skipped + failed).toBe(total);
    }
    // A run that rests is loaded anew when it is asked for, with a generation of its own.
    const working = events.filter((event) => event.run.state === 'running');
    const revisions = working.map((event) => event.revision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));

    // A screen that comes later gets the end at once.
    expect((await follow(run)).at(-1)?.run).toEqual(last);

    const page = await screen.api.findings.page({
      caseId: id,
      runId: run.id,
      threshold: 0.5,
      offset: 0,
      limit: 500,
    });
    expect(page.total).toBe(last?.findings);
    const near = (nucleus: { x: number; y: number }): boolean =>
      page.findings.some(
        ({ box }) => Math.hypot(box.x + box.width / 2 - nucleus.x, box.y + box.height / 2 - nucleus.y) <= 4,
      );
    expect(picture.nuclei.filter(near).length).toBeGreaterThanOrEqual(picture.nuclei.length * 0.95);
  });

  it('changes the number of workers of a run that goes on, and of no other', async () => {
    const { id } = await opened();
    const run = await screen.api.runs.start({ caseId: id, modelId: 'he-nuclei', parameters });
    const ref = { caseId: id, runId: run.id };
    const changed = await screen.api.runs.setWorkers({ ...ref, workers: 2 });
    expect(changed.parameters.workers).toBe(2);
    const events = await follow(run);
    expect(events.map(({ workers }) => workers?.wanted)).toContain(2);
    expect(events.at(-1)?.run).toMatchObject({ state: 'complete', parameters: { workers: 2 } });
    expect(events.at(-1)?.workers).toBeUndefined();
    await expect(screen.api.runs.setWorkers({ ...ref, workers: 1 })).rejects.toMatchObject({
      code: 'GIGATILE',
      data: { code: 'conflict' },
    });
    await expect(screen.api.runs.setWorkers({ ...ref, workers: 0 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('keeps a decision once it has answered', async () => {
    const view = await opened();
    const run = view.runs.at(-1);
    if (run === undefined) throw new Error('the run of the test before is not there');
    const ref = { caseId: view.id, runId: run.id };
    const first = (await screen.api.findings.page({ ...ref, threshold: 0.5, offset: 0, limit: 1 }))
      .findings[0];
    if (first === undefined) throw new Error('the run has no findings');
    const decided = await screen.api.decisions.set({
      ...ref,
      findingId: first.id,
      verdict: 'rejected',
      reviewer: 'Dr. Ω',
    });
    expect(decided).toMatchObject({ id: first.id, verdict: 'rejected', reviewer: 'Dr. Ω' });
    const rejected = { ...ref, threshold: 0.5, offset: 0, limit: 10, verdict: 'rejected' } as const;
    expect(await screen.api.findings.page(rejected)).toEqual({ total: 1, findings: [decided] });
    await screen.api.decisions.set({ ...ref, findingId: first.id, verdict: null, reviewer: 'Dr. Ω' });
    expect((await screen.api.findings.page(rejected)).total).toBe(0);
    await expect(
      screen.api.decisions.set({ ...ref, findingId: 'none', verdict: 'accepted', reviewer: 'x' }),
    ).rejects.toMatchObject({ code: 'GIGATILE' });

    const reader = { ...ref, reviewer: 'Dr. Ω' };
    expect(await screen.api.decisions.undo(reader)).toMatchObject({ id: first.id, verdict: 'rejected' });
    expect(await screen.api.decisions.undo(reader)).toMatchObject({ id: first.id, verdict: null });
    expect(await screen.api.decisions.undo(reader)).toBeNull();
    expect(await screen.api.decisions.redo(reader)).toMatchObject({ id: first.id, verdict: 'rejected' });
    const change = { ...ref, findingId: first.id, reviewer: 'Dr. Two' };
    await expect(
      screen.api.decisions.set({ ...change, verdict: 'accepted', classIndex: 99 }),
    ).rejects.toMatchObject({ data: { code: 'usage' } });
    expect(
      await screen.api.decisions.set({ ...change, verdict: 'accepted', note: 'a doubt', by: 'Dr. Two' }),
    ).toMatchObject({ verdict: 'accepted', note: 'a doubt' });
    const log = await screen.api.decisions.history({ ...ref, findingId: first.id });
    expect(log.map(({ action, reviewer }) => `${action} ${reviewer}`)).toEqual([
      'decide Dr. Ω',
      'decide Dr. Ω',
      'undo Dr. Ω',
      'undo Dr. Ω',
      'redo Dr. Ω',
      'decide Dr. Two',
    ]);
    expect(log.at(-1)).toMatchObject({
      previous: { verdict: 'rejected', note: null },
      verdict: 'accepted',
      modelSha256: run.modelSha256,
    });
    expect(await screen.api.decisions.agreement(ref)).toEqual({
      reviewers: [
        { name: 'Dr. Ω', decided: 1 },
        { name: 'Dr. Two', decided: 1 },
      ],
      pairs: [{ first: 'Dr. Ω', second: 'Dr. Two', both: 1, agreed: 0, kappa: 0 }],
      disagreed: 1,
    });
    const place = { ...ref, threshold: 0.5, findingId: first.id };
    expect(await screen.api.findings.place({ ...place, verdict: 'disagreed' })).toBe(0);
    expect(await screen.api.findings.place({ ...place, verdict: 'rejected' })).toBeNull();
  });

  it('keeps annotations, and refuses one that is none', async () => {
    const { id: caseId } = await opened();
    const annotation: Annotation = {
      id: crypto.randomUUID(),
      kind: 'rectangle',
      points: [
        [1, 2],
        [30, 40.25],
      ],
      className: 'Tumour Ω',
      color: [1, 2, 3],
      name: '',
    };
    const author = 'Dr. Ω';
    const kept = await screen.api.annotations.put({ caseId, annotations: [annotation], author });
    expect(kept).toMatchObject([{ ...annotation, author }]);
    expect(await screen.api.annotations.list({ caseId })).toEqual(kept);
    const corner = { ...annotation, points: [annotation.points[0] ?? [0, 0]] };
    await expect(screen.api.annotations.put({ caseId, annotations: [corner], author })).rejects.toMatchObject(
      { code: 'BAD_REQUEST' },
    );
    expect(await screen.api.annotations.remove({ caseId, ids: [annotation.id], author })).toEqual([]);
  });

  it('ends a stream where the screen no longer wants it, and goes on with other calls', async () => {
    const abort = new AbortController();
    const stream = await screen.api.app.requests(undefined, { signal: abort.signal });
    const seen: string[] = [];
    const ended = (async () => {
      for await (const event of stream) if (event.kind === 'open') seen.push(event.fileId);
    })().catch((error: unknown) => error);
    engine.requestOpen(join(folder, 'Schnitt Ω 1.png'));
    await expect.poll(() => seen.length).toBe(1);
    expect((await screen.api.cases.open({ fileId: seen[0] ?? '' })).image.name).toBe('Schnitt Ω 1.png');
    abort.abort();
    await ended;
    engine.requestOpen(join(folder, 'Schnitt Ω 1.png'));
    expect(await screen.api.app.info()).toMatchObject({ shell: 'web' });
    expect(seen).toHaveLength(1);
  });

  it('tells how far reports of a batch are, and cancels them', async () => {
    // The same analysis as above: it is found, not done again.
    const order = { name: 'Batch', fileIds: [fileId], modelId: 'he-nuclei', parameters, consentBy: null };
    const { id: batchId } = await screen.api.batches.create(order);
    const seen = [];
    let making: Promise<unknown> | null = null;
    for await (const { batch } of await screen.api.batches.watch({ batchId })) {
      seen.push(batch.reporting);
      if (batch.reported !== null) {
        expect(batch).toMatchObject({
          reporting: null,
          reported: { outcome: 'cancelled', done: 0, total: 1 },
        });
        break;
      }
      if (batch.state !== 'finished') continue;
      if (making === null) {
        const { download } = await screen.api.batches.saveReports({ batchId, format: 'pdf' });
        const [caseId = '', runId = '', format = ''] = download?.split('/').slice(2) ?? [];
        // Once nothing is told any more: what comes then is told at once.
        making = sleep(300)
          .then(() => engine.exportToTemporary(caseId, runId, format))
          .catch((error: unknown) => error);
      } else if (batch.reporting?.isStopping === false) await screen.api.batches.cancelReports({ batchId });
    }
    const first = seen.find((reporting) => reporting !== null);
    expect(first).toMatchObject({ done: 0, failed: 0, total: 1, isStopping: false });
    expect(await making).toMatchObject({ code: 'cancelled' });
    // Nothing to cancel is nothing that went wrong.
    expect(await screen.api.batches.cancelReports({ batchId })).toMatchObject({ reporting: null });
  });

  it('takes a region of interest of many thousand points', async () => {
    const { id } = await opened();
    const ring = Array.from({ length: 20_000 }, (_, i): [number, number] => {
      const angle = (i / 20_000) * 2 * Math.PI;
      return [300 + 40 * Math.cos(angle), 300 + 40 * Math.sin(angle)];
    });
    const run = await screen.api.runs.start({
      caseId: id,
      modelId: 'he-nuclei',
      parameters: { ...parameters, roi: [ring] },
    });
    const events = await follow(run);
    for (const { run: view } of events) {
      if (view.state === 'running') expect(view.parameters.roi).toBeUndefined();
    }
    const last = events.at(-1)?.run;
    expect(last?.state).toBe('complete');
    expect(last?.tiles.skipped).toBeGreaterThan(0);
    expect(last?.parameters.roi?.[0]).toHaveLength(20_000);
  });
});
