/** A stored run as the screens and the command line see it. */
import type { RunEvent, RunView, TileCounts } from '../contract/run.ts';
import type { StoredRun } from '../store/run-store.ts';
import { runIdOf } from './run-id.ts';

export function runView(caseId: string, run: StoredRun, tiles: TileCounts, findings: number): RunView {
  return {
    id: runIdOf(run.no),
    caseId,
    modelId: run.manifest.id,
    modelName: run.manifest.name,
    modelVersion: run.manifest.version,
    modelSha256: run.modelSha256,
    parameters: run.parameters,
    threshold: run.threshold,
    state: run.state,
    step: run.step,
    grid: tiles.total > 0 ? run.grid : null,
    tiles,
    findings,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    seconds: run.workedMs / 1000,
    provider: run.provider,
    reason: run.reason,
    ...(run.completion !== null && { completion: run.completion }),
    ...(run.usage !== null && { usage: run.usage }),
    ...(run.scene !== null && { scene: run.scene }),
  };
}

/** As it is streamed while a run goes on: regions of many thousand points are not sent ten times a second. They are there at the end. */
export function withoutOutlines(event: RunEvent): RunEvent {
  const { roi, exclude, ...rest } = event.run.parameters;
  if (event.run.state !== 'running' || (roi === undefined && exclude === undefined)) return event;
  return { ...event, run: { ...event.run, parameters: rest } };
}
