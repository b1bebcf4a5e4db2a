/**
 * Follows one run: its event stream, the tile states behind the stream by revision, and its findings when they change.
 * A lost link or an engine that restarts costs a pause, never a stale picture: it starts again from what it has.
 */
import { decodeFindingFrame } from '../../src-main/contract/finding-frame.ts';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { RunEvent, RunView } from '../../src-main/contract/run.ts';
import { decodeTileFrame } from '../../src-main/contract/tile-frame.ts';
import { backoffMs } from '../client/backoff.ts';
import type { Connection } from '../client/connection.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { FindingSet } from './finding-set.ts';
import { TileStateBuffer } from './tile-state-buffer.ts';

export interface RunListener {
  onEvent: (event: RunEvent) => void;
  /** The buffer was made or changed. */
  onTiles: (tiles: TileStateBuffer) => void;
  onFindings: (findings: FindingSet) => void;
  onFindingsError: (error: PlainError) => void;
  /** Whose decisions count in the findings; left out or undefined: everybody's. */
  reader?: () => string | undefined;
  /** The stream broke and is being taken up again. */
  onProblem: (error: PlainError) => void;
}

export class RunFollower {
  readonly #connection: Connection;
  readonly #run: { caseId: string; runId: string };
  readonly #image: { width: number; height: number };
  readonly #listener: RunListener;
  readonly #ended = new AbortController();
  #tiles: TileStateBuffer | null = null;
  #fetchingTiles: Promise<void> | null = null;
  /** Events told of states that were not asked for yet. */
  #tilesAreBehind = false;
  #findingsKey = '';

  constructor(
    connection: Connection,
    run: { caseId: string; runId: string },
    image: { width: number; height: number },
    listener: RunListener,
  ) {
    this.#connection = connection;
    this.#run = run;
    this.#image = image;
    this.#listener = listener;
  }

  /** Returns when the run rests or `stop` is called; call again after the run was resumed. */
  async follow(): Promise<void> {
    const signal = this.#ended.signal;
    for (let attempt = 0; !signal.aborted;) {
      try {
        const stream = await this.#connection.api.runs.watch(this.#run, { signal });
        for await (const event of stream) {
          attempt = 0;
          if (signal.aborted) return;
          this.#onEvent(event);
        }
        await this.#fetchingTiles;
        return;
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        this.#listener.onProblem(plainErrorOf(error));
        await pause(backoffMs(attempt++, Math.random()), signal);
      }
    }
  }

  stop(): void {
    this.#ended.abort();
  }

  #onEvent(event: RunEvent): void {
    this.#listener.onEvent(event);
    if (event.run.grid !== null) this.#wantTiles(event.run, event.revision);
    // Of a run that goes on, each merge is asked for anew; the engine makes another one only after it was.
    const key = `${event.run.state} ${event.run.step} ${event.run.findings} ${event.provisional?.revision ?? ''}`;
    if (key !== this.#findingsKey) {
      this.#findingsKey = key;
      void this.fetchFindings();
    }
  }

  #wantTiles(run: RunView, revision: number): void {
    if (run.grid === null) return;
    const first = this.#tiles === null;
    if (this.#tiles?.columns !== run.grid.columns || this.#tiles.rows !== run.grid.rows) {
      this.#tiles = new TileStateBuffer(run.grid);
    }
    // A revision that differs in either direction: below ours, the engine started anew and counts from there.
    this.#tilesAreBehind ||= first || revision !== this.#tiles.revision;
    if (this.#tilesAreBehind) this.#fetchingTiles ??= this.#fetchTiles(this.#tiles);
  }

  /** One request at a time; goes on while events came in that tell of more. */
  async #fetchTiles(tiles: TileStateBuffer): Promise<void> {
    const signal = this.#ended.signal;
    let since = tiles.revision;
    try {
      while (this.#tilesAreBehind && tiles === this.#tiles) {
        this.#tilesAreBehind = false;
        const reply = await this.#connection.bytes(
          bytePaths.tileStates(this.#run.caseId, this.#run.runId, since),
          signal,
        );
        if (signal.aborted) return;
        if (tiles.apply(decodeTileFrame(reply.data), since) === 'reload') this.#tilesAreBehind = true;
        since = tiles.revision;
        this.#listener.onTiles(tiles);
      }
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      // The next event asks again; the stream says where the engine is gone.
      this.#tilesAreBehind = true;
      this.#listener.onProblem(plainErrorOf(error));
    } finally {
      // In the same step as the loop's last look, so that no event falls between.
      this.#fetchingTiles = null;
    }
  }

  /** Also where it has changed whose decisions count. */
  async fetchFindings(): Promise<void> {
    const key = this.#findingsKey;
    const signal = this.#ended.signal;
    try {
      const reply = await this.#connection.bytes(
        bytePaths.findings(this.#run.caseId, this.#run.runId, this.#listener.reader?.()),
        signal,
      );
      if (signal.aborted || key !== this.#findingsKey) return;
      this.#listener.onFindings(new FindingSet(decodeFindingFrame(reply.data), this.#image));
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.#listener.onFindingsError(plainErrorOf(error));
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      resolve();
    },
    { once: true },
  );
  return promise;
}
