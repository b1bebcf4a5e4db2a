import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchItem, BatchSummary } from '../../../src-main/contract/batch.ts';
import {
  batchActions,
  batchFraction,
  batchLine,
  batchTone,
  itemActions,
  itemDetail,
  reportedLine,
} from '../../../src-renderer/batches/batch-words.ts';
import { addToDraft, takeBatchEvent, useBatches } from '../../../src-renderer/state/batch-store.ts';

const item = (index: number, change: Partial<BatchItem> = {}): BatchItem => ({
  index,
  name: `${index}.svs`,
  state: 'waiting',
  reused: false,
  tiles: null,
  etaSeconds: null,
  findings: null,
  seconds: 0,
  error: null,
  runId: null,
  ...change,
});
const counts = {
  waiting: 0,
  running: 0,
  paused: 0,
  complete: 0,
  'complete-with-gaps': 0,
  failed: 0,
  cancelled: 0,
};
const batch = (
  change: Partial<BatchSummary['counts']> = {},
  state: BatchSummary['state'] = 'running',
): BatchSummary => ({
  id: 'b',
  name: 'Batch',
  modelName: 'Nuclei',
  parameters: {},
  createdAt: '2026-01-01T00:00:00Z',
  state,
  reason: null,
  total: 10,
  counts: { ...counts, ...change },
  findings: 0,
  reporting: null,
  reported: null,
});

describe('words of a batch', () => {
  it('never say just "done" where something is missing', () => {
    expect(batchLine(batch({ complete: 7, failed: 1, 'complete-with-gaps': 2 }))).toBe(
      '10 of 10 images, 1 failed, 2 with gaps',
    );
    expect(batchTone(batch({ complete: 10 }, 'finished'))).toBe('good');
    expect(batchTone(batch({ complete: 9, failed: 1 }, 'finished'))).toBe('bad');
    expect(batchTone(batch({ complete: 9, 'complete-with-gaps': 1 }, 'finished'))).toBe('warn');
  });

  it('offer what the state allows', () => {
    expect(batchActions(batch({ running: 1, waiting: 9 }))).toMatchObject({
      pause: true,
      resume: false,
      remove: false,
    });
    expect(batchActions(batch({ waiting: 3, failed: 7 }, 'interrupted'))).toEqual({
      pause: false,
      resume: true,
      cancel: true,
      retryFailed: true,
      remove: true,
      saveReports: true,
      cancelReports: false,
    });
    expect(itemActions(item(0, { state: 'failed' }))).toEqual({
      pause: false,
      resume: false,
      retry: true,
      cancel: false,
    });
  });

  it('of reports say what is missing, and offer one archive at a time', () => {
    const reported = { done: 2, failed: 0, total: 2, error: null };
    const line = (change: object) => reportedLine({ outcome: 'written', ...reported, ...change });
    expect(line({})).toBe('2 reports written');
    expect(line({ done: 1, failed: 1 })).toMatch(/^1 of 2 reports written: reports\.csv .* says why/);
    expect(line({ outcome: 'cancelled', done: 1 })).toBe(
      'Cancelled after 1 of 2 reports: no archive was saved',
    );
    const error = { code: 'disk-full' as const, message: 'The disk is full', hint: 'Free some space' };
    expect(line({ outcome: 'failed', done: 1, error })).toMatch(/1 of 2.*The disk is full – Free some space/);
    const reporting = { done: 0, failed: 0, total: 2, image: 0, isStopping: false };
    const ended = batch({ complete: 2 }, 'finished');
    expect(batchActions({ ...ended, reporting })).toMatchObject({
      saveReports: false,
      cancelReports: true,
      remove: false,
    });
    expect(batchActions({ ...ended, reporting: { ...reporting, isStopping: true } }).cancelReports).toBe(
      false,
    );
  });

  it('count an image that is worked on by its tiles', () => {
    const tiles = { total: 10, done: 3, skipped: 1, failed: 1 };
    const items = [item(0, { state: 'complete' }), item(1, { state: 'running', tiles }), item(2), item(3)];
    expect(batchFraction({ total: 4 }, items)).toBe(1.5 / 4);
  });

  it('say what became of an image', () => {
    const tiles = { total: 10, done: 3, skipped: 1, failed: 0 };
    const error = { code: 'image-corrupt' as const, message: 'Damaged' };
    expect(itemDetail(item(0, { state: 'failed', error }))).toBe('Damaged');
    expect(itemDetail(item(0, { state: 'complete', reused: true }))).toMatch(/before/);
    expect(itemDetail(item(0, { state: 'running', etaSeconds: 65, tiles }))).toBe('1 min 05 s left');
  });
});

describe('the store of batches', () => {
  beforeEach(() => useBatches.setState({ open: null, draft: [] }));

  it('puts what changed in the place of what was, and forgets another batch', () => {
    takeBatchEvent({ batch: batch(), items: [item(0), item(1), item(2)] });
    takeBatchEvent({ batch: batch({ complete: 1 }), items: [item(1, { state: 'complete' })] });
    const { open } = useBatches.getState();
    expect(open?.items.map(({ state }) => state)).toEqual(['waiting', 'complete', 'waiting']);
    expect(open?.batch.counts.complete).toBe(1);
    takeBatchEvent({ batch: { ...batch(), id: 'c' }, items: [item(0)] });
    expect(useBatches.getState().open?.items).toHaveLength(1);
  });

  it('takes each image once', () => {
    const images = ['a', 'b', 'a'].map((fileId) => ({ fileId, name: fileId }));
    expect(addToDraft(images)).toBe(2);
    expect(addToDraft(images)).toBe(0);
    expect(useBatches.getState().draft).toHaveLength(2);
  });
});
