/** Reports that are being composed: what a screen asks a preview of, before anything is kept. */
import { createHash } from 'node:crypto';
import { GigatileError } from '../contract/errors.ts';
import type { ReportSettings } from '../contract/report.ts';
import { documentHtml } from '../reports/html/html-report.ts';
import type { CaseSession } from './case-session.ts';
import { reportDocument } from './export-report.ts';
import type { ImageService } from './image-service.ts';
import { reportData } from './report-data.ts';

/** Previews are asked for at once; older ones are of no use to anybody. */
const mostDrafts = 8;

export class ReportDrafts {
  readonly #drafts = new Map<string, ReportSettings>();

  /** @returns what a preview is asked for by; the same for the same settings */
  keep(settings: ReportSettings): string {
    const id = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 24);
    this.#drafts.delete(id);
    this.#drafts.set(id, settings);
    for (const oldest of this.#drafts.keys()) {
      if (this.#drafts.size <= mostDrafts) break;
      this.#drafts.delete(oldest);
    }
    return id;
  }

  /** @throws {GigatileError} file-not-found where the draft was asked for too late; the signal's reason */
  async preview(
    session: CaseSession,
    images: ImageService,
    no: number,
    id: string,
    signal?: AbortSignal,
  ): Promise<string> {
    const settings = this.#drafts.get(id);
    if (settings === undefined) {
      throw new GigatileError('file-not-found', 'This preview is out of date', {
        hint: 'Change something to have it made anew.',
      });
    }
    const data = await reportData(session, no, { include: settings.include, signal });
    return [...documentHtml(await reportDocument(session, images, data, settings, signal))].join('');
  }
}
