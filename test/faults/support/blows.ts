/** Kills: of a worker, of the engine, of all; at a moment, at the n-th of its system calls, in a step that is over at once. */
import type { Random } from '../simulation/random.ts';
import type { CountedCalls, Calls } from './count-calls.ts';

/** A command's life, as its lines tell it; `start`: before the first. */
const phases = ['start', 'started', 'preprocess', 'analyze', 'synthesize', 'finished'] as const;
export type Phase = (typeof phases)[number];

/** Steps that are too short to be hit by chance. */
export const shortSteps = ['synthesize', 'store', 'exports'] as const;
export type ShortStep = (typeof shortSteps)[number];

/** Engine and workers at once, or the engine alone. */
type Victim = 'all' | 'engine';

export type Blow =
  /** So long after it said that it is so far. */
  | { at: Victim | 'worker'; phase: Phase; afterMs: number }
  /** The engine, on entering this call: a moment that no clock hits, such as between two writes of a commit. */
  | { at: 'call'; call: string; n: number }
  /** The engine, on entering this call after the step has begun. */
  | { at: 'step'; step: ShortStep; call: string; n: number }
  /** So long after the step has begun. */
  | { at: 'step'; step: ShortStep; victim: Victim; afterMs: number };

/** About so long each takes at most. */
const stepMs: Record<ShortStep, number> = { synthesize: 60, store: 10, exports: 1500 };

/** @param counted of an undisturbed run; @param wholeMs that it takes */
export function randomBlow(random: Random, { whole }: CountedCalls, wholeMs: number): Blow {
  if (whole.size > 0 && random.chance(0.5)) {
    const call = random.chance(0.6) ? 'pwrite64' : random.pick([...whole.keys()]);
    return { at: 'call', call, n: random.whole(1, whole.get(call) ?? 1) };
  }
  const at = random.pick(['all', 'engine', 'worker'] as const);
  const phase = at === 'worker' ? random.pick(['preprocess', 'analyze'] as const) : random.pick(phases);
  return { at, phase, afterMs: Math.round(random.next() * wholeMs * 0.15) };
}

/** @param calls that an undisturbed run makes in this step */
export function blowAtStep(random: Random, step: ShortStep, calls: Calls): Blow {
  if (calls.size > 0 && random.chance(0.75)) {
    const call = random.pick([...calls.keys()]);
    return { at: 'step', step, call, n: random.whole(1, calls.get(call) ?? 1) };
  }
  const victim = random.pick(['all', 'engine'] as const);
  return { at: 'step', step, victim, afterMs: random.next() * stepMs[step] };
}

export function blowName(blow: Blow): string {
  if (blow.at === 'call') return `at ${blow.call} ${blow.n}`;
  if (blow.at !== 'step') return `${blow.at} ${blow.afterMs} ms after ${blow.phase}`;
  return 'call' in blow
    ? `at ${blow.call} ${blow.n} of ${blow.step}`
    : `${blow.victim} ${blow.afterMs.toFixed(1)} ms after ${blow.step}`;
}
