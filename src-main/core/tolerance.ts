/** When a run is over, and what its end is called: failures that are tolerated, tiles that are enough, tiles that are missing. */
import type { Amount, Completion, RunParameters, RunState, TileCounts, Tolerance } from '../contract/run.ts';

/** What a person gets who says nothing: gaps are shown, and beyond a twentieth of the tiles the run has failed. */
export const defaultTolerance: Tolerance = { kind: 'percent', value: 5 };

export interface CompletionPolicy {
  tolerate: Tolerance;
  /** Once so many tiles are done the run ends, and one that ends with fewer has failed. */
  minSuccessful?: Amount | undefined;
  /** The run ends as soon as more tiles have failed than are tolerated; else it goes on to the last tile. */
  failFast?: boolean | undefined;
}

export function completionPolicy(parameters: RunParameters): CompletionPolicy {
  const { tolerate = defaultTolerance, minSuccessful, failFast } = parameters;
  return { tolerate, minSuccessful, failFast };
}

type Ended = Pick<TileCounts, 'done' | 'failed'>;

/** Skipped tiles are no gaps; they count in no percentage either. */
const attemptedOf = ({ total, skipped }: Pick<TileCounts, 'total' | 'skipped'>): number => total - skipped;

function isBeyond(failed: number, attempted: number, { kind, value }: Tolerance): boolean {
  return failed > (kind === 'count' ? value : (attempted * value) / 100);
}

/** How many tiles must be done; never more than there are. */
function wanted(attempted: number, { kind, value }: Amount): number {
  return Math.min(attempted, kind === 'count' ? value : Math.ceil((attempted * value) / 100));
}

/**
 * Whether the run ends although tiles are left.
 * @param attempted tiles that are not skipped
 */
export function endsEarly({ done, failed }: Ended, attempted: number, policy: CompletionPolicy): boolean {
  const { tolerate, minSuccessful, failFast = false } = policy;
  if (failFast && isBeyond(failed, attempted, tolerate)) return true;
  return minSuccessful !== undefined && done >= wanted(attempted, minSuccessful);
}

export interface RunEnd {
  state: Extract<RunState, 'complete' | 'complete-with-gaps' | 'failed'>;
  completion: Completion;
  /** For a person; null where there is nothing to add to "complete". */
  reason: string | null;
}

/** The end of a run that has no tile in flight any more. */
export function finalState(tiles: TileCounts, policy: CompletionPolicy): RunEnd {
  const { tolerate, minSuccessful } = policy;
  const { done, failed } = tiles;
  const attempted = attemptedOf(tiles);
  const left = attempted - done - failed;
  const lost = `${failed} of ${attempted} tiles failed`;
  if (isBeyond(failed, attempted, tolerate)) {
    const limit = tolerate.kind === 'count' ? `${tolerate.value} tiles` : `${tolerate.value} %`;
    const early = left > 0 ? `; ${left} were not tried` : '';
    return {
      state: 'failed',
      completion: 'tolerance-exceeded',
      reason: `${lost}, beyond the tolerance of ${limit}${early}`,
    };
  }
  if (failed > 0 && done === 0) return { state: 'failed', completion: 'all-ended', reason: lost };
  const enough = minSuccessful === undefined ? 0 : wanted(attempted, minSuccessful);
  if (done < enough) {
    const reason = `${lost}: ${done} are done, and ${enough} were wanted`;
    return { state: 'failed', completion: 'all-ended', reason };
  }
  if (left > 0) {
    const gaps = failed > 0 ? `; ${lost}` : '';
    const reason = `${done} of ${attempted} tiles are done, as many as were wanted; ${left} were not tried${gaps}`;
    return { state: 'complete-with-gaps', completion: 'minimum-reached', reason };
  }
  if (failed > 0) return { state: 'complete-with-gaps', completion: 'all-ended', reason: lost };
  return { state: 'complete', completion: 'all-ended', reason: null };
}
