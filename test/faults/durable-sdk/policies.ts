/** What both maps are held against: items and their fates, and a completion policy in the words of each. */
import type { ThresholdCompletionConfig } from '@aws/durable-execution-sdk-js';
import type { CompletionPolicy } from '../../../src-main/core/tolerance.ts';

/** Attempts of an item in all. */
export const maxAttempts = 3;

/** One character an item: `.` is fine, `x` fails for good, a digit fails so often with trouble that passes. */
export const mixes: Record<string, string> = {
  'all are fine': '............',
  'one fails': '....x.......',
  'every third fails': 'x..x..x..x..',
  'all fail': 'xxxxxxxxxxxx',
  'trouble that passes': '.1..2..1....',
  'trouble that does not pass': '.13.....1.3.',
};

const everything = { kind: 'percent', value: 100 } as const;

/**
 * The SDK stops at the first item that is not tolerated: `failFast` here. Where only a minimum is given it tolerates everything, which
 * here has to be said.
 */
export const policies: Record<string, { sdk: ThresholdCompletionConfig; engine: CompletionPolicy }> = {
  none: { sdk: {}, engine: { tolerate: { kind: 'count', value: 0 }, failFast: true } },
  'no failure': {
    sdk: { toleratedFailureCount: 0 },
    engine: { tolerate: { kind: 'count', value: 0 }, failFast: true },
  },
  'two failures': {
    sdk: { toleratedFailureCount: 2 },
    engine: { tolerate: { kind: 'count', value: 2 }, failFast: true },
  },
  'a third': {
    // Strictly more: four of twelve are beyond it.
    sdk: { toleratedFailurePercentage: 33 },
    engine: { tolerate: { kind: 'percent', value: 33 }, failFast: true },
  },
  'exactly a third and a bit': {
    sdk: { toleratedFailurePercentage: 33.4 },
    engine: { tolerate: { kind: 'percent', value: 33.4 }, failFast: true },
  },
  everything: {
    sdk: { toleratedFailurePercentage: 100 },
    engine: { tolerate: everything },
  },
  'three successes': {
    sdk: { minSuccessful: 3 },
    engine: { tolerate: everything, minSuccessful: { kind: 'count', value: 3 } },
  },
  'all successful': {
    sdk: { minSuccessful: 12 },
    engine: { tolerate: everything, minSuccessful: { kind: 'count', value: 12 } },
  },
  'five successes, one failure': {
    sdk: { minSuccessful: 5, toleratedFailureCount: 1 },
    engine: {
      tolerate: { kind: 'count', value: 1 },
      minSuccessful: { kind: 'count', value: 5 },
      failFast: true,
    },
  },
};

export const concurrencies = [1, 3] as const;

export const fatesOf = ({ mix }: Row): string[] => mixes[mix]!.split('');

export interface Row {
  mix: string;
  policy: string;
  concurrency: number;
}

export const rows: Row[] = Object.keys(mixes).flatMap((mix) =>
  Object.keys(policies).flatMap((policy) =>
    concurrencies.map((concurrency) => ({ mix, policy, concurrency })),
  ),
);

/** In common words. */
export interface Outcome {
  reason: 'all-ended' | 'minimum-reached' | 'tolerance-exceeded';
  /** `ok`, `failed`, `open` (not started, or in flight at the end); an item each. */
  items: ('ok' | 'failed' | 'open')[];
  results: (number | null)[];
  attempts: number[];
  /** What the whole of it is called. */
  status: string;
}

export const resultOf = (item: number): number => item * 10 + 1;

/** How a try of an item ends, where it was tried so often before. */
export function tryItem(fate: string, before: number): 'fine' | 'permanent' | 'transient' {
  if (fate === 'x') return 'permanent';
  return fate !== '.' && before < Number(fate) ? 'transient' : 'fine';
}
