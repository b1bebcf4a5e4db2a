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
import type { ReportingSteps } from './reporting.ts';

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

/**
 * The system's save dialog where there is one, else a path to download from. Whoever follows the batch is told how far they are.
 * @throws {GigatileError} conflict while others are written, and as `writeReports`; where they are cancelled nothing is saved
 */
export async function saveReports(
  parts: BatchReportsParts,
  batch: Batch,
  format: BatchReportFormat,
  settings: ReportSettings | undefined,
): Promise<{ savedAs: string | null; download: string | null }> {
  batch.reporting.refuseSecond();
  // Names are asked for report by report, where it is seen what they say.
  if (settings !== undefined) asked.set(batch, { ...settings, include: [] });
  const { shell } = parts;
  if (!shell.pickSavePath)
    return { savedAs: null, download: `/exports/batch/${batch.id}/${downloadOf[format]}` };
  const path = await shell.pickSavePath(archiveName);
  if (path === null) return { savedAs: null, download: null };
  try {
    await writeReports(parts, batch, format, path);
  } catch (error) {
    if (error instanceof GigatileError && error.code === 'cancelled')
      return { savedAs: null, download: null };
    throw error;
  }
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
  signal?: AbortSignal,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-reports-'));
  const path = join(folder, archiveName);
  try {
    await writeReports(parts, batch, format, path, signal);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, path, name: archiveName, type: 'application/zip' };
}

/**
 * @param signal whoever waits for them has gone
 * @throws {GigatileError} usage where no image has ended; conflict; not-writable, disk-full, cancelled: the file is whole or as it was
 */
async function writeReports(
  parts: Omit<BatchReportsParts, 'shell'>,
  batch: Batch,
  format: BatchReportFormat,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  // As they are now: the batch may go on meanwhile, and what was promised is counted.
  const items = batch.stored.items.map((item) => ({ ...item }));
  const total = items.filter((item) => placeOf(item) !== null).length;
  if (total === 0) {
    throw new GigatileError('usage', 'No image of this batch has ended: there is nothing to report', {
      hint: 'Let it go on first.',
    });
  }
  await batch.reporting.run(
    total,
    async (steps) => {
      const folder = await mkdtemp(join(tmpdir(), 'gigatile-reports-'));
      try {
        const options = { format, path: join(folder, 'report'), settings: asked.get(batch) };
        const content = zipped(entries(parts, items, options, steps), batch.stored.createdAt);
        await writeFileWhole(path, content, steps.signal);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    signal,
  );
}

interface EntriesOptions {
  format: BatchReportFormat;
  /** Where one report lies until it is in the archive. */
  path: string;
  /** What those look like of which nobody composed one. */
  settings: ReportSettings | undefined;
}

/** One report at a time is on the disk beside the archive; what cannot be reported is said in the table, and stops none of the others. */
async function* entries(
  { cases, images }: Omit<BatchReportsParts, 'shell'>,
  items: readonly StoredItem[],
  { format, path, settings }: EntriesOptions,
  steps: ReportingSteps,
): AsyncGenerator<ZipEntry> {
  const { signal } = steps;
  const rows: BatchReportRow[] = [];
  const digits = String(items.length).length;
  for (const [index, item] of items.entries()) {
    const row: BatchReportRow = { image: index + 1, state: item.state, report: null, error: item.error };
    rows.push(row);
    const place = placeOf(item);
    if (place === null) continue;
    signal.throwIfAborted();
    steps.begin(index);
    try {
      const session = await cases.borrow(place.casePath, null);
      try {
        const no = runNoOf(place.runId);
        const own = isReportComposed(session.file, no) ? undefined : settings;
        await writeExport(session, images, no, format, path, { signal, ...(own && { settings: own }) });
        row.report = `${String(row.image).padStart(digits, '0')}-${exportName(session, no, format)}`;
      } finally {
        await cases.giveBack(session);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof GigatileError) || error.code === 'disk-full') throw error;
      row.report = null;
      row.error = toPlainError(error);
    }
    if (row.report === null) steps.failed();
    else {
      yield { name: row.report, content: createReadStream(path) as AsyncIterable<Uint8Array> };
      steps.done();
    }
  }
  yield { name: 'reports.csv', content: batchReportsIndex(rows) };
}

/** Of an image that has ended with a run; null of others. */
function placeOf({ state, casePath, runId }: StoredItem): { casePath: string; runId: string } | null {
  const hasEnded = state === 'complete' || state === 'complete-with-gaps' || state === 'failed';
  return hasEnded && casePath !== null && runId !== null ? { casePath, runId } : null;
}
