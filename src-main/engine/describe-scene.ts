/** The description of the whole image of a remote model's run: by rules, or by the endpoint from the texts, where it was asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteModel, RemoteUsage, SceneDescription } from '../contract/model-remote.ts';
import { backoffMs } from '../core/retry.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import { openEndpoint } from '../remote/endpoint.ts';
import { EndpointFailure } from '../remote/failure.ts';
import {
  sceneByEndpoint,
  sceneByRules,
  sceneFacts,
  type SceneFacts,
  type SceneRegion,
} from '../remote/scene.ts';
import type { SecretSource } from '../remote/secrets.ts';
import { BudgetGate, budgetReached, nothingUsed } from '../remote/usage.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';
import { retryPolicyOf } from './remote-run.ts';

/** What the tiles said and what synthesize counted; to be asked after the findings were written. */
export function factsOf(caseFile: CaseFile, run: StoredRun): SceneFacts {
  const { columns, rows } = run.grid;
  const { classes } = run.manifest;
  const notes = caseFile.tiles.notes(run.no);
  const regions: SceneRegion[] = [];
  for (const { tile, detections } of caseFile.tiles.results(run.no)) {
    const note = notes.get(tile);
    if (note === undefined) continue;
    const objects = new Map<string, number>();
    for (let at = 0; at < detections.length; at += detectionStride) {
      if ((detections[at + 5] ?? 0) < Math.fround(run.threshold)) continue;
      const name = classes[detections[at + 4] ?? 0]?.name ?? '';
      objects.set(name, (objects.get(name) ?? 0) + 1);
    }
    regions.push({ column: tile % columns, row: Math.floor(tile / columns), note, objects });
  }
  const tally = caseFile.findings.tally(run.no, run.threshold);
  const counted = classes.map(({ name }, c) => ({
    name,
    count: tally.filter(({ classIndex }) => classIndex === c).reduce((sum, { n }) => sum + n, 0),
  }));
  const { failed, skipped } = caseFile.tiles.counts(run.no);
  return {
    columns,
    rows,
    regions,
    objects: counted.filter(({ count }) => count > 0),
    failedTiles: failed,
    skippedTiles: skipped,
  };
}

/**
 * An endpoint that gives none leaves the description by rules, with the reason in `problem`: tiles were paid for, and their findings
 * must not wait for prose.
 *
 * @param onUsage what the run has cost since the last one
 * @throws {GigatileError} cancelled
 */
export async function describeScene(
  run: StoredRun,
  remote: RemoteModel,
  facts: SceneFacts,
  secrets: SecretSource,
  onUsage: (cost: RemoteUsage) => void,
  signal: AbortSignal,
): Promise<SceneDescription> {
  const known = sceneFacts(remote, facts);
  const byRules = (problem: string | null): SceneDescription => ({
    ...known,
    text: sceneByRules(facts),
    by: 'rules',
    problem,
  });
  if (run.parameters.describe !== 'remote' || facts.regions.length === 0) return byRules(null);
  const budget = run.parameters.budget ?? null;
  const used = run.usage ?? nothingUsed;
  if (budget !== null && new BudgetGate(budget, used).ask() === 'over') {
    return byRules(budgetReached(budget, used).message);
  }
  const policy = retryPolicyOf(run.manifest).rules.endpoint;
  for (let attempt = 1; ; attempt++) {
    try {
      const endpoint = await openEndpoint(remote, secrets);
      const text = await sceneByEndpoint(endpoint, remote, facts, onUsage, signal);
      return { ...known, text, by: 'remote', problem: null };
    } catch (error) {
      if (!(error instanceof EndpointFailure)) throw error;
      if (error.kind !== 'transient' || attempt >= policy.maxAttempts) return byRules(error.message);
      const wait = Math.max(error.retryAfterMs ?? 0, backoffMs(policy, attempt, Math.random()));
      await sleep(wait, undefined, { signal });
    }
  }
}
