/** What can be taken out of a run, and how its report is composed. */
import { z } from 'zod';
import { base, runRef, savedSchema } from './api-base.ts';
import { exportFormatSchema } from './export-formats.ts';
import { remoteSummarySchema, reportSettingsSchema, summaryRequestSchema } from './report.ts';

/** Of a remote model: as `runs.start` names it. */
const summaryOrder = runRef.extend({ modelId: z.string() });

export const exportsContract = {
  /**
   * Electron: asks where with the system's dialog, writes the file, answers its name (null = cancelled).
   * Web: answers the path to download from.
   */
  save: base
    .input(
      runRef.extend({
        format: exportFormatSchema,
        /** How the report is composed: kept in the case from now on. */
        report: reportSettingsSchema.optional(),
      }),
    )
    .output(savedSchema),
  /** How this run's report was composed last. */
  report: base.input(runRef).output(reportSettingsSchema),
  /** Answers the byte path of the report as HTML, as it would be; nothing is kept. */
  previewReport: base
    .input(runRef.extend({ report: reportSettingsSchema }))
    .output(z.object({ path: z.string() })),
  /** What a remote model wrote of this run's figures; null where none did, or its words were left out. */
  summary: base.input(runRef).output(remoteSummarySchema.nullable()),
  /** What would be sent to a remote model for that, word for word. Nothing is sent yet. */
  summaryRequest: base.input(summaryOrder).output(summaryRequestSchema),
  /**
   * Asks it; its words are in this run's reports from then on. `who` agrees, for this case, that the figures go there; null: somebody
   * did before. Refused (consent-needed) where nobody has, (not-writable) where the case can only be looked at.
   */
  writeSummary: base
    .input(summaryOrder.extend({ who: z.string().min(1).max(200).nullable() }))
    .output(remoteSummarySchema),
  /** Its words are not in the reports any more; the case's log keeps that they were. */
  leaveOutSummary: base.input(runRef).output(z.void()),
};
