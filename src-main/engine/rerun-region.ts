/** Analysing a part of an image again, in the same run: its tiles are as if nobody had looked at them, the others stay. */
import { GigatileError } from '../contract/errors.ts';
import type { Rect } from '../contract/run.ts';
import { tilesIn } from '../core/grid.ts';
import type { CaseFile } from '../store/case-file.ts';
import { checkRemote } from './remote-run.ts';
import { runIdOf } from './run-id.ts';
import { tileRanges } from './tile-moves.ts';

/**
 * Puts a run that rests back to analyze, for the tiles whose cells touch `region` (level-0 pixels). Decisions stay: a finding that comes
 * out again has the same id. Tiles that were skipped stay skipped.
 *
 * @throws {GigatileError} conflict where the run cannot be gone on with; usage where none of its tiles lies there
 */
export function reopenRegion(file: CaseFile, no: number, region: Rect): void {
  const run = file.runs.get(no);
  checkRemote(file, run.manifest, run.parameters);
  if (run.state === 'cancelled') {
    throw new GigatileError('conflict', `${runIdOf(no)} was cancelled: it cannot be gone on with`, {
      hint: 'Start a new run, with a region of interest where only a part is wanted.',
    });
  }
  if (run.completion === 'minimum-reached') {
    throw new GigatileError('conflict', `${runIdOf(no)} ended before all of its tiles were tried`, {
      hint: 'Let it go on first (resume); then parts of it can be analysed again.',
    });
  }
  if (run.step === 'preprocess') {
    throw new GigatileError('conflict', `${runIdOf(no)} has no tiles yet: nothing can be analysed again`);
  }
  const findings = file.findings.countFrom(no, run.threshold);
  file.transaction(() => {
    const tiles = file.tiles.reopen(no, tilesIn(run.grid, region));
    if (tiles.length === 0) {
      throw new GigatileError('usage', 'No tile that was analysed lies in this region', {
        hint: `The image is ${run.grid.imageWidth} x ${run.grid.imageHeight} pixels; tiles without anything on them were skipped and stay so.`,
      });
    }
    file.events.append(no, 'rerun-region', {
      region,
      tiles: tiles.length,
      which: tileRanges(tiles),
      findings,
    });
    file.runs.setCompletion(no, null);
    file.runs.transition(no, [run.state], { state: 'running', step: 'analyze' });
  });
}
