/**
 * The second step of a run on other machines: what the conductor gives to a queue, and what it gets. Analyze does the same on this
 * machine; scale/ implements this one.
 */
import type { PlainError } from '../contract/errors.ts';
import type { RemoteUsage } from '../contract/model-remote.ts';
import type { FleetAct, FleetView } from '../contract/fleet.ts';
import type { Rect } from '../contract/run.ts';
import type { NewRun, StoredRun } from '../store/run-store.ts';
import type { TileChange } from '../store/tile-store.ts';
import type { CaseEvent } from '../store/event-log.ts';
import type { AnalyzeEnd } from './analyze.ts';

/** Who maps over the tiles of a run. */
export interface TileMapper {
  /** @throws {GigatileError} why it cannot go on; nothing is lost by it */
  run(): Promise<AnalyzeEnd>;
  /** @param why the person's will, where there is one: other machines go on when only this program ends */
  stop(why?: 'paused' | 'cancelled' | 'interrupted'): void;
  /** The viewport has changed. @param isFirst the tiles in it, where some of them are still to be begun */
  wake(isFirst?: (tile: number) => boolean): void;
  setWorkers(count: number): void;
  /** Of this machine. */
  workerPids(): number[];
}

export interface FleetOrder {
  run: StoredRun;
  image: { path: string; name: string; bytes: number; fingerprint: string };
  keepAll: boolean;
  tileTimeoutMs: number;
  /** Of a machine like this one, milliseconds; null: nobody knows. */
  tileMs: number | null;
  /** Codes of the tiles' states as far as they are in the case (contract/run.ts), always the newest. */
  states: () => Uint8Array;
  /** Fraction of tissue or data of each tile. */
  content: Float32Array;
  viewport: () => Rect | null;
  /** To be written into the case; tiles that have ended must not be given again. */
  add: (change: TileChange) => void;
  /** Resolves when what was added is in the case. */
  flush: () => void;
  submissions: () => Submissions;
  /** Written into the case before the queue gets it. */
  submitting: (id: string) => void;
  /** What a remote model has cost. */
  addUsage: (cost: RemoteUsage) => void;
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
  /** A run that somebody submitted. @throws {GigatileError} run-not-found, queue-refused where it lacks what is needed */
  analysis(run: string): Promise<FleetAnalysis>;
  /** The model's file out of the queue, checked. @returns its path in `folder` @throws {GigatileError} model-not-found, model-changed */
  model(sha256: string, folder: string): Promise<string>;
  close(): Promise<void>;
}

/** Everything of a run in the queue that another case needs to take its results. */
export interface FleetAnalysis {
  /** Its whole id. */
  run: string;
  image: { name: string; fingerprint: string };
  plan: Omit<NewRun, 'modelPath' | 'software'>;
}

/** What was given to queues for the tiles of a run. */
export interface Submissions {
  /** Ids, oldest first. */
  active: string[];
  /** From before the tiles were opened anew. */
  stale: string[];
  /** Somebody else submitted it: its results are taken, and it is left alone otherwise. */
  followed: boolean;
}

/** A fleet by its address, with or without a password; connects nothing yet. @throws {GigatileError} usage */
export type FleetConnector = (address: string) => Promise<Fleet>;

/** As the run's events tell. */
export function submissionsOf(events: readonly Pick<CaseEvent, 'kind' | 'data'>[]): Submissions {
  const all: Submissions = { active: [], stale: [], followed: false };
  for (const { kind, data } of events) {
    if (kind === 'retry-failed' || kind === 'rerun-region') {
      // What is another's is left to them; from here on tiles are submitted anew.
      const before = all.active.splice(0);
      if (!all.followed) all.stale.push(...before);
      all.followed = false;
    }
    if (kind === 'submitted' || kind === 'followed') {
      all.active.push((data as { id: string }).id);
      all.followed = kind === 'followed';
    }
  }
  return all;
}
