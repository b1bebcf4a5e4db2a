/** Exports of a run: fills the reports' data from the case and writes one format, whole or not at all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { exportFormats, exportFormatWords } from '../contract/export-formats.ts';
import type { ExportFormat } from '../contract/export-formats.ts';
import type { IdentifyingPart, ReportSettings } from '../contract/report.ts';
import { eventHead } from '../store/event-head.ts';
import { writeBundle } from '../reports/bundle/write-bundle.ts';
import type { ReportDocument } from '../reports/document/document.ts';
import { documentHtml } from '../reports/html/html-report.ts';
import { imageAlias } from '../reports/identity.ts';
import { writeFileWhole } from '../reports/write-file.ts';
import type { CaseSession } from './case-session.ts';
import { dataWriters } from './data-writers.ts';
import type { ExportJob, ExportWriter } from './export-job.ts';
import { reportDocument } from './export-report.ts';
import type { ImageService } from './image-service.ts';
import { reportData } from './report-data.ts';
import { askedIdentifying, askIdentifying, reportSettings } from './report-settings.ts';

/** What differs from the settings that the case keeps. */
export interface ExportOptions {
  settings?: Partial<ReportSettings>;
  /** ISO 8601: the moment that is written into the export; now where left out. */
  timestamp?: string | undefined;
  /** Ends it, between and within its parts where that can be; no file is left. */
  signal?: AbortSignal | undefined;
}

/** What lays out PDFs is loaded by those who ask for one: a third of what a start of the engine costs. */
async function* pdf(report: ReportDocument): AsyncGenerator<Uint8Array> {
  const { documentPdf } = await import('../reports/pdf/document-pdf.ts');
  yield* documentPdf(report);
}

const writers: Record<ExportFormat, ExportWriter> = {
  ...dataWriters,
  html: async ({ session, images, data, path, settings, signal }) =>
    writeFileWhole(path, documentHtml(await reportDocument(session, images, data, settings, signal)), signal),
  pdf: async ({ session, images, data, path, settings, signal }) =>
    writeFileWhole(path, pdf(await reportDocument(session, images, data, settings, signal)), signal),
  bundle,
};

/** What a bundle is made of, by name. */
const bundled = {
  'findings.geojson': 'geojson',
  'findings.csv': 'csv',
  'findings.coco.json': 'coco',
  'heatmap.png': 'heatmap',
} as const;

async function bundle(job: ExportJob): Promise<void> {
  const { signal } = job;
  const report = await reportDocument(job.session, job.images, job.data, job.settings, signal);
  const parts = {
    'report.html': (path: string) => writeFileWhole(path, documentHtml(report), signal),
    'report.pdf': (path: string) => writeFileWhole(path, pdf(report), signal),
    ...Object.fromEntries(
      Object.entries(bundled).map(([name, format]) => [
        name,
        (path: string) => writers[format]({ ...job, path }),
      ]),
    ),
  };
  await writeBundle(job.path, job.data, eventHead(job.session.file.events.stored()), parts, signal);
}

function known(format: string): ExportFormat {
  if (Object.hasOwn(writers, format)) return format as ExportFormat;
  throw new GigatileError('usage', `There is no format "${format}"`, {
    hint: `There are ${exportFormats.join(', ')}.`,
  });
}

/** A suggestion for a file name: image, run, format. The image's own name can be a person's. */
export function exportName(session: CaseSession, no: number, format: string): string {
  const image = askedIdentifying(session.file, no, known(format)).includes('file-name')
    ? parse(session.image.name).name
    : imageAlias(session.image.fingerprint).toLowerCase().replace(' ', '-');
  return `${image}-run-${no}.${exportFormatWords[known(format)].extension}`;
}

/** @throws {GigatileError} usage for an unknown format or a run without tiles; disk-full, not-writable, io; cancelled by the signal, or its reason */
export async function writeExport(
  session: CaseSession,
  images: ImageService,
  no: number,
  format: string,
  path: string,
  options: ExportOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const kind = known(format);
  const include = options.settings?.include ?? [...askedIdentifying(session.file, no, kind)];
  askIdentifying(session.file, no, kind, []);
  const settings = { ...reportSettings(session.file, no), ...options.settings, include };
  const data = await reportData(session, no, { include, generatedAt: options.timestamp, signal });
  if (data.tiles.states.length === 0) {
    throw new GigatileError(
      'usage',
      'This run has not got as far as its first tile: there is nothing to export',
      {
        hint: 'Resume it first.',
      },
    );
  }
  // Before the file is there: what names somebody never leaves unlogged.
  logIncluded(session, no, kind, include);
  await writers[kind]({ session, images, data, path, settings, signal });
}

function logIncluded(
  { file }: CaseSession,
  no: number,
  format: ExportFormat,
  include: readonly IdentifyingPart[],
): void {
  if (include.length === 0) return;
  file.transaction(() => file.events.append(no, 'exported-identifying', { format, include }));
}

export async function exportToTemporary(
  session: CaseSession,
  images: ImageService,
  no: number,
  format: string,
  signal?: AbortSignal,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  const name = exportName(session, no, format);
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-export-'));
  try {
    const path = join(folder, name);
    await writeExport(session, images, no, format, path, { signal });
    return { folder, path, name, type: exportFormatWords[known(format)].type };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
