/** One row an image of a batch: what was analysed, what is missing, what was found. For spreadsheets, and for programs. */
import type { BatchItem, BatchSummary } from '../contract/batch.ts';
import { csvText, decimalText, tableLine } from './table-text.ts';

export interface BatchRow extends Omit<BatchItem, 'index' | 'etaSeconds'> {
  /** Of the image, or its address without secrets. */
  path: string;
  /** null where the image could not be opened. */
  casePath: string | null;
}

const columns = [
  'image',
  'state',
  'findings',
  'tiles',
  'done',
  'skipped',
  'failed',
  'seconds',
  'reused',
  'run',
  'case',
  'path',
  'error',
  'message',
] as const;

const style = { separator: ',', end: '\r\n', text: csvText };
const whole = (value: number | null | undefined): string => (value == null ? '' : String(value));

export function* batchCsv(rows: Iterable<BatchRow>): Generator<string> {
  yield tableLine(columns, style);
  for (const { name, state, findings, tiles, seconds, reused, runId, casePath, path, error } of rows) {
    const fields: Record<(typeof columns)[number], string> = {
      image: csvText(name),
      state,
      findings: whole(findings),
      tiles: whole(tiles?.total),
      done: whole(tiles?.done),
      skipped: whole(tiles?.skipped),
      failed: whole(tiles?.failed),
      seconds: decimalText(seconds, 1),
      reused: reused ? 'yes' : 'no',
      run: runId ?? '',
      case: csvText(casePath ?? ''),
      path: csvText(path),
      error: error?.code ?? '',
      message: csvText(error?.message ?? ''),
    };
    yield tableLine(
      columns.map((column) => fields[column]),
      style,
    );
  }
}

/** The same with the batch's own numbers; keys in a fixed order. */
export function batchJson(batch: BatchSummary, rows: readonly BatchRow[]): string {
  const { name, modelName, parameters, createdAt, state, total, counts, findings } = batch;
  const images = rows.map((row) => ({
    image: row.name,
    state: row.state,
    findings: row.findings,
    tiles: row.tiles,
    seconds: Number(row.seconds.toFixed(3)),
    reused: row.reused,
    run: row.runId,
    case: row.casePath,
    path: row.path,
    error: row.error,
  }));
  const all = { name, model: modelName, parameters, createdAt, state, total, counts, findings, images };
  return `${JSON.stringify(all, null, 1)}\n`;
}
