/** What a run's state is called, never just "done" where something is missing. */
import type { Completion, RunEvent, RunView } from '../../src-main/contract/run.ts';
import { count } from '../ui/format.ts';
import { words } from '../words/words.ts';

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

const steps = {
  preprocess: words.runs.lookingForWhatToAnalyse,
  analyze: words.runs.analysing,
  synthesize: words.runs.mergingFindings,
  store: words.runs.storingResults,
  finished: words.runs.finishing,
} as const;

export function stateLabel(state: RunView['state']): string {
  return state === 'complete-with-gaps' ? words.runs.completeWithGaps : state;
}

export function stateTone(state: RunView['state']): Tone {
  switch (state) {
    case 'running':
      return 'accent';
    case 'complete':
      return 'good';
    case 'complete-with-gaps':
    case 'paused':
    case 'interrupted':
      return 'warn';
    case 'failed':
      return 'bad';
    default:
      return 'neutral';
  }
}

/**
 * One line, for instance "Complete with gaps: 3 of 812 tiles failed".
 * @param phases what goes before the tiles, while it does
 */
export function runHeadline(run: RunView, phases: Phases = {}): string {
  const { tiles } = run;
  const failed = words.runs.ofFailed(count(tiles.failed), words.counts.tiles(tiles.total));
  const left = tiles.pending + tiles.running + tiles.waiting;
  switch (run.state) {
    case 'running':
      return phaseWords(phases) ?? steps[run.step];
    case 'paused':
      // Before the grid is made nobody knows how many.
      return tiles.total === 0 ? words.runs.paused : words.runs.pausedToGo(words.counts.tiles(left));
    case 'interrupted':
      return words.runs.interruptedToGoNothingIsLost(words.counts.tiles(left));
    case 'cancelled':
      return words.runs.cancelledAfter(words.counts.tiles(tiles.done));
    case 'complete':
      return words.runs.completeAnalysed(words.counts.tiles(tiles.done));
    case 'complete-with-gaps':
      if (run.completion !== 'minimum-reached') return words.runs.failedCompleteWithGaps(failed);
      return words.runs.endedEarlyAsWantedOfDone(count(tiles.done), words.counts.tiles(tiles.total));
    default:
      return tiles.failed > 0 ? words.runs.failedRunWith(failed) : words.runs.failedRun;
  }
}

/** Why a run came to its end. */
export function endWords(completion: Completion): string {
  return {
    'all-ended': words.runs.everyTileHasEnded,
    'minimum-reached': words.runs.asManyTilesAreDoneAsWereWanted,
    'tolerance-exceeded': words.runs.moreTilesFailedThanAreTolerated,
  }[completion];
}

/** 0-1 each, while it goes on. */
type Phases = Pick<RunEvent, 'preparation' | 'tuning' | 'gate'>;

function phaseWords({ preparation, tuning, gate }: Phases): string | null {
  const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`;
  if (preparation !== undefined) return words.runs.preparingTheImage(percent(preparation));
  if (tuning !== undefined) return words.runs.measuringHowTheModelRunsQuickest(percent(tuning));
  if (gate !== undefined) return words.runs.theContentGateLooksThroughTheImage(percent(gate));
  return null;
}

/** Share of tiles that have ended, 0-1. */
export function runFraction(run: RunView): number {
  const { total, done, skipped, failed } = run.tiles;
  return total === 0 ? 0 : (done + skipped + failed) / total;
}

/** The same rule for what can be done with a run, for buttons and keys. */
export function runActions(run: RunView): {
  pause: boolean;
  resume: boolean;
  /** It ended with tiles that nobody wanted then. */
  analyseRest: boolean;
  cancel: boolean;
  retryFailed: boolean;
  /** A part of it again. */
  rerun: boolean;
} {
  const resting = run.state !== 'running';
  const { pending, running, waiting } = run.tiles;
  const isLeft = pending + running + waiting > 0;
  return {
    pause: run.state === 'running',
    resume: run.state === 'paused' || run.state === 'interrupted',
    analyseRest: resting && run.completion === 'minimum-reached' && isLeft,
    cancel: run.state === 'running' || run.state === 'paused' || run.state === 'interrupted',
    rerun: run.state !== 'cancelled' && run.step !== 'preprocess' && run.completion !== 'minimum-reached',
    retryFailed: resting && run.state !== 'cancelled' && run.tiles.failed > 0,
  };
}
