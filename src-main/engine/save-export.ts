/** `exports.save`: the system's save dialog where there is one, else a path to download from. */
import { basename } from 'node:path';
import type { ExportFormat } from '../contract/export-formats.ts';
import type { ReportSettings } from '../contract/report.ts';
import type { CaseSession } from './case-session.ts';
import { exportName, writeExport } from './export-run.ts';
import type { ImageService } from './image-service.ts';
import { askIdentifying, keepReportSettings } from './report-settings.ts';
import { runIdOf } from './run-id.ts';
import type { EngineOptions } from './shell.ts';

/** @param signal nobody wants it any more: no file is left */
export async function saveExport(
  options: EngineOptions,
  images: ImageService,
  session: CaseSession,
  no: number,
  format: ExportFormat,
  report?: ReportSettings,
  signal?: AbortSignal,
): Promise<{ savedAs: string | null; download: string | null }> {
  if (report !== undefined) keepReportSettings(session.file, no, report);
  askIdentifying(session.file, no, format, report?.include ?? []);
  if (!options.shell.pickSavePath) {
    return { savedAs: null, download: `/exports/${session.id}/${runIdOf(no)}/${format}` };
  }
  const path = await options.shell.pickSavePath(exportName(session, no, format));
  if (path === null) return { savedAs: null, download: null };
  await writeExport(session, images, no, format, path, { signal });
  return { savedAs: basename(path), download: null };
}
