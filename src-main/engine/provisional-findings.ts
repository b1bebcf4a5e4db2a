/**
 * What a run has found so far, for the screens: the results of the tiles that are done, merged by the very code that merges all of
 * them at the end (synthesize.ts). In a thread of its own, which reads the case file: the engine's thread has workers to feed. Made
 * anew when there are more tiles and a screen asked for the last ones, at most every second, and for a twenty-fifth of one core's time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { toPlainError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import { tileStateCode } from '../contract/run.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import { tilesIn } from '../core/grid.ts';
import type { FindingStore } from '../store/finding-store.ts';
import { openProvisional } from '../store/provisional-file.ts';
import type { Provisional } from '../store/provisional-file.ts';
import { findingFrame } from './finding-frames.ts';

export interface ToMerger {
  casePath: string;
  run: number;
  fingerprint: string;
  /** The file to be written. */
  target: string;
}

export type FromMerger =
  | { ok: true; findings: number; frame: Uint8Array; lastDecision: number; cpuMs: number }
  | { ok: false; error: PlainError };

export interface ProvisionalOptions {
  casePath: string;
  run: number;
  fingerprint: string;
  grid: GridPlan;
  /** States of the tiles as committed, see tileStateCode. */
  states: () => Uint8Array;
  /** There are newer findings. */
  changed: () => void;
  failed: (error: PlainError) => void;
  /** Between two merges, milliseconds; a second where absent. */
  leastPauseMs?: number;
}

/** Beside this file's bundle when built. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './provisional.entry.ts' : './provisional.entry.js',
  import.meta.url,
);

const usualPauseMs = 1000;
/** Of the processor's time that merging took: a twenty-fifth of one core is what it may cost the run. */
const pauseShare = 25;

interface Merged {
  /** Done tiles that are in it, at least. */
  tiles: number;
  findings: number;
  /** What was committed when merging began, so that nothing counts as merged that may not be. */
  states: Uint8Array;
  frame: Uint8Array;
  lastDecision: number;
}

export class ProvisionalFindings {
  readonly #options: ProvisionalOptions;
  #folder: string | null = null;
  #thread: Worker | null = null;
  #file: Provisional | null = null;
  #merged: Merged | null = null;
  #revision = 0;
  #isWanted = false;
  #merging: { states: Uint8Array; tiles: number; target: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #nextAt = 0;
  #isClosed = false;

  readonly #leastPauseMs: number;

  constructor(options: ProvisionalOptions) {
    this.#options = options;
    this.#leastPauseMs = options.leastPauseMs ?? usualPauseMs;
  }

  /** null until something was merged. */
  get findings(): FindingStore | null {
    return this.#file?.findings ?? null;
  }

  /** Done tiles that are merged, findings at or above the run's threshold, and a number that is new with each merge. */
  get view(): { tiles: number; findings: number; revision: number } | null {
    if (this.#merged === null) return null;
    const { tiles, findings } = this.#merged;
    return { tiles, findings, revision: this.#revision };
  }

  /** As contract/finding-frame.ts; null until something was merged. */
  frame(): Uint8Array | null {
    if (this.#merged === null || this.#file === null) return null;
    const lastDecision = this.#file.lastDecision();
    if (lastDecision !== this.#merged.lastDecision) {
      const frame = findingFrame(this.#file.findings, this.#options.run);
      Object.assign(this.#merged, { frame, lastDecision });
    }
    return this.#merged.frame;
  }

  /** Whether tiles that see this place were still to come: what they say may change the finding. */
  mayChange({ x, y, width, height }: Rect): boolean {
    if (this.#merged === null) return false;
    const { grid } = this.#options;
    const { states } = this.#merged;
    const aroundX = grid.tileWidth * grid.scaleX;
    const aroundY = grid.tileHeight * grid.scaleY;
    const around = {
      x: x - aroundX,
      y: y - aroundY,
      width: width + 2 * aroundX,
      height: height + 2 * aroundY,
    };
    return tilesIn(grid, around).some((tile) => isOpen(states[tile] ?? 0));
  }

  /** A screen has taken what there is, and wants what comes. */
  want(): void {
    this.#isWanted = true;
    this.refresh();
  }

  /** Tiles may have been committed. */
  refresh(): void {
    if (this.#isClosed || !this.#isWanted || this.#merging !== null || this.#timer !== null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        try {
          this.#merge();
        } catch (error) {
          this.#failed(toPlainError(error));
        }
      },
      Math.max(0, this.#nextAt - performance.now()),
    );
    // What nobody waits for keeps no program open.
    this.#timer.unref();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#thread?.terminate();
    this.#file?.close();
    this.#file = null;
    this.#merged = null;
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #merge(): void {
    if (this.#isClosed || this.#merging !== null) return;
    const states = this.#options.states().slice();
    const tiles = states.reduce((sum, state) => sum + (state === tileStateCode.done ? 1 : 0), 0);
    if (tiles === (this.#merged?.tiles ?? 0)) {
      this.#nextAt = performance.now() + this.#leastPauseMs;
      return;
    }
    const { casePath, run, fingerprint } = this.#options;
    this.#folder ??= mkdtempSync(join(tmpdir(), 'gigatile-provisional-'));
    const target = join(this.#folder, `${this.#revision + 1}.sqlite`);
    this.#merging = { states, tiles, target };
    this.#isWanted = false;
    this.#thread ??= this.#start();
    this.#thread.postMessage({ casePath, run, fingerprint, target } satisfies ToMerger, []);
  }

  #start(): Worker {
    const thread = new Worker(entry, { name: 'gigatile-provisional' });
    thread.unref();
    const gone = (error: Error): void => {
      this.#thread = null;
      if (this.#merging === null || this.#isClosed) return;
      this.#answered({
        ok: false,
        error: { code: 'internal', message: `Provisional findings could not be merged: ${error.message}` },
      });
    };
    thread.on('message', (answer: FromMerger) => this.#answered(answer));
    thread.on('error', gone);
    thread.on('exit', () => gone(new Error('the thread ended')));
    return thread;
  }

  #answered(answer: FromMerger): void {
    const merging = this.#merging;
    this.#merging = null;
    if (this.#isClosed || merging === null) return;
    if (!answer.ok) {
      rmSync(merging.target, { force: true });
      this.#failed(answer.error);
      return;
    }
    const { findings, frame, lastDecision, cpuMs } = answer;
    this.#nextAt = performance.now() + Math.max(this.#leastPauseMs, pauseShare * cpuMs);
    try {
      const file = openProvisional(merging.target, this.#options.casePath);
      this.#file?.close();
      this.#file = file;
    } catch (error) {
      this.#failed(toPlainError(error));
      return;
    }
    const { tiles, states } = merging;
    this.#merged = { tiles, findings, states, frame, lastDecision };
    this.#revision++;
    this.#options.changed();
    this.refresh();
  }

  /** The run itself is none the worse for it: it is told, and tried again much later. */
  #failed(error: PlainError): void {
    this.#nextAt = performance.now() + pauseShare * usualPauseMs;
    this.#isWanted = true;
    this.#options.failed(error);
    this.refresh();
  }
}

function isOpen(state: number): boolean {
  return (
    state === tileStateCode.pending || state === tileStateCode.running || state === tileStateCode.waiting
  );
}
