/** How well a run found what somebody annotated: its findings against true points. */
import { GigatileError } from '../contract/errors.ts';
import { matchPoints, type MatchScore, type PointSet } from '../core/match-truth.ts';
import type { CaseFile } from '../store/case-file.ts';

export interface Evaluation extends MatchScore {
  /** Findings that count: at or above the run's threshold, and not rejected by a reviewer. */
  findings: number;
  truth: number;
  /** Level-0 pixels: the largest distance between a finding's centre and its true point. */
  radius: number;
}

/**
 * @param radius half the side of the usual finding where left out
 * @throws {GigatileError} usage where nothing says how far apart a match may be
 */
export function evaluateRun(file: CaseFile, no: number, truth: PointSet, radius?: number): Evaluation {
  const { threshold } = file.runs.get(no);
  const x: number[] = [];
  const y: number[] = [];
  const sides: number[] = [];
  for (const finding of file.findings.boxes(no)) {
    if (finding.score < threshold || finding.verdict === 'rejected') continue;
    x.push(finding.x + finding.width / 2);
    y.push(finding.y + finding.height / 2);
    sides.push(Math.sqrt(finding.width * finding.height));
  }
  const within = radius ?? usual(sides) / 2;
  if (!(within > 0)) {
    throw new GigatileError('usage', 'The findings do not say how far from its true point a match may lie', {
      hint: 'Pass --radius in pixels of the full image.',
    });
  }
  const found = { x: Float64Array.from(x), y: Float64Array.from(y) };
  const { matches: _each, ...score } = matchPoints(found, truth, within);
  return { ...score, findings: x.length, truth: truth.x.length, radius: within };
}

/** The median; NaN of none. */
function usual(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
