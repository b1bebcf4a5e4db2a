/** What a schedule is about, drawn from its seed: the grid, the tiles' fates, the policy, and what goes wrong when. */
import type { Amount, GridPlan, Rect, RunOrder, Tolerance } from '../../../src-main/contract/run.ts';
import { planGrid } from '../../../src-main/core/grid.ts';
import {
  retryClasses,
  type RetryClass,
  type RetryPolicy,
  type RetryRule,
} from '../../../src-main/core/retry.ts';
import type { CompletionPolicy } from '../../../src-main/core/tolerance.ts';
import { seededRandom, type Random } from './random.ts';
import type { Fate } from './sim-worker.ts';

export type Disturbance =
  | { kind: 'pause'; at: number; forMs: number }
  /** The engine is gone from one moment to the next, its workers with it. */
  | { kind: 'crash'; at: number; forMs: number }
  /** Another engine takes the run up while this one still believes in itself. */
  | { kind: 'fence'; at: number }
  | { kind: 'kill-worker'; at: number }
  | { kind: 'disk-full'; at: number; forMs: number }
  | { kind: 'image-changed'; at: number; forMs: number }
  | { kind: 'viewport'; at: number; columns: [number, number]; rows: [number, number] }
  | { kind: 'workers'; at: number; count: number }
  | { kind: 'set-clock'; at: number; byMs: number }
  | { kind: 'sleep'; at: number; forMs: number };

export interface Scenario {
  seed: number;
  random: Random;
  plan: GridPlan;
  skip: Uint8Array;
  content: Float32Array;
  /** 1: holds a likely finding. */
  positive: Uint8Array;
  order: RunOrder;
  fates: Fate[];
  workers: number;
  batch: number;
  leases: number | undefined;
  computeMs: number;
  latencyMs: number;
  tileTimeoutMs: number;
  startFailures: number;
  retry: RetryPolicy;
  completion: CompletionPolicy;
  disturbances: Disturbance[];
  /** Nothing goes wrong after that, but for the tiles' own fates. */
  quietFrom: number;
}

/** Edge of a tile, px. */
export const edge = 10;

export function scenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const columns = random.whole(3, 8);
  const rows = random.whole(3, 8);
  const count = columns * rows;
  const background = random.pick([0, 0, 0.3]);
  const positive = random.pick([0, 0.05, 0.4]);
  const trouble = random.pick([0, 0.05, 0.2, 0.5]);
  const quietFrom = random.whole(100, random.pick([600, 4000]));
  const disturbances = Array.from({ length: random.whole(0, 5) }, () =>
    disturbance(random, random.whole(0, quietFrom), columns, rows),
  );
  return {
    seed,
    random,
    plan: planGrid({
      imageWidth: columns * edge,
      imageHeight: rows * edge,
      scaleX: 1,
      scaleY: 1,
      tileWidth: edge,
      tileHeight: edge,
      overlap: 0,
    }),
    skip: Uint8Array.from({ length: count }, () => (random.chance(background) ? 1 : 0)),
    content: Float32Array.from({ length: count }, () => random.next()),
    positive: Uint8Array.from({ length: count }, () => (random.chance(positive) ? 1 : 0)),
    order: random.pick(['attention', 'attention', 'attention', 'native']),
    fates: Array.from({ length: count }, () => (random.chance(trouble) ? fate(random) : { kind: 'fine' })),
    workers: random.whole(1, 4),
    batch: random.pick([1, 1, 1, 2, 3]),
    leases: random.pick([undefined, undefined, 1, 4]),
    computeMs: random.pick([3, 30, 150]),
    latencyMs: random.pick([0, 1, 10]),
    // Longer than all the sleeps of a schedule, each of which counts for two looks.
    tileTimeoutMs: disturbances.some(({ kind }) => kind === 'sleep') ? 15_000 : 3000,
    startFailures: random.pick([0, 0, 0.1, 0.4]),
    retry: retryPolicy(random),
    completion: completionPolicy(random, count),
    disturbances,
    quietFrom: Math.max(quietFrom, ...disturbances.map((d) => d.at + ('forMs' in d ? d.forMs : 0))),
  };
}

function disturbance(random: Random, at: number, columns: number, rows: number): Disturbance {
  const kind = random.pick([
    'pause',
    'crash',
    'crash',
    'fence',
    'kill-worker',
    'kill-worker',
    'disk-full',
    'image-changed',
    'viewport',
    'viewport',
    'workers',
    'workers',
    'set-clock',
    'sleep',
  ] as const);
  switch (kind) {
    case 'fence':
    case 'kill-worker':
      return { kind, at };
    case 'viewport':
      return { kind, at, columns: span(random, columns), rows: span(random, rows) };
    case 'workers':
      return { kind, at, count: random.whole(1, 6) };
    case 'set-clock':
      return {
        kind,
        at,
        byMs: random.whole(-1, 1) * random.pick([1000, 1000, 60_000, 60_000, 60_000, 7_200_000]),
      };
    case 'sleep':
      return { kind, at, forMs: random.pick([5000, 600_000]) };
    default:
      return { kind, at, forMs: random.whole(0, 800) };
  }
}

function span(random: Random, length: number): [number, number] {
  const first = random.whole(0, length - 1);
  return [first, random.whole(first, Math.min(length - 1, first + 3))];
}

function fate(random: Random): Fate {
  switch (random.pick(['corrupt', 'flaky', 'flaky', 'busy', 'crash', 'hang'] as const)) {
    case 'corrupt':
      return { kind: 'corrupt' };
    case 'flaky':
      return { kind: 'flaky', times: random.whole(1, 7), code: 'io' };
    case 'busy':
      return {
        kind: 'flaky',
        times: random.whole(1, 3),
        code: 'endpoint-failed',
        retryAfterMs: random.whole(0, 900),
      };
    case 'crash':
      return { kind: 'deadly', how: 'crash', times: random.pick([1, 2, 100]) };
    default:
      return { kind: 'deadly', how: 'hang', times: random.pick([1, 100]) };
  }
}

function retryPolicy(random: Random): RetryPolicy {
  const rule = (): RetryRule => ({
    maxAttempts: random.whole(1, 5),
    baseMs: random.whole(1, 200),
    capMs: random.whole(200, 2000),
  });
  const rules = Object.fromEntries(retryClasses.map((name) => [name, rule()]));
  return { rules: rules as Record<RetryClass, RetryRule>, maxCrashes: random.whole(1, 3) };
}

function completionPolicy(random: Random, count: number): CompletionPolicy {
  const tolerate: Tolerance = random.chance(0.5)
    ? { kind: 'count', value: random.whole(0, 5) }
    : { kind: 'percent', value: random.whole(0, 30) };
  const minSuccessful: Amount | undefined = random.chance(0.8)
    ? undefined
    : { kind: 'count', value: random.whole(1, count) };
  return { tolerate, minSuccessful, failFast: random.chance(0.2) };
}

/** Level-0 pixels of a span of tiles; inside of its outermost tiles, so that it touches no others. */
export function viewportOf([left, right]: [number, number], [top, bottom]: [number, number]): Rect {
  const inset = 1;
  return {
    x: left * edge + inset,
    y: top * edge + inset,
    width: (right - left + 1) * edge - 2 * inset,
    height: (bottom - top + 1) * edge - 2 * inset,
  };
}
