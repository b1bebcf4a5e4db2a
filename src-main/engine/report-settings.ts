/** How a run's report is composed: kept in the case as an event, so that it is known who changed what when, and nothing is lost. */
import { defaultReportSettings, reportSettingsSchema, type ReportSettings } from '../contract/report.ts';
import type { CaseFile } from '../store/case-file.ts';

const kind = 'report-settings';

/** What was chosen last; the defaults where nobody chose, or where a later version wrote what is not understood here. */
export function reportSettings(file: CaseFile, no: number): ReportSettings {
  const stored = reportSettingsSchema.safeParse(file.events.last(no, kind)?.data ?? {});
  return stored.success ? stored.data : defaultReportSettings;
}

/** Nothing is written where nothing changed, nor in a case that is open for reading only. */
export function keepReportSettings(file: CaseFile, no: number, settings: ReportSettings): void {
  if (file.isReadOnly) return;
  if (JSON.stringify(reportSettings(file, no)) === JSON.stringify(settings)) return;
  file.transaction(() => file.events.append(no, kind, settings));
}
