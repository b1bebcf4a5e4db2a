/** What lies in an archive of a batch's reports, and what does not, with the reason: a row an image, by its number and without its name. */
import type { BatchItemState } from '../contract/batch.ts';
import type { PlainError } from '../contract/errors.ts';
import { csvText, tableLine } from './table-text.ts';

export interface BatchReportRow {
  /** From 1, as the batch's list and summary count them. */
  image: number;
  state: BatchItemState;
  /** File in the archive; null where there is none. */
  report: string | null;
  error: PlainError | null;
}

const style = { separator: ',', end: '\r\n', text: csvText };

/** Messages can hold names of files: only their codes are here, the batch's list says more. */
export function* batchReportsIndex(rows: Iterable<BatchReportRow>): Generator<string> {
  yield tableLine(['image', 'state', 'report', 'error'], style);
  for (const { image, state, report, error } of rows)
    yield tableLine([String(image), state, csvText(report ?? ''), error?.code ?? ''], style);
}
