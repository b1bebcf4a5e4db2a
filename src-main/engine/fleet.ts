/**
 * The second step of a run on other machines: what the conductor gives to a queue, and what it gets. Analyze does the same on this
 * machine; scale/ implements this one.
 */
import type { PlainError } from '../contract/errors.ts';
import type { FleetAct, FleetView } from '../contract/fleet.ts';
import type { Rect } from '../contract/run.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { TileChange } from '../store/tile-store.ts';
import type { CaseEvent } from '../store/event-log.ts';
import type { AnalyzeEnd } from './analyze.ts';

/** Who maps over the tiles of a run. */
export interface TileMapper {
  /** @throws {GigatileError} why it cannot go on; nothing is lost by it */
  run(): Promise<AnalyzeEnd>;
  /** @param why the person's will, where there is one: other machines go on when only this program ends */
  stop(why?: 'paused' | 'cancelled' | 'interrupted'): void;
  /** The viewport has changed. */
  wake(): void;
  setWorkers(count: number): void;
  /** Of this machine. */
  workerPids(): number[];
}

export interface FleetOrder {
  run: StoredRun;
  image: { path: string; name: string; bytes: number; fingerprint: string };
  keepAll: boolean;
  tileTimeoutMs: number;
  /** Codes of the tiles' states as far as they are in the case (contract/run.ts), always the newest. */
  states: () => Uint8Array;
  /** Fraction of tissue or data of each tile. */
  content: Float32Array;
  viewport: () => Rect | null;
  /** To be written into the case; tiles that have ended must not be given again. */
  add: (change: TileChange) => void;
  /** Resolves when what was added is in the case. */
  flush: () => void;
  /** Ids of what was given to a queue before for the same tiles, oldest first; those from before the tiles were opened anew are `stale`. */
  submissions: () => { active: string[]; stale: string[] };
  /** Written into the case before the queue gets it. */
  submitting: (id: string) => void;
  endsEarly: () => boolean;
  onError: (error: PlainError | null) => void;
}

export interface Fleet {
  /** Without user and password; a run remembers it. */
  readonly label: string;
  map(order: FleetOrder): TileMapper;
  /** What its machines do now. @throws {GigatileError} queue-unreachable, queue-refused */
  view(): Promise<FleetView>;
  /** @returns how many chunks are tried again. @throws {GigatileError} run-not-found; the same as view */
  act(order: FleetAct): Promise<number>;
  close(): Promise<void>;
}

/** A fleet by its address, with or without a password; connects nothing yet. @throws {GigatileError} usage */
export type FleetConnector = (address: string) => Promise<Fleet>;

/** What was given to queues for a run's tiles, as its events tell: before they were opened anew, and since. */
export function submissionsOf(events: readonly Pick<CaseEvent, 'kind' | 'data'>[]): {
  active: string[];
  stale: string[];
} {
  const active: string[] = [];
  const stale: string[] = [];
  for (const { kind, data } of events) {
    if (kind === 'retry-failed' || kind === 'rerun-region') stale.push(...active.splice(0));
    if (kind === 'submitted') active.push((data as { id: string }).id);
  }
  return { active, stale };
}
