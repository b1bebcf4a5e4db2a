/** What is different about a run whose model is somewhere else: the person's agreement, how many requests at once, what it costs. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import { remoteConsentSchema, type Budget, type RemoteConsent } from '../contract/model-remote.ts';
import type { RunParameters } from '../contract/run.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../core/retry.ts';
import type { RemoteOrder } from '../core/worker-protocol.ts';
import { consentNeeded, covers } from '../remote/consent.ts';
import type { SecretSource } from '../remote/secrets.ts';
import { nothingUsed } from '../remote/usage.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { ExecutionPlan } from './execution.ts';

/** The agreement of this case to this model, or null. */
export function consentOf(caseFile: CaseFile, manifest: ModelManifest): RemoteConsent | null {
  const { remote } = manifest;
  if (remote === undefined) return null;
  for (const event of caseFile.events.list(null).toReversed()) {
    if (event.kind !== 'remote-consent') continue;
    const consent = remoteConsentSchema.safeParse(event.data);
    if (consent.success && covers(consent.data, remote)) return consent.data;
  }
  return null;
}

/** @throws {GigatileError} consent-needed, saying what would be sent; usage for a budget in money without prices */
export function checkRemote(caseFile: CaseFile, manifest: ModelManifest, parameters: RunParameters): void {
  const { remote } = manifest;
  if (remote === undefined) {
    if (parameters.budget === undefined && parameters.describe === undefined) return;
    throw new GigatileError(
      'usage',
      `${manifest.name} runs on this machine: it costs nothing and describes nothing`,
      {
        hint: 'Leave --budget and --describe out.',
      },
    );
  }
  checkBudget(manifest, parameters.budget);
  if (consentOf(caseFile, manifest) === null) throw consentNeeded(manifest, remote);
}

/** @throws {GigatileError} usage */
export function checkBudget({ remote, name }: ModelManifest, budget: Budget | undefined): void {
  if (budget === undefined || !('usd' in budget) || remote === undefined) return;
  if (remote.pricePerMillionInputTokens !== undefined && remote.pricePerMillionOutputTokens !== undefined)
    return;
  throw new GigatileError(
    'usage',
    `The description of ${name} states no prices, so a budget in USD means nothing`,
    {
      hint: 'Add pricePerMillionInputTokens and pricePerMillionOutputTokens to it, or give the budget in tokens (--budget 200000tokens).',
    },
  );
}

/** One process: it waits for others nearly all the time, and limits hold for the run, not for each process. */
export const remotePlan: ExecutionPlan = { workers: 1, threads: 1, batch: 1, from: 'default' };

/** The key of the endpoint that a person gave to the program, or that its environment holds; null where it needs none or has none. */
export async function remoteKey({ remote }: ModelManifest, secrets: SecretSource): Promise<string | null> {
  if (remote?.api !== 'openai-chat' || remote.apiKeyVariable === undefined) return null;
  return secrets.get(remote.apiKeyVariable);
}

export function remoteOrder(run: StoredRun, key: string | null): RemoteOrder | undefined {
  const { remote } = run.manifest;
  if (remote === undefined) return undefined;
  return {
    atOnce: run.parameters.workers ?? remote.concurrency,
    budget: run.parameters.budget ?? null,
    used: run.usage ?? nothingUsed,
    ...(key !== null && { key }),
  };
}

/** How often an endpoint is asked about a tile is the model's own to say. */
export function retryPolicyOf({ remote }: ModelManifest): RetryPolicy {
  if (remote === undefined) return defaultRetryPolicy;
  const { rules } = defaultRetryPolicy;
  const endpoint = { ...rules.endpoint, maxAttempts: remote.attempts };
  return { ...defaultRetryPolicy, rules: { ...rules, endpoint } };
}
