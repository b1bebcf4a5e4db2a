/**
 * The desktop's side of a run on other machines: gives tiles to the queue, takes what workers found, each tile once. The queue keeps
 * results until they are taken, so that this program may be closed for a week; what is in the case decides what is still to be taken.
 */
import { randomUUID } from 'node:crypto';
import { GigatileError, toPlainError } from '../contract/errors.ts';
import { tileStateCode } from '../contract/run.ts';
import { viewportTiles } from '../core/tile-order.ts';
import type { AnalyzeEnd } from '../engine/analyze.ts';
import type { FleetOrder, TileMapper } from '../engine/fleet.ts';
import { readOutcomes } from './chunk-results.ts';
import { publishModel } from './model-parts.ts';
import { isUnreachable } from './queue/queue-errors.ts';
import type { QueueConnection } from './queue/connection.ts';
import type { QueueDatabase } from './queue/database.ts';
import { probeWriting } from './queue/probe-writing.ts';
import { specOf } from './spec-of.ts';
import { urgentPriority } from './queue/jobs.ts';
import { tilesToSubmit } from './worker/chunk-size.ts';
import { chunkJobId, chunksOf, doneChannel, submit, usualChunk } from './submit.ts';

const { pending, running, waiting } = tileStateCode;

/** The server tells of results; this finds what was not heard. */
const pollMs = 2000;
/** Many workers say many things: one look answers what was said within this. */
const gatherMs = 200;
/** Chunks that are taken at once, so that the screens stay alive meanwhile. */
const chunksAtOnce = 4;
/** Where nothing comes for so long, something may be wrong. */
const quietMs = 10_000;
const viewportLimit = 500;

const keyOf = (run: string, no: number): string => `${run}/${no}`;

interface KnownChunk {
  run: string;
  no: number;
  tiles: readonly number[];
  /** Shown as being worked on. */
  isShown: boolean;
}

export interface MapperOptions {
  software: string;
  /** Tiles a chunk, by a person; else as many as are some seconds of work. */
  chunkTiles?: number | undefined;
  priority?: number | undefined;
}

export class FleetMapper implements TileMapper {
  readonly #connection: () => Promise<QueueConnection>;
  readonly #label: string;
  readonly #options: MapperOptions;
  readonly #order: FleetOrder;
  /** Chunks whose results are not in the case yet; workers cut them and put them together as they are taken. */
  #chunks = new Map<string, KnownChunk>();
  /** Those whose results are. */
  #taken = new Set<string>();
  #active: string[] = [];
  /** Somebody else submitted it, and it is steered there: this case takes its results, too. */
  #isFollowed = false;
  #isPausedThere = false;
  /** Of the runs in the queue, as they were last seen. */
  #states = new Map<string, string>();
  #stopped: 'paused' | 'cancelled' | 'interrupted' | null = null;
  #wake: (() => void) | null = null;
  #unreachableSince: number | null = null;
  /** Nothing came since then. */
  #quietSince = performance.now();
  #viewChanged = false;
  #lifted = new Set<string>();

  /** @param connection throws queue-unreachable or queue-refused; the next call tries again */
  constructor(
    connection: () => Promise<QueueConnection>,
    label: string,
    options: MapperOptions,
    order: FleetOrder,
  ) {
    this.#connection = connection;
    this.#label = label;
    this.#options = options;
    this.#order = order;
  }

  async run(): Promise<AnalyzeEnd> {
    let stopListening: (() => Promise<void>) | null = null;
    try {
      const connection = await this.#patiently((open) => Promise.resolve(open));
      if (connection === null) return 'stopped';
      const { database } = connection;
      stopListening = database.listen(doneChannel(database), (run) => {
        if (run === '' || this.#active.includes(run)) this.#wake?.();
      });
      if ((await this.#patiently((open) => this.#begin(open))) === null) return 'stopped';
      for (;;) {
        if (this.#stopped !== null) return await this.#leave('stopped');
        if (this.#order.endsEarly()) return await this.#leave('early');
        if (!this.#hasOpenTiles()) return await this.#leave('drained');
        const took = await this.#patiently((open) => this.#take(open));
        if (took === false) await this.#rest(pollMs);
      }
    } finally {
      await stopListening?.();
    }
  }

  stop(why: 'paused' | 'cancelled' | 'interrupted' = 'interrupted'): void {
    this.#stopped ??= why;
    this.#wake?.();
  }

  wake(): void {
    this.#viewChanged = true;
    this.#wake?.();
  }

  /** How many there are is the other machines' business. */
  setWorkers(): void {
    return undefined;
  }

  workerPids(): number[] {
    return [];
  }

  #rest(ms: number): Promise<void> {
    if (this.#stopped !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        setTimeout(resolve, gatherMs);
      };
    });
  }

  /** A server that is away is waited for; the run says since when. null: stopped meanwhile. */
  async #patiently<T>(work: (connection: QueueConnection) => Promise<T>): Promise<T | null> {
    for (;;) {
      try {
        const value = await work(await this.#connection());
        if (this.#unreachableSince !== null) this.#tellPause();
        this.#unreachableSince = null;
        return value;
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        // Wrong from the beginning is the person's to mend; later it is the network's.
        this.#unreachableSince ??= Date.now();
        const plain = toPlainError(error);
        // With the day: a server can be away over a weekend.
        const since = new Date(this.#unreachableSince).toLocaleString(undefined, {
          dateStyle: 'medium',
          timeStyle: 'short',
        });
        this.#order.onError({ ...plain, message: `${plain.message} (waiting since ${since})` });
      }
      if (this.#stopped !== null) return null;
      await this.#rest(pollMs);
    }
  }

  #isOpen(tile: number): boolean {
    const state = this.#order.states()[tile];
    return state === pending || state === running || state === waiting;
  }

  #hasOpenTiles(): boolean {
    return this.#order.states().some((state) => state === pending || state === running || state === waiting);
  }

  /** What the queue has of this run already; what it has not is given to it. */
  async #begin(connection: QueueConnection): Promise<true> {
    const { database, jobs } = connection;
    const { active: known, stale, followed } = this.#order.submissions();
    if (stale.length > 0) await database.query(`UPDATE run SET state = 'closed' WHERE id = ANY($1)`, [stale]);
    this.#isFollowed = followed;
    this.#chunks = new Map();
    this.#taken = new Set();
    const active = followed ? known : await reopened(database, known);
    this.#active = active;
    const rows = await database.query<{ run: string; no: number; tiles: number[] }>(
      'SELECT run, no, tiles FROM chunk WHERE run = ANY($1) ORDER BY run, no',
      [active],
    );
    const covered = new Uint8Array(this.#order.states().length);
    for (const { run, no, tiles } of rows) {
      for (const tile of tiles) covered[tile] = 1;
      if (tiles.some((tile) => this.#isOpen(tile))) this.#learn({ run, no, tiles, isShown: false });
      else this.#taken.add(keyOf(run, no));
    }
    if (followed) return true;
    const { grid } = this.#order.run;
    const chunks = chunksOf(
      grid,
      this.#order.content,
      (tile) => covered[tile] === 0 && this.#isOpen(tile),
      this.#options.chunkTiles ?? tilesToSubmit(this.#order.tileMs, usualChunk),
    );
    if (chunks.length === 0) return true;
    const { software, chunkTiles } = this.#options;
    const spec = specOf(this.#order, software, { fixedChunks: chunkTiles !== undefined });
    await publishModel(database, spec.model.sha256, this.#order.run.modelPath);
    const id = randomUUID();
    // First here: what the queue has and this case does not know of would be worked on for nobody.
    this.#order.submitting(id);
    await submit(database, jobs, id, spec, chunks, this.#options.priority);
    this.#active = [...active, id];
    for (const [no, tiles] of chunks.entries()) this.#learn({ run: id, no, tiles, isShown: false });
    return true;
  }

  #learn(chunk: KnownChunk): void {
    this.#chunks.set(keyOf(chunk.run, chunk.no), chunk);
  }

  /** @returns whether there may be more at once */
  async #take(connection: QueueConnection): Promise<boolean> {
    const { database } = connection;
    await this.#lookAtRuns(connection);
    const states = await database.query<{
      run: string;
      no: number;
      size: number;
      taken: boolean;
      done: boolean;
    }>(
      'SELECT run, no, size, taken > 0 AS taken, done_at IS NOT NULL AS done FROM chunk WHERE run = ANY($1)',
      [this.#active],
    );
    await this.#learnChanges(connection, states);
    if (this.#viewChanged && !this.#isFollowed) await this.#liftView(connection);
    const ready: KnownChunk[] = [];
    for (const { run, no, taken, done } of states) {
      const chunk = this.#chunks.get(keyOf(run, no));
      if (chunk === undefined) continue;
      if (done) ready.push(chunk);
      else if (taken) this.#show(chunk);
    }
    if (ready.length === 0) {
      this.#mayEndWithout(states);
      await this.#seeWhetherItCanBeWritten(connection);
    } else this.#quietSince = performance.now();
    const some = ready.slice(0, chunksAtOnce);
    for (const chunk of some) {
      const query = <Row extends object>(text: string, values: unknown[]): Promise<Row[]> =>
        database.query<Row & Record<string, unknown>>(text, values);
      const outcomes = await readOutcomes(query, chunk.run, [chunk.no], this.#order.run.epoch);
      for (const outcome of outcomes) {
        const tile = outcome.kind === 'done' ? outcome.result.tile : outcome.tile;
        if (this.#isOpen(tile)) this.#order.add(outcome);
      }
      this.#order.flush();
      const left = chunk.tiles.filter((tile) => this.#isOpen(tile));
      if (left.length > 0) {
        // Between the two questions it may have been taken away.
        await this.#lookAtRuns(connection);
        throw new GigatileError(
          'conflict',
          `The queue says that chunk ${chunk.no} is done, and lacks ${left.length} of its tiles`,
          {
            where: this.#label,
            hint: 'Somebody changed the queue’s tables. Cancel this run and start it anew.',
          },
        );
      }
      this.#chunks.delete(keyOf(chunk.run, chunk.no));
      this.#taken.add(keyOf(chunk.run, chunk.no));
      if (this.#stopped !== null) return true;
    }
    return ready.length > some.length;
  }

  /** A chunk that was cut, or took others along, is another one from then on. */
  async #learnChanges(
    { database }: QueueConnection,
    states: readonly { run: string; no: number; size: number }[],
  ): Promise<void> {
    const changed = states.filter(({ run, no, size }) => {
      const key = keyOf(run, no);
      return !this.#taken.has(key) && this.#chunks.get(key)?.tiles.length !== size;
    });
    const there = new Set(states.map(({ run, no }) => keyOf(run, no)));
    for (const key of this.#chunks.keys()) if (!there.has(key)) this.#chunks.delete(key);
    for (const run of new Set(changed.map((one) => one.run))) {
      const numbers = changed.filter((one) => one.run === run).map(({ no }) => no);
      const rows = await database.query<{ no: number; tiles: number[] }>(
        'SELECT no, tiles FROM chunk WHERE run = $1 AND no = ANY($2)',
        [run, numbers],
      );
      for (const { no, tiles } of rows) this.#learn({ run, no, tiles, isShown: false });
    }
  }

  /** Whoever looks after the queue may have paused the run there, ended it or taken it away. */
  async #lookAtRuns({ database }: QueueConnection): Promise<void> {
    const rows = await database.query<{ id: string; state: string }>(
      'SELECT id, state FROM run WHERE id = ANY($1)',
      [this.#active],
    );
    if (rows.length < this.#active.length) {
      throw new GigatileError('conflict', 'This run was taken out of the queue', {
        where: this.#label,
        hint: this.#isFollowed
          ? 'What was found until then is in this case. Cancel the run, or start one of your own.'
          : 'What was found until then is in this case. Resume it: what is missing is given to the queue again.',
      });
    }
    this.#states = new Map(rows.map(({ id, state }) => [id, state]));
    const isPaused = rows.some(({ state }) => state === 'paused');
    if (isPaused === this.#isPausedThere) return;
    this.#isPausedThere = isPaused;
    this.#tellPause();
  }

  #tellPause(): void {
    this.#order.onError(
      this.#isPausedThere
        ? { code: 'conflict', message: 'This run is paused in the queue', where: this.#label }
        : null,
    );
  }

  /** Workers that cannot write cannot say so either; a full disk lets this program read as before. @throws {GigatileError} queue-unreachable */
  async #seeWhetherItCanBeWritten({ database }: QueueConnection): Promise<void> {
    if (performance.now() - this.#quietSince < quietMs) return;
    await database.transaction((sql) => probeWriting(sql));
    this.#quietSince = performance.now();
  }

  /** @throws {GigatileError} conflict where nothing more is to come, and tiles are missing */
  #mayEndWithout(states: readonly { run: string; no: number; done: boolean }[]): void {
    const mayCome = states.some(({ run, done }) => !done && this.#states.get(run) !== 'closed');
    if (mayCome || this.#stopped !== null) return;
    const missing = this.#order.states().filter((_state, tile) => this.#isOpen(tile)).length;
    if (missing === 0) return;
    throw new GigatileError('conflict', `This run was ended in the queue; ${missing} tiles have no result`, {
      where: this.#label,
      hint: this.#isFollowed
        ? 'Resume it when it goes on where it was submitted, or cancel it here.'
        : 'Resume it: its machines go on with what is missing.',
    });
  }

  #show(chunk: KnownChunk): void {
    if (chunk.isShown) return;
    chunk.isShown = true;
    const { epoch } = this.#order.run;
    for (const tile of chunk.tiles) {
      if (this.#order.states()[tile] !== running && this.#isOpen(tile))
        this.#order.add({ kind: 'grant', tile, epoch });
    }
  }

  /** Chunks of what a person looks at go before the others. */
  async #liftView({ jobs }: QueueConnection): Promise<void> {
    this.#viewChanged = false;
    const viewport = this.#order.viewport();
    const seen = new Set(
      viewport === null ? [] : viewportTiles(this.#order.run.grid, viewport, viewportLimit),
    );
    const lifted = new Set<string>();
    for (const [key, { run, no, tiles }] of this.#chunks) {
      if (!tiles.some((tile) => seen.has(tile))) continue;
      lifted.add(key);
      if (!this.#lifted.has(key)) await jobs.prioritise(run, [chunkJobId(run, no)], urgentPriority);
    }
    for (const key of this.#lifted) {
      const chunk = this.#chunks.get(key);
      if (chunk !== undefined && !lifted.has(key))
        await jobs.prioritise(chunk.run, [chunkJobId(chunk.run, chunk.no)], 0);
    }
    this.#lifted = lifted;
  }

  async #leave(how: AnalyzeEnd): Promise<AnalyzeEnd> {
    const goesOn = how === 'stopped' && this.#stopped === 'interrupted';
    if (goesOn || this.#isFollowed) return how;
    const state = how === 'stopped' && this.#stopped === 'paused' ? 'paused' : 'closed';
    try {
      const { database } = await this.#connection();
      await database.query('UPDATE run SET state = $2 WHERE id = ANY($1)', [this.#active, state]);
    } catch (error) {
      // The person's will holds here at once; workers hear of it when the run is taken up again.
      if (!isUnreachable(error)) throw error;
      this.#order.onError(toPlainError(error));
    }
    return how;
  }
}

/** @returns those that are there: others were taken away, or never arrived; their tiles are given to the queue anew */
async function reopened(database: QueueDatabase, ids: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `UPDATE run SET state = 'open' WHERE id = ANY($1) RETURNING id`,
    [ids],
  );
  const there = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => there.has(id));
}
