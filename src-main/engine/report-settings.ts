/** How a run's report is composed: kept in the case as an event, so that it is known who changed what when, and nothing is lost. */
import type { ExportFormat } from '../contract/export-formats.ts';
import {
  defaultReportSettings,
  reportSettingsSchema,
  type IdentifyingPart,
  type ReportSettings,
} from '../contract/report.ts';
import type { CaseFile } from '../store/case-file.ts';

const kind = 'report-settings';

/** Of cases that are open for reading only: forgotten when they are closed. */
const unkept = new WeakMap<CaseFile, Map<number, ReportSettings>>();

/** What was chosen last; the defaults where nobody chose, or where a later version wrote what is not understood here. */
export function reportSettings(file: CaseFile, no: number): ReportSettings {
  const remembered = unkept.get(file)?.get(no);
  if (remembered !== undefined) return remembered;
  const stored = reportSettingsSchema.safeParse(file.events.last(no, kind)?.data ?? {});
  return stored.success ? stored.data : defaultReportSettings;
}

/** Whether somebody chose anything for this run's report. */
export function isReportComposed(file: CaseFile, no: number): boolean {
  return unkept.get(file)?.has(no) === true || file.events.last(no, kind) !== null;
}

/** Nothing is written where nothing changed; what is open for reading only remembers it until it is closed. */
export function keepReportSettings(file: CaseFile, no: number, chosen: ReportSettings): void {
  // What names somebody is asked for anew each time: nobody exports it because somebody once did.
  const settings = { ...chosen, include: [] };
  if (file.isReadOnly) {
    unkept.set(file, (unkept.get(file) ?? new Map<number, ReportSettings>()).set(no, settings));
    return;
  }
  if (JSON.stringify(reportSettings(file, no)) === JSON.stringify(settings)) return;
  file.transaction(() => file.events.append(no, kind, settings));
}

const asked = new WeakMap<CaseFile, Map<string, readonly IdentifyingPart[]>>();

/** A person asked that the next export of this format shows what can name somebody; an empty list takes that back. */
export function askIdentifying(
  file: CaseFile,
  no: number,
  format: ExportFormat,
  include: readonly IdentifyingPart[],
): void {
  const ofCase = asked.get(file) ?? new Map<string, readonly IdentifyingPart[]>();
  if (include.length > 0) ofCase.set(`${no}/${format}`, include);
  else ofCase.delete(`${no}/${format}`);
  asked.set(file, ofCase);
}

/** What was asked for of the next export. */
export function askedIdentifying(
  file: CaseFile,
  no: number,
  format: ExportFormat,
): readonly IdentifyingPart[] {
  return asked.get(file)?.get(`${no}/${format}`) ?? [];
}
