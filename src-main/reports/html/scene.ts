/** What a remote model said of the image as a whole; marked as what it is. */
import type { ReportData } from '../report-data.ts';
import { count, html, plural, type Markup } from './text.ts';

/** null where the model runs on the machine itself: it describes nothing. */
export function scene({ run }: ReportData): Markup | null {
  const { scene: said, usage } = run;
  if (said === undefined) return null;
  const cost = usage === undefined ? '' : costWords(usage);
  return html`<h2>Description</h2>
    <p>${said.text}</p>
    ${said.problem === null ? null : html`<p><b>Not written by the endpoint:</b> ${said.problem}</p>`}
    <p>
      <b
        >${said.by === 'remote' ? 'Written by a remote model' : 'Put together by rules from what a remote model wrote'}:</b
      >
      <code>${said.model}</code> at <code>${said.endpoint}</code>, from ${plural(said.regions, 'region')};
      SHA-256 of the prompt <code>${said.promptSha256}</code>.${cost}
    </p>`;
}

function costWords({
  requests,
  inputTokens,
  outputTokens,
  usd,
}: NonNullable<ReportData['run']['usage']>): string {
  const money = usd === null ? '' : `, ${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
  return ` ${plural(requests, 'answer')}, ${count(inputTokens)} tokens sent and ${count(outputTokens)} received${money}.`;
}
