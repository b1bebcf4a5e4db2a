/**
 * Conducts a batch: opens the case of one image after the other, takes its run up where it is, and closes it. Whatever happens to one
 * image is said of that image; the others go on. How a run goes is in ../README.md.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchEvent, BatchItem, BatchState, BatchSummary } from '../../contract/batch.ts';
import { batchItemStates } from '../../contract/batch.ts';
import { errorCodeSchema, GigatileError, toPlainError } from '../../contract/errors.ts';
import type { PlainError } from '../../contract/errors.ts';
import type { ImageInfo } from '../../contract/image.ts';
import type { RunEvent, RunParameters } from '../../contract/run.ts';
import type { CaseLibrary } from '../case-library.ts';
import type { CaseSession } from '../case-session.ts';
import type { RunConductor } from '../run-conductor.ts';
import { Watchable } from '../watch.ts';
import type { StoredBatch, StoredItem } from './batch-file.ts';
import { Reporting } from './reporting.ts';

export interface BatchOptions {
  batch: StoredBatch;
  cases: CaseLibrary;
  /** Images that are worked on at the same time. */
  atOnce: number;
  /** Keeps the list; called after each change of an image's state. */
  save: (batch: StoredBatch) => void;
  /** The image has come to its end, and its case is still open. What it throws is said of the image. */
  ended?: (session: CaseSession, conductor: RunConductor) => Promise<void>;
  /** What of the parameters depends on the image. What it throws is said of the image. */
  ofImage?: (image: ImageInfo) => Promise<RunParameters>;
  /** Runs that failed, or have gaps, are reopened for their failed tiles. */
  retryFailed?: boolean;
  /** The same analysis is done again where there is one already. */
  anew?: boolean;
}

interface Work {
  /** null while the case is being opened. */
  conductor: RunConductor | null;
  /** What a person wants of it meanwhile. */
  stopAs: 'paused' | 'cancelled' | 'waiting' | null;
  ended: Promise<void>;
}

/** A second image is opened and looked through while the first one's tiles are done, where there are cores for it. */
export function imagesAtOnce(cores: number): number {
  return cores >= 4 ? 2 : 1;
}

/** A run that goes on is looked at so often, milliseconds. */
const lookMs = 500;
const closeMs = 2000;
const endedStates: ReadonlySet<string> = new Set(['complete', 'complete-with-gaps', 'failed', 'cancelled']);

export class Batch {
  readonly watchable = new Watchable();
  readonly reporting = new Reporting(() => this.watchable.changed());
  readonly #options: BatchOptions;
  readonly #batch: StoredBatch;
  readonly #work = new Map<number, Work>();
  /** What is not kept: it changes all the time. */
  readonly #eta: (number | null)[];
  /** When each item changed last, by #version. */
  readonly #changedAt: number[];
  readonly #retry = new Set<number>();
  #version = 1;
  /** Why the list on the disk is not this one. */
  #unsaved: string | null = null;
  #whenRests: (() => void)[] = [];

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#batch = options.batch;
    this.#eta = options.batch.items.map(() => null);
    this.#changedAt = options.batch.items.map(() => 1);
    for (const item of this.#batch.items) if (item.state === 'running') item.state = 'waiting';
    if (this.#batch.state === 'running') this.#batch.state = 'interrupted';
  }

  get id(): string {
    return this.#batch.id;
  }

  get state(): BatchState {
    return this.#batch.state;
  }

  get stored(): Readonly<StoredBatch> {
    return this.#batch;
  }

  get isActive(): boolean {
    return this.#work.size > 0;
  }

  summary(): BatchSummary {
    const { id, name, modelName, parameters, createdAt, state, reason, items } = this.#batch;
    const counts = Object.fromEntries(batchItemStates.map((known) => [known, 0])) as BatchSummary['counts'];
    let findings = 0;
    for (const item of items) {
      counts[item.state]++;
      findings += item.findings ?? 0;
    }
    return {
      id,
      name,
      modelName,
      parameters: shown(parameters),
      createdAt,
      state,
      reason: reason ?? this.#unsaved,
      total: items.length,
      counts,
      findings,
      ...this.reporting.view(),
    };
  }

  items(): BatchItem[] {
    return this.#batch.items.map((_, index) => this.#view(index));
  }

  #view(index: number): BatchItem {
    const { path: _path, casePath: _casePath, ...item } = this.#item(index);
    return { index, ...item, etaSeconds: this.#eta[index] ?? null };
  }

  /** Where the image of an item lies, and its run. */
  place(index: number): { path: string; runId: string | null } {
    return this.#item(index);
  }

  /** Everything at once, then what changes, until the batch is closed or `signal` says so. */
  async *follow(signal?: AbortSignal): AsyncGenerator<BatchEvent, void> {
    let seen = 0;
    const read = (): BatchEvent => {
      const items = this.#changedAt.flatMap((at, index) => (at > seen ? [this.#view(index)] : []));
      seen = this.#version;
      return { batch: this.summary(), items };
    };
    yield* this.watchable.watch(read, signal);
  }

  /** Resolves when nothing goes on any more: finished, paused or cancelled. */
  async rests(): Promise<void> {
    while (this.#work.size > 0 || this.#batch.state === 'running') {
      await new Promise<void>((resolve) => this.#whenRests.push(resolve));
    }
  }

  /** Goes on with what is left. */
  start(): void {
    if (this.#batch.state === 'running') return;
    this.reporting.forget();
    this.#move('running');
    this.#next();
  }

  /** Runs that go on are paused, and go on with the batch. */
  async pause(reason: string | null = null): Promise<void> {
    if (this.#batch.state !== 'running') return;
    this.#move('paused', reason);
    await this.#stopAll('waiting');
  }

  /** What has not ended is cancelled. */
  async cancel(): Promise<void> {
    if (this.#batch.state === 'finished' || this.#batch.state === 'cancelled') return;
    this.#move('cancelled');
    await this.#stopAll('cancelled');
    this.#batch.items.forEach((item, index) => {
      if (!endedStates.has(item.state)) this.#set(index, { state: 'cancelled' });
    });
    this.#save();
  }

  async #stopAll(as: 'waiting' | 'cancelled'): Promise<void> {
    await Promise.all([...this.#work.keys()].map((index) => this.#stop(index, as)));
  }

  async #stop(index: number, as: NonNullable<Work['stopAs']>): Promise<void> {
    const work = this.#work.get(index);
    if (work === undefined) return;
    work.stopAs ??= as;
    const stopped = work.conductor?.active === true ? work.conductor.stop(stopWords[as]) : undefined;
    await stopped;
    await work.ended;
  }

  /** One image is left out until it is let go on. */
  async pauseItem(index: number): Promise<void> {
    if (this.#work.has(index)) return this.#stop(index, 'paused');
    if (this.#item(index).state === 'waiting') this.#changed(index, { state: 'paused' });
  }

  /** Lets it go on, or tries it again; a batch that rests is begun again for it only where it had finished. */
  resumeItem(index: number): void {
    const { state } = this.#item(index);
    if (state === 'complete' || state === 'running' || state === 'waiting') return;
    if (state === 'failed' || state === 'complete-with-gaps') this.#retry.add(index);
    this.#changed(index, { state: 'waiting', error: null });
    if (this.#batch.state === 'running') this.#next();
    else if (this.#batch.state === 'finished' || this.#batch.state === 'cancelled') this.start();
  }

  async cancelItem(index: number): Promise<void> {
    if (this.#work.has(index)) return this.#stop(index, 'cancelled');
    if (!endedStates.has(this.#item(index).state)) this.#changed(index, { state: 'cancelled' });
  }

  /** All that failed or have gaps are tried again. */
  retryFailed(): void {
    this.#batch.items.forEach((item, index) => {
      if (item.state !== 'failed' && item.state !== 'complete-with-gaps') return;
      this.#retry.add(index);
      this.#set(index, { state: 'waiting', error: null });
    });
    this.#save();
    if (this.#batch.state === 'running') this.#next();
    else this.start();
  }

  /** The program ends: runs are left as they are, the batch goes on when a person says so. */
  async close(): Promise<void> {
    if (this.#batch.state === 'running') this.#batch.state = 'interrupted';
    // Also where it was paused a moment ago. An image that takes its time to be opened is not waited for.
    if (this.#work.size > 0) {
      await Promise.race([this.#stopAll('waiting'), sleep(closeMs, undefined, { ref: false })]);
      this.#save();
    }
    // They are awaited by nobody any more. An image that takes its time to be opened is not waited for here either.
    await Promise.race([this.reporting.close(), sleep(closeMs, undefined, { ref: false })]);
    this.watchable.close();
  }

  #next(): void {
    const { items } = this.#batch;
    while (this.#batch.state === 'running' && this.#work.size < this.#options.atOnce) {
      const index = items.findIndex(({ state }, at) => state === 'waiting' && !this.#work.has(at));
      if (index < 0) break;
      const work: Work = { conductor: null, stopAs: null, ended: Promise.resolve() };
      this.#work.set(index, work);
      work.ended = this.#conduct(index, work).finally(() => {
        this.#work.delete(index);
        this.#next();
        this.#rested();
      });
    }
    if (this.#work.size === 0 && this.#batch.state === 'running') {
      this.#move('finished');
      this.#rested();
    }
  }

  #rested(): void {
    if (this.#work.size > 0) return;
    const waiting = this.#whenRests;
    this.#whenRests = [];
    for (const resolve of waiting) resolve();
  }

  /** Never rejects: what goes wrong is said of the image. */
  async #conduct(index: number, work: Work): Promise<void> {
    const { cases, ended } = this.#options;
    const { path } = this.#item(index);
    const { model, parameters, casesIn, consentBy } = this.#batch;
    this.#changed(index, { state: 'running', error: null });
    let session: CaseSession | null = null;
    try {
      session = await cases.borrow(path, casesIn);
      this.#set(index, { casePath: session.file.path });
      if (consentBy !== null) await session.consent(model, consentBy);
      if (work.stopAs === null) {
        const retryFailed = this.#retry.delete(index) || this.#options.retryFailed === true;
        const anew = this.#options.anew === true && this.#item(index).runId === null;
        const own = { ...parameters, ...(await this.#options.ofImage?.(session.image.info)) };
        const taken = await session.takeUpRun(model, own, { retryFailed, anew });
        work.conductor = taken.conductor;
        this.#set(index, { reused: taken.how === 'found' });
        if (work.stopAs !== null) await taken.conductor.stop(stopWords[work.stopAs]);
        await this.#watch(index, taken.conductor);
        this.#take(index, taken.conductor.event());
        if (taken.conductor.event().run.step === 'finished') await ended?.(session, taken.conductor);
      }
      this.#settle(index, session, work);
    } catch (error) {
      // What goes wrong while somebody stops it goes wrong because of that: the program may be ending around it.
      if (work.stopAs !== null) this.#changed(index, { state: work.stopAs, error: null });
      else {
        this.#changed(index, { state: 'failed', error: toPlainError(error) });
        this.#heed(error);
      }
    } finally {
      this.#eta[index] = null;
      if (session !== null) await this.#giveBack(index, session);
    }
  }

  async #giveBack(index: number, session: CaseSession): Promise<void> {
    try {
      await this.#options.cases.giveBack(session);
    } catch (error) {
      this.#changed(index, { state: 'failed', error: toPlainError(error) });
    }
  }

  /** Until the run rests. */
  async #watch(index: number, conductor: RunConductor): Promise<void> {
    const timer = setInterval(() => this.#take(index, conductor.event()), lookMs);
    try {
      await conductor.ended;
    } finally {
      clearInterval(timer);
    }
  }

  #take(index: number, { run, etaSeconds }: RunEvent): void {
    const { total, done, skipped, failed } = run.tiles;
    this.#eta[index] = etaSeconds;
    this.#set(index, {
      runId: run.id,
      tiles: total === 0 ? null : { total, done, skipped, failed },
      // A number of a run that has not ended would be read as its result.
      findings: run.step === 'finished' ? run.findings : null,
      seconds: run.seconds,
    });
  }

  /** What became of the run is what became of the image, unless somebody stopped it meanwhile. */
  #settle(index: number, session: CaseSession, { conductor, stopAs }: Work): void {
    const event = conductor?.event();
    const state = event?.run.state;
    if (state === 'complete' || state === 'complete-with-gaps' || state === 'cancelled') {
      this.#changed(index, { state, error: null });
    } else if (state === 'failed') {
      this.#changed(index, { state, error: event?.lastError ?? whyFailed(session, conductor) });
    } else if (stopAs !== null) this.#changed(index, { state: stopAs, error: null });
    else if (event?.lastError) {
      // It made itself stop. The person can mend that and let it go on; nothing is lost.
      this.#changed(index, { state: 'failed', error: event.lastError });
      this.#heed(GigatileError.fromPlain(event.lastError));
    } else this.#changed(index, { state: 'paused', error: null });
  }

  /** Some things go wrong for every image that comes after. */
  #heed(error: unknown): void {
    const plain: PlainError = toPlainError(error);
    if (plain.code !== 'disk-full' || this.#batch.state !== 'running') return;
    this.#batch.items.forEach((item, index) => {
      if (item.error?.code === 'disk-full') this.#set(index, { state: 'waiting', error: null });
    });
    this.#move('paused', plain.message);
  }

  #item(index: number): StoredItem {
    const item = this.#batch.items[index];
    if (item === undefined) throw new GigatileError('usage', `This batch has no image ${index + 1}`);
    return item;
  }

  #move(state: BatchState, reason: string | null = null): void {
    this.#batch.state = state;
    this.#batch.reason = reason;
    this.#save();
  }

  #set(index: number, change: Partial<StoredItem>): void {
    Object.assign(this.#item(index), change);
    this.#changedAt[index] = ++this.#version;
    this.watchable.changed();
  }

  #changed(index: number, change: Partial<StoredItem>): void {
    this.#set(index, change);
    this.#save();
  }

  /** A list that cannot be kept is no reason to stop: what is done is in the cases. It is said, and tried again with the next change. */
  #save(): void {
    this.#version++;
    try {
      this.#options.save(this.#batch);
      this.#unsaved = null;
    } catch (error) {
      this.#unsaved = toPlainError(error).message;
    }
    this.watchable.changed();
  }
}

const stopWords = {
  paused: { state: 'paused', reason: null },
  waiting: { state: 'paused', reason: 'The batch was paused' },
  cancelled: { state: 'cancelled', reason: 'Cancelled' },
} as const;

/** What most of a failed run's tiles failed of, which may have been days ago. */
function whyFailed({ file }: CaseSession, conductor: RunConductor | null): PlainError {
  const view = conductor?.event().run;
  const [most] = conductor === null ? [] : file.tiles.failures(conductor.no);
  const said = `${view?.tiles.failed ?? 0} of ${view?.tiles.total ?? 0} tiles failed`;
  if (most === undefined) return { code: 'internal', message: view?.reason ?? said };
  const code = errorCodeSchema.safeParse(most.code);
  return { code: code.success ? code.data : 'internal', message: `${said}; most of them: ${most.message}` };
}

/** No path of this machine goes to a screen. */
function shown(parameters: RunParameters): RunParameters {
  const { gate } = parameters;
  return gate === undefined ? parameters : { ...parameters, gate: { ...gate, model: basename(gate.model) } };
}
