/** summary.csv and summary.json of a batch, as it stands. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isUrl, withoutSecrets } from '../../core/image-address.ts';
import { batchCsv, batchJson } from '../../reports/batch-summary.ts';
import type { BatchRow } from '../../reports/batch-summary.ts';
import { writeFileWhole } from '../../reports/write-file.ts';
import type { Batch } from './batch.ts';

export const summaryNames = { csv: 'summary.csv', json: 'summary.json' } as const;
export type SummaryFormat = keyof typeof summaryNames;

export function batchRows(batch: Batch): BatchRow[] {
  return batch.stored.items.map((item) => ({
    ...item,
    path: isUrl(item.path) ? withoutSecrets(item.path) : item.path,
  }));
}

/** @throws {GigatileError} not-writable, disk-full; the file is whole or as it was */
export async function writeSummary(batch: Batch, format: SummaryFormat, path: string): Promise<void> {
  const rows = batchRows(batch);
  await writeFileWhole(path, format === 'csv' ? batchCsv(rows) : [batchJson(batch.summary(), rows)]);
}

export async function writeSummaries(batch: Batch, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const format of ['csv', 'json'] as const) {
    await writeSummary(batch, format, join(folder, summaryNames[format]));
  }
}
