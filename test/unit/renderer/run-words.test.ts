import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../src-main/contract/run.ts';
import { runActions, runFraction, runHeadline } from '../../../src-renderer/runs/run-words.ts';
import { defaultOptions, parametersOf } from '../../../src-renderer/runs/run-option-values.ts';

function run(values: Partial<RunView>, tiles: Partial<RunView['tiles']> = {}): RunView {
  return {
    id: 'r',
    caseId: 'c',
    modelId: 'he-nuclei',
    modelName: 'Nuclei',
    modelVersion: '1',
    modelSha256: '00',
    parameters: {},
    threshold: 0.5,
    state: 'running',
    step: 'analyze',
    grid: null,
    tiles: { total: 812, pending: 0, running: 0, waiting: 0, done: 812, skipped: 0, failed: 0, ...tiles },
    findings: 0,
    createdAt: '2026-01-01T00:00:00Z',
    finishedAt: null,
    seconds: 0,
    provider: null,
    reason: null,
    ...values,
  };
}

describe('a run in words', () => {
  it('says what is missing, never just "done"', () => {
    expect(runHeadline(run({ state: 'complete-with-gaps' }, { done: 809, failed: 3 }))).toBe(
      'Complete with gaps: 3 of 812 tiles failed',
    );
    expect(runHeadline(run({ state: 'failed' }, { done: 400, failed: 412 }))).toBe(
      'Failed: 412 of 812 tiles failed',
    );
    expect(runHeadline(run({ state: 'interrupted' }, { done: 811, pending: 1 }))).toBe(
      'Interrupted: 1 tile to go, nothing is lost',
    );
    expect(runHeadline(run({ state: 'complete' }))).toBe('Complete: 812 tiles analysed');
  });

  it('says of a run that ended early on purpose that it did, and offers the rest', () => {
    const early = run(
      { state: 'complete-with-gaps', completion: 'minimum-reached' },
      { done: 500, pending: 312 },
    );
    expect(runHeadline(early)).toBe('Ended early, as wanted: 500 of 812 tiles done');
    expect(runActions(early)).toMatchObject({ analyseRest: true, resume: false });
    expect(runActions({ ...early, completion: 'all-ended' }).analyseRest).toBe(false);
    expect(runActions({ ...early, state: 'running' }).analyseRest).toBe(false);
  });

  it('counts skipped and failed tiles as ended', () => {
    expect(runFraction(run({}, { total: 100, done: 40, skipped: 30, failed: 5, pending: 25 }))).toBe(0.75);
    expect(runFraction(run({}, { total: 0, done: 0 }))).toBe(0);
  });

  it('offers what its state allows', () => {
    expect(runActions(run({}))).toEqual({
      pause: true,
      resume: false,
      analyseRest: false,
      cancel: true,
      retryFailed: false,
      rerun: true,
    });
    expect(runActions(run({ state: 'cancelled' })).rerun).toBe(false);
    expect(runActions(run({ state: 'running', step: 'preprocess' })).rerun).toBe(false);
    expect(runActions(run({ state: 'interrupted' }))).toMatchObject({ resume: true, pause: false });
    expect(runActions(run({ state: 'complete-with-gaps' }, { failed: 3 })).retryFailed).toBe(true);
    expect(runActions(run({ state: 'running' }, { failed: 3 })).retryFailed).toBe(false);
    expect(runActions(run({ state: 'complete' })).cancel).toBe(false);
  });
});

describe('run options as typed', () => {
  it('say how the run ends', () => {
    expect(parametersOf({ ...defaultOptions, minSuccessful: '500', beyond: 'stop' })).toEqual({
      ok: true,
      value: { minSuccessful: { kind: 'count', value: 500 }, failFast: true },
    });
    expect(parametersOf({ ...defaultOptions, minSuccessful: '80 %' })).toEqual({
      ok: true,
      value: { minSuccessful: { kind: 'percent', value: 80 } },
    });
    for (const minSuccessful of ['0', '0%', 'many', '1.5']) {
      expect(parametersOf({ ...defaultOptions, minSuccessful }).ok).toBe(false);
    }
  });

  it('say the order only where it is another one', () => {
    expect(parametersOf(defaultOptions)).toEqual({ ok: true, value: {} });
    expect(parametersOf({ ...defaultOptions, order: 'native' })).toEqual({
      ok: true,
      value: { order: 'native' },
    });
  });

  it('leave out what is empty', () => {
    expect(parametersOf(defaultOptions)).toEqual({ ok: true, value: {} });
  });

  it('become parameters', () => {
    expect(
      parametersOf({
        ...defaultOptions,
        threshold: '0.4',
        tileSize: '1024',
        overlap: '10 %',
        mpp: '0.25',
        workers: '2',
        tolerate: '1%',
        jpeg: 'exact',
        merge: 'sahi-nms',
      }),
    ).toEqual({
      ok: true,
      value: {
        threshold: 0.4,
        tileSize: 1024,
        overlap: { unit: 'percent', value: 10 },
        mpp: 0.25,
        workers: 2,
        tolerate: { kind: 'percent', value: 1 },
        jpeg: 'exact',
        merge: { mode: 'sahi', type: 'NMS', metric: 'IOS', threshold: 0.5 },
      },
    });
    expect(
      parametersOf({
        ...defaultOptions,
        provider: 'auto',
        threads: '2',
        batch: '4',
        gate: 'g',
        gateAccept: 'a, b',
      }),
    ).toEqual({
      ok: true,
      value: { provider: 'auto', threads: 2, batch: 4, gate: { model: 'g', accept: ['a', 'b'] } },
    });
    expect(parametersOf({ ...defaultOptions, gate: 'g', gateAccept: ' , ' })).toMatchObject({ ok: false });
    expect(parametersOf({ ...defaultOptions, batch: '0' })).toMatchObject({ ok: false });
    expect(parametersOf({ ...defaultOptions, budget: '2.50' })).toEqual({
      ok: true,
      value: { budget: { usd: 2.5 } },
    });
    expect(parametersOf({ ...defaultOptions, budget: '200000 tokens' })).toEqual({
      ok: true,
      value: { budget: { tokens: 200_000 } },
    });
    expect(parametersOf({ ...defaultOptions, budget: 'much' })).toMatchObject({ ok: false });
    expect(parametersOf({ ...defaultOptions, overlap: '64', tolerate: '3' })).toEqual({
      ok: true,
      value: { overlap: { unit: 'px', value: 64 }, tolerate: { kind: 'count', value: 3 } },
    });
  });

  it('that mean nothing are told by field', () => {
    const parsed = parametersOf({
      ...defaultOptions,
      threshold: '1.5',
      tileSize: '12.5',
      overlap: '95%',
      workers: 'many',
      tolerate: '-1',
    });
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : Object.keys(parsed.errors).sort()).toEqual([
      'overlap',
      'threshold',
      'tileSize',
      'tolerate',
      'workers',
    ]);
  });
});
