/** A remote model's words about a run's figures: asked for once, with a person's agreement, and kept in the case for its reports. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../contract/errors.ts';
import { remoteConsentSchema, type RemoteModel } from '../contract/model-remote.ts';
import type { RemoteSummary, SummaryRequest } from '../contract/report.ts';
import { backoffMs } from '../core/retry.ts';
import { findModel } from '../models/find-models.ts';
import { covers } from '../remote/consent.ts';
import { endpointOf, openEndpoint } from '../remote/endpoint.ts';
import { EndpointFailure } from '../remote/failure.ts';
import { figuresText, summariseFigures, summaryPrompt, whatFiguresLeave } from '../remote/figures-summary.ts';
import { environmentSecrets, type SecretSource } from '../remote/secrets.ts';
import { summaryFigures } from '../reports/document/summary-figures.ts';
import { summarise } from '../reports/summary.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { CaseSession } from './case-session.ts';
import { reportData } from './report-data.ts';
import { retryPolicyOf } from './remote-run.ts';
import { keepSummary } from './stored-summary.ts';

const consentKind = 'figures-consent';

export interface SummaryOrder {
  /** Id or folder of a remote model. */
  model: string;
  modelsDir: string;
  /** Of the environment where left out. */
  secrets?: SecretSource;
  /** Who agrees that the figures go there; null: only what was agreed to before counts. */
  consentBy: string | null;
}

async function prepare(
  session: CaseSession,
  no: number,
  { model, modelsDir }: Pick<SummaryOrder, 'model' | 'modelsDir'>,
): Promise<{
  request: SummaryRequest;
  remote: RemoteModel;
  figures: string[];
  attempts: ReturnType<typeof retryPolicyOf>;
}> {
  const { manifest } = (await findModel(model, modelsDir)).card;
  const { remote } = manifest;
  if (remote === undefined) {
    throw new GigatileError('usage', `${manifest.name} runs on this machine and writes no summaries`, {
      hint: 'A summary is written by a remote model: a folder with a gigatile.json that has "remote".',
    });
  }
  const data = await reportData(session, no);
  const figures = summaryFigures(data, await summarise(data, 0));
  const request = {
    endpoint: endpointOf(remote),
    model: remote.model,
    leaves: whatFiguresLeave(remote),
    agreed: isAgreed(session.file, remote),
    sent: `${summaryPrompt}\n\n${figuresText(figures)}`,
  };
  return { request, remote, figures, attempts: retryPolicyOf(manifest) };
}

function isAgreed(file: CaseFile, remote: RemoteModel): boolean {
  return file.events.list(null).some(({ kind, data }) => {
    const consent = kind === consentKind ? remoteConsentSchema.safeParse(data).data : undefined;
    return consent !== undefined && covers(consent, remote);
  });
}

/** @throws {GigatileError} model-not-found, model-invalid; usage for a model of this machine */
export async function summaryRequest(
  session: CaseSession,
  no: number,
  order: Pick<SummaryOrder, 'model' | 'modelsDir'>,
): Promise<SummaryRequest> {
  return (await prepare(session, no, order)).request;
}

/**
 * Asks, and keeps the answer.
 * @throws {GigatileError} consent-needed where nobody agreed, saying what would be sent; endpoint-failed, endpoint-refused;
 *   not-writable where the case is open for reading
 */
export async function writeRemoteSummary(
  session: CaseSession,
  no: number,
  order: SummaryOrder,
  signal: AbortSignal = new AbortController().signal,
): Promise<RemoteSummary> {
  const { file } = session;
  // Before anything is sent: its answer could not be kept.
  file.assertWritable();
  const { request, remote, figures, attempts } = await prepare(session, no, order);
  const { endpoint, model, leaves } = request;
  const { secrets = environmentSecrets(process.env) } = order;
  if (!request.agreed) {
    if (order.consentBy === null) {
      throw new GigatileError(
        'consent-needed',
        `Nobody agreed for this case that the report's figures go to another computer`,
        {
          where: endpoint,
          hint: `${leaves.join(' ')} If that is all right, agree to it (on the command line: --allow-remote).`,
        },
      );
    }
    const consent = { who: order.consentBy, endpoint, model, leaves };
    file.transaction(() => file.events.append(null, consentKind, consent));
  }
  const { text, usage } = await ask(remote, figures, secrets, attempts.rules.endpoint, signal);
  const summary = {
    text,
    endpoint,
    model,
    prompt: summaryPrompt,
    figures,
    at: new Date().toISOString(),
    usage,
  };
  keepSummary(file, no, summary);
  return summary;
}

async function ask(
  remote: RemoteModel,
  figures: readonly string[],
  secrets: SecretSource,
  policy: ReturnType<typeof retryPolicyOf>['rules']['endpoint'],
  signal: AbortSignal,
): ReturnType<typeof summariseFigures> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await summariseFigures(await openEndpoint(remote, secrets), remote, figures, signal);
    } catch (error) {
      if (!(error instanceof EndpointFailure)) throw error;
      if (error.kind !== 'transient' || attempt >= policy.maxAttempts) throw error.error;
      const wait = Math.max(error.retryAfterMs ?? 0, backoffMs(policy, attempt, Math.random()));
      await sleep(wait, undefined, { signal });
    }
  }
}
