/** What a run's state is called, never just "done" where something is missing. */
import type { Completion, RunEvent, RunView } from '../../src-main/contract/run.ts';
import { count, plural } from '../ui/format.ts';

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

const steps = {
  preprocess: 'Looking for what to analyse',
  analyze: 'Analysing',
  synthesize: 'Merging findings',
  store: 'Storing results',
  finished: 'Finishing',
} as const;

export function stateLabel(state: RunView['state']): string {
  return state === 'complete-with-gaps' ? 'complete with gaps' : state;
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
  const failed = `${count(tiles.failed)} of ${plural(tiles.total, 'tile')} failed`;
  const left = tiles.pending + tiles.running + tiles.waiting;
  switch (run.state) {
    case 'running':
      return phaseWords(phases) ?? steps[run.step];
    case 'paused':
      return `Paused: ${plural(left, 'tile')} to go`;
    case 'interrupted':
      return `Interrupted: ${plural(left, 'tile')} to go, nothing is lost`;
    case 'cancelled':
      return `Cancelled after ${plural(tiles.done, 'tile')}`;
    case 'complete':
      return `Complete: ${plural(tiles.done, 'tile')} analysed`;
    case 'complete-with-gaps':
      if (run.completion !== 'minimum-reached') return `Complete with gaps: ${failed}`;
      return `Ended early, as wanted: ${count(tiles.done)} of ${plural(tiles.total, 'tile')} done`;
    default:
      return tiles.failed > 0 ? `Failed: ${failed}` : 'Failed';
  }
}

/** Why a run came to its end. */
export function endWords(completion: Completion): string {
  return {
    'all-ended': 'every tile has ended',
    'minimum-reached': 'as many tiles are done as were wanted',
    'tolerance-exceeded': 'more tiles failed than are tolerated',
  }[completion];
}

/** 0-1 each, while it goes on. */
type Phases = Pick<RunEvent, 'preparation' | 'tuning' | 'gate'>;

function phaseWords({ preparation, tuning, gate }: Phases): string | null {
  const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`;
  if (preparation !== undefined) return `Preparing the image … ${percent(preparation)}`;
  if (tuning !== undefined) return `Measuring how the model runs quickest here … ${percent(tuning)}`;
  if (gate !== undefined) return `The content gate looks through the image … ${percent(gate)}`;
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
