/** A report of each image of a batch that has ended, in one archive. Names stay out of it: images are told apart by their number in the batch. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { BatchReportFormat } from '../../contract/batch.ts';
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { ReportSettings } from '../../contract/report.ts';
import { batchReportsIndex, type BatchReportRow } from '../../reports/batch-reports-index.ts';
import { writeFileWhole } from '../../reports/write-file.ts';
import { zipped, type ZipEntry } from '../../reports/zip.ts';
import type { CaseLibrary } from '../case-library.ts';
import { exportName, writeExport } from '../export-run.ts';
import type { ImageService } from '../image-service.ts';
import { isReportComposed } from '../report-settings.ts';
import { runNoOf } from '../run-id.ts';
import type { ShellServices } from '../shell.ts';
import type { Batch } from './batch.ts';
import type { StoredItem } from './batch-file.ts';

/** In place of a format in paths of exports. */
const downloads = { 'reports-pdf': 'pdf', 'reports-html': 'html' } as const;
const downloadOf = { pdf: 'reports-pdf', html: 'reports-html' } as const;

/** What reports look like of which nobody composed one: of a download, until it comes. */
const asked = new WeakMap<Batch, ReportSettings>();

export interface BatchReportsParts {
  shell: ShellServices;
  cases: CaseLibrary;
  images: ImageService;
}

/** The system's save dialog where there is one, else a path to download from. */
export async function saveReports(
  parts: BatchReportsParts,
  batch: Batch,
  format: BatchReportFormat,
  settings: ReportSettings | undefined,
): Promise<{ savedAs: string | null; download: string | null }> {
  // Names are asked for report by report, where it is seen what they say.
  if (settings !== undefined) asked.set(batch, { ...settings, include: [] });
  const { shell } = parts;
  if (!shell.pickSavePath)
    return { savedAs: null, download: `/exports/batch/${batch.id}/${downloadOf[format]}` };
  const path = await shell.pickSavePath(archiveName);
  if (path === null) return { savedAs: null, download: null };
  await writeReports(parts, batch, format, path);
  return { savedAs: basename(path), download: null };
}

const archiveName = 'reports.zip';

/** Of the download's path. */
export function reportsDownload(format: string): BatchReportFormat | null {
  return Object.hasOwn(downloads, format) ? downloads[format as keyof typeof downloads] : null;
}

/** For the download: a folder of its own, that the caller removes. */
export async function reportsToTemporary(
  parts: Omit<BatchReportsParts, 'shell'>,
  batch: Batch,
  format: BatchReportFormat,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-reports-'));
  const path = join(folder, archiveName);
  try {
    await writeReports(parts, batch, format, path);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, path, name: archiveName, type: 'application/zip' };
}

/** @throws {GigatileError} usage where no image has ended; not-writable, disk-full: the file is whole or as it was */
async function writeReports(
  parts: Omit<BatchReportsParts, 'shell'>,
  batch: Batch,
  format: BatchReportFormat,
  path: string,
): Promise<void> {
  const { items } = batch.stored;
  if (!items.some((item) => placeOf(item) !== null)) {
    throw new GigatileError('usage', 'No image of this batch has ended: there is nothing to report', {
      hint: 'Let it go on first.',
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-reports-'));
  try {
    await writeFileWhole(
      path,
      zipped(entries(parts, batch, format, join(folder, 'report')), batch.stored.createdAt),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One report at a time is on the disk beside the archive; what cannot be reported is said in the table, and stops none of the others. */
async function* entries(
  { cases, images }: Omit<BatchReportsParts, 'shell'>,
  batch: Batch,
  format: BatchReportFormat,
  path: string,
): AsyncGenerator<ZipEntry> {
  const rows: BatchReportRow[] = [];
  const { items } = batch.stored;
  const digits = String(items.length).length;
  for (const [index, item] of items.entries()) {
    const row: BatchReportRow = { image: index + 1, state: item.state, report: null, error: item.error };
    rows.push(row);
    const place = placeOf(item);
    if (place === null) continue;
    try {
      const session = await cases.borrow(place.casePath, null);
      try {
        const no = runNoOf(place.runId);
        const own = isReportComposed(session.file, no) ? undefined : asked.get(batch);
        await writeExport(session, images, no, format, path, own && { settings: own });
        row.report = `${String(row.image).padStart(digits, '0')}-${exportName(session, no, format)}`;
      } finally {
        await cases.giveBack(session);
      }
    } catch (error) {
      if (!(error instanceof GigatileError) || error.code === 'disk-full') throw error;
      row.report = null;
      row.error = toPlainError(error);
    }
    if (row.report !== null)
      yield { name: row.report, content: createReadStream(path) as AsyncIterable<Uint8Array> };
  }
  yield { name: 'reports.csv', content: batchReportsIndex(rows) };
}

/** Of an image that has ended with a run; null of others. */
function placeOf({ state, casePath, runId }: StoredItem): { casePath: string; runId: string } | null {
  const hasEnded = state === 'complete' || state === 'complete-with-gaps' || state === 'failed';
  return hasEnded && casePath !== null && runId !== null ? { casePath, runId } : null;
}
