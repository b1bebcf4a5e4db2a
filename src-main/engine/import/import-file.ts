/** A file of results from elsewhere: decided by its content what it is, and taken into the case. */
import { createHash } from 'node:crypto';
import type { ImportSummary } from '../../contract/import.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { CaseSession } from '../case-session.ts';
import { runIdOf } from '../run-id.ts';
import { featuresOf, importDecisions, runOf } from './import-decisions.ts';
import { addImportedRun } from './imported-run.ts';
import type { ImportedFindings } from './imported-findings.ts';
import { readCoco } from './read-coco.ts';
import { isWsinfer, readWsinfer } from './read-wsinfer.ts';

export interface ImportOptions {
  reviewer: string;
  /** The run that decisions are about; found by the ids where left out. */
  run?: number | undefined;
  /** Findings that are not in the file any more are rejected. */
  rejectMissing?: boolean | undefined;
}

/** @throws {GigatileError} usage where the file is none of those, or does not belong to this image */
export function importText(session: CaseSession, text: string, options: ImportOptions): ImportSummary {
  if (isWsinfer(text)) return asRun(session, readWsinfer(text, session.image.info), text);
  const file = parseJson(text);
  const features = featuresOf(file);
  if (features === null) return asRun(session, readCoco(file, session.image.info), text);
  const no = options.run ?? runOf(session, features);
  if (no === null) {
    throw new GigatileError('usage', 'This file has no finding of any run of this case', {
      hint: 'Findings are known by their ids, which QuPath keeps. Annotations of another origin are imported on the screen.',
    });
  }
  const { reviewer, rejectMissing = false } = options;
  const decisions = importDecisions(session, no, file, features, { reviewer, rejectMissing });
  if (decisions.matched === 0) {
    throw new GigatileError('usage', `This file has no finding of ${runIdOf(no)}`, {
      hint: 'Leave the run out, to have it found by the ids.',
    });
  }
  return { kind: 'decisions', run: runIdOf(no), ...decisions };
}

function asRun(session: CaseSession, found: ImportedFindings, text: string): ImportSummary {
  if (found.findings.length === 0) throw new GigatileError('usage', 'There are no results in this file');
  const no = addImportedRun(session, found, createHash('sha256').update(text).digest('hex'));
  return { kind: 'run', run: runIdOf(no), format: found.format, findings: found.findings.length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GigatileError('usage', 'This file is none that can be imported', {
      hint: 'There are GeoJSON with findings of this case (QuPath, GIS), COCO instances or results (JSON), and WSInfer tables (CSV).',
      cause: error,
    });
  }
}
