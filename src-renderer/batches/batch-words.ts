/** What the states of a batch and of its images are called. */
import type {
  BatchItem,
  BatchItemState,
  BatchReported,
  BatchState,
  BatchSummary,
} from '../../src-main/contract/batch.ts';
import type { Tone } from '../runs/run-words.ts';
import { count, duration } from '../ui/format.ts';
import { words } from '../words/words.ts';

export const itemLabels: Record<BatchItemState, string> = {
  waiting: words.batches.waiting,
  running: words.batches.running,
  paused: words.batches.paused,
  complete: words.batches.complete,
  'complete-with-gaps': words.batches.completeWithGaps,
  failed: words.batches.failed,
  cancelled: words.batches.cancelled,
};

export function itemTone(state: BatchItemState): Tone {
  if (state === 'running') return 'accent';
  if (state === 'complete') return 'good';
  if (state === 'failed') return 'bad';
  return state === 'paused' || state === 'complete-with-gaps' ? 'warn' : 'neutral';
}

export function batchTone({ state, counts }: Pick<BatchSummary, 'state' | 'counts'>): Tone {
  if (state === 'running') return 'accent';
  if (state === 'paused' || state === 'interrupted') return 'warn';
  if (state === 'cancelled') return 'neutral';
  if (counts.failed > 0) return 'bad';
  return counts['complete-with-gaps'] + counts.paused > 0 ? 'warn' : 'good';
}

export const batchLabels: Record<BatchState, string> = {
  running: words.batches.running,
  paused: words.batches.paused,
  interrupted: words.batches.interrupted,
  cancelled: words.batches.cancelled,
  finished: words.batches.finished,
};

/** Images that have come to their end, whichever. */
export function endedImages({ counts }: Pick<BatchSummary, 'counts'>): number {
  return counts.complete + counts['complete-with-gaps'] + counts.failed + counts.cancelled;
}

/** One line, for instance "12 of 200 images, 1 failed, 2 with gaps". Never just "done" where something is missing. */
export function batchLine(batch: Pick<BatchSummary, 'counts' | 'total'>): string {
  const { counts } = batch;
  const parts = [words.batches.of(count(endedImages(batch)), words.counts.images(batch.total))];
  if (counts.failed > 0) parts.push(words.batches.countFailed(count(counts.failed)));
  if (counts['complete-with-gaps'] > 0)
    parts.push(words.batches.withGaps(count(counts['complete-with-gaps'])));
  if (counts.cancelled > 0) parts.push(words.batches.countCancelled(count(counts.cancelled)));
  if (counts.paused > 0) parts.push(words.batches.countPaused(count(counts.paused)));
  return parts.join(', ');
}

/** 0-1: an image that is worked on counts by its tiles. */
export function batchFraction({ total }: Pick<BatchSummary, 'total'>, items: readonly BatchItem[]): number {
  if (total === 0) return 0;
  return items.reduce((sum, item) => sum + itemFraction(item), 0) / total;
}

export function itemFraction({ state, tiles }: Pick<BatchItem, 'state' | 'tiles'>): number {
  if (['complete', 'complete-with-gaps', 'failed', 'cancelled'].includes(state)) return 1;
  if (tiles === null || tiles.total === 0) return 0;
  return (tiles.done + tiles.skipped + tiles.failed) / tiles.total;
}

/** What is said of an image beside its state. */
export function itemDetail(item: BatchItem): string {
  const { state, tiles, etaSeconds, error, reused, seconds } = item;
  if (error !== null) return error.message;
  if (reused) return words.batches.analysedBeforeNotDoneAgain;
  if (state === 'running' && tiles === null) return words.batches.lookingForWhatToAnalyse;
  if (state === 'running' && etaSeconds !== null) return words.batches.left(duration(etaSeconds));
  if (state === 'complete-with-gaps' && tiles !== null)
    return words.batches.tilesFailed(words.counts.tiles(tiles.failed));
  if (state === 'complete') return duration(seconds);
  if (state === 'paused') return words.batches.leftOutUntilYouLetItGo;
  return '';
}

/** How reports ended, with what is missing and why. */
export function reportedLine({ outcome, done, failed, total, error }: BatchReported): string {
  const [n, of] = [count(done), count(total)];
  switch (outcome) {
    case 'written':
      return failed === 0
        ? words.batches.reportsAreWritten(words.counts.reports(done))
        : words.batches.reportsAreMissing(n, words.counts.reports(total));
    case 'cancelled':
      return words.batches.reportsCancelledAfter(n, of);
    case 'failed':
      return words.batches.reportsFailedAfter(
        n,
        of,
        [error?.message, error?.hint].filter(Boolean).join(' – '),
      );
  }
}

export function reportedTone({ outcome, failed }: BatchReported): 'good' | 'warn' | 'bad' | 'neutral' {
  if (outcome === 'failed') return 'bad';
  if (outcome === 'cancelled') return 'neutral';
  return failed > 0 ? 'warn' : 'good';
}

/** The same rule for buttons of a batch. */
export function batchActions({
  state,
  counts,
  reporting,
}: Pick<BatchSummary, 'state' | 'counts' | 'reporting'>) {
  const open = counts.waiting + counts.running + counts.paused > 0;
  return {
    pause: state === 'running',
    resume: (state === 'paused' || state === 'interrupted') && open,
    cancel: state === 'running' || ((state === 'paused' || state === 'interrupted') && open),
    retryFailed: counts.failed + counts['complete-with-gaps'] > 0,
    remove: state !== 'running' && reporting === null,
    saveReports: reporting === null && counts.complete + counts['complete-with-gaps'] + counts.failed > 0,
    cancelReports: reporting?.isStopping === false,
  };
}

export function itemActions({ state }: Pick<BatchItem, 'state'>) {
  return {
    pause: state === 'running' || state === 'waiting',
    resume: state === 'paused' || state === 'cancelled',
    retry: state === 'failed' || state === 'complete-with-gaps',
    cancel: state === 'running' || state === 'waiting' || state === 'paused',
  };
}
