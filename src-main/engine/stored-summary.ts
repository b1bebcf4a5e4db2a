/** Where a remote model's words about a run's figures are kept: an event of the run. */
import { remoteSummarySchema, type RemoteSummary } from '../contract/report.ts';
import type { CaseFile } from '../store/case-file.ts';

const kind = 'remote-summary';

/** The last one of a run, whatever its figures are by now; nothing where it was left out since. */
export function storedSummary(file: CaseFile, no: number): RemoteSummary | undefined {
  return remoteSummarySchema.safeParse(file.events.last(no, kind)?.data).data;
}

export function keepSummary(file: CaseFile, no: number, summary: RemoteSummary): void {
  file.transaction(() => file.events.append(no, kind, summary));
}

/** A person does not want it in the reports. The log keeps it, and that it was left out. */
export function leaveOutSummary(file: CaseFile, no: number): void {
  if (storedSummary(file, no) === undefined) return;
  file.transaction(() => file.events.append(no, kind, { leftOut: true }));
}
