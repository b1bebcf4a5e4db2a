/** summary.csv and summary.json of a batch, as it stands. */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { isUrl, withoutSecrets } from '../../core/image-address.ts';
import { batchCsv, batchJson } from '../../reports/batch-summary.ts';
import type { BatchRow } from '../../reports/batch-summary.ts';
import { writeFileWhole } from '../../reports/write-file.ts';
import type { ShellServices } from '../shell.ts';
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

/** The system's save dialog where there is one, else a path to download from. */
export async function saveSummary(
  shell: ShellServices,
  batch: Batch,
  format: SummaryFormat,
): Promise<{ savedAs: string | null; download: string | null }> {
  if (!shell.pickSavePath) return { savedAs: null, download: `/exports/batch/${batch.id}/${format}` };
  const path = await shell.pickSavePath(summaryNames[format]);
  if (path === null) return { savedAs: null, download: null };
  await writeSummary(batch, format, path);
  return { savedAs: basename(path), download: null };
}

/** For the download: a folder of its own, that the caller removes. @throws {GigatileError} usage for another format */
export async function summaryToTemporary(
  batch: Batch,
  format: string,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  if (format !== 'csv' && format !== 'json') {
    throw new GigatileError('usage', `There is no summary as "${format}"`, {
      hint: 'There are csv and json.',
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-summary-'));
  const name = summaryNames[format];
  const path = join(folder, name);
  try {
    await writeSummary(batch, format, path);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, path, name, type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json' };
}
