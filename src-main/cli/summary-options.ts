/** `--summary-by`: a remote model writes about the report's figures. What is sent is shown, before and after somebody agreed. */
import { GigatileError } from '../contract/errors.ts';
import type { CaseSession } from '../engine/case-session.ts';
import { summaryRequest, writeRemoteSummary } from '../engine/remote-summary.ts';
import { modelsDir } from './environment.ts';
import { whoIsHere } from './who-is-here.ts';

export const summaryOptions = {
  'summary-by': { type: 'string' },
  'allow-remote': { type: 'boolean' },
} as const;

export interface SummaryChoice {
  model: string;
  isAllowed: boolean;
}

/** @throws {GigatileError} usage for formats that hold no report */
export function readSummaryOptions(values: {
  'summary-by'?: string | undefined;
  'allow-remote'?: boolean | undefined;
  format?: string | undefined;
}): SummaryChoice | null {
  const { 'summary-by': model, 'allow-remote': isAllowed = false, format } = values;
  if (model === undefined) return null;
  if (format === undefined || !['html', 'pdf', 'bundle'].includes(format)) {
    throw new GigatileError('usage', '--summary-by is for reports: html, pdf and bundle');
  }
  return { model, isAllowed };
}

export async function sumUp(
  session: CaseSession,
  no: number,
  { model, isAllowed }: SummaryChoice,
  signal: AbortSignal,
): Promise<void> {
  const { endpoint, sent } = await summaryRequest(session, no, { model, modelsDir });
  const verb = isAllowed ? 'This is sent' : 'This would be sent';
  process.stderr.write(`${verb} to ${endpoint}:\n${sent.replaceAll(/^/gm, '  ')}\n`);
  await writeRemoteSummary(
    session,
    no,
    {
      model,
      modelsDir,
      consentBy: isAllowed ? whoIsHere() : null,
    },
    signal,
  );
}
