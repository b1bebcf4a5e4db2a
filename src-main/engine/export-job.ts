/** What the writer of one format is given. */
import type { ReportSettings } from '../contract/report.ts';
import type { ReportData } from '../reports/report-data.ts';
import type { CaseSession } from './case-session.ts';
import type { ImageService } from './image-service.ts';

export interface ExportJob {
  session: CaseSession;
  images: ImageService;
  data: ReportData;
  path: string;
  /** How the report is composed. */
  settings: ReportSettings;
  /** Nobody wants it any more. */
  signal?: AbortSignal | undefined;
}

export type ExportWriter = (job: ExportJob) => Promise<void>;
