/** What reviewers look at: kept in the case, durable when the call returns. */
import type { CoverageView, Look } from '../contract/coverage.ts';
import { GigatileError } from '../contract/errors.ts';
import { LookCoverage } from '../core/look-coverage.ts';
import type { CaseFile } from '../store/case-file.ts';

/** Of every reviewer that has looked at something, by name. */
export function coverageOf(file: CaseFile): CoverageView[] {
  return file.coverage.list().map(({ reviewer, cells }) => viewOf(reviewer, cells));
}

/** Adds what a reviewer has looked at, and answers all that this reviewer has. */
export function addLooks(file: CaseFile, reviewer: string, looks: readonly Look[]): CoverageView {
  return file.transaction(() => {
    const image = file.image();
    if (image === null) throw new GigatileError('internal', 'This case has no image');
    const coverage = new LookCoverage(image.info, file.coverage.of(reviewer) ?? undefined);
    for (const { rect, pixels } of looks) coverage.add(rect, pixels);
    const { cells } = coverage;
    file.coverage.put({ reviewer, cells }, new Date().toISOString());
    return viewOf(reviewer, cells);
  });
}

function viewOf(reviewer: string, cells: Uint8Array): CoverageView {
  return { reviewer, cells: Buffer.from(cells).toString('base64') };
}
