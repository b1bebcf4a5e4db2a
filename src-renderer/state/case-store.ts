/** The open case and the run that is looked at, as the engine last told. */
import { create } from 'zustand';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { ModelCard } from '../../src-main/contract/model.ts';
import type { RunEvent, RunView } from '../../src-main/contract/run.ts';
import type { FindingSet } from './finding-set.ts';
import type { TileStateBuffer } from './tile-state-buffer.ts';

/** The part of a run event that is about now. */
export type LiveRun = Pick<
  RunEvent,
  | 'tilesPerSecond'
  | 'etaSeconds'
  | 'lastError'
  | 'workers'
  | 'preparation'
  | 'tuning'
  | 'gate'
  | 'provisional'
>;

export interface CaseState {
  caseView: CaseView | null;
  models: ModelCard[] | null;
  modelsError: PlainError | null;
  /** The run that is looked at. */
  runId: string | null;
  live: LiveRun | null;
  tiles: TileStateBuffer | null;
  /** Counts up with each change inside `tiles`. */
  tilesVersion: number;
  findings: FindingSet | null;
  /** Counts up with each change inside `findings`. */
  findingsVersion: number;
  findingsError: PlainError | null;
}

export const emptyCase: CaseState = {
  caseView: null,
  models: null,
  modelsError: null,
  runId: null,
  live: null,
  tiles: null,
  tilesVersion: 0,
  findings: null,
  findingsVersion: 0,
  findingsError: null,
};

export const useCase = create<CaseState>()(() => emptyCase);

/** The case with one run renewed or, where it is new, put first. An older picture of a run than the one known is still taken: the engine's order is the order of arrival. */
export function withRun(caseView: CaseView, run: RunView): CaseView {
  const known = caseView.runs.some((other) => other.id === run.id);
  return {
    ...caseView,
    runs: known ? caseView.runs.map((other) => (other.id === run.id ? run : other)) : [run, ...caseView.runs],
  };
}

export function selectedRun(state: Pick<CaseState, 'caseView' | 'runId'>): RunView | null {
  return state.caseView?.runs.find((run) => run.id === state.runId) ?? null;
}

export function modelOf(state: Pick<CaseState, 'models'>, run: RunView | null): ModelCard | null {
  return state.models?.find((model) => model.manifest.id === run?.modelId) ?? null;
}

/** Nothing can be changed: the case can only be looked at. */
export function isReadOnly(state: Pick<CaseState, 'caseView'>): boolean {
  return state.caseView?.readOnly !== undefined;
}

/** The run that somebody who opens a case wants to see: one that goes on, one that was cut off, else the newest. */
export function runToShow(caseView: CaseView): RunView | null {
  const newestFirst = caseView.runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const inState = (state: RunView['state']) => newestFirst.find((run) => run.state === state);
  return inState('running') ?? inState('interrupted') ?? newestFirst[0] ?? null;
}
