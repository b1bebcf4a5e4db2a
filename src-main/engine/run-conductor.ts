/**
 * Conducts one run through its four steps: preprocess, analyze, synthesize, store. Each step ends with a checkpoint in the
 * case file, so that a run goes on at the step, and in analyze at the tile, where it was. The prose is in ./README.md.
 */
import { toPlainError, GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import type { RemoteUsage } from '../contract/model-remote.ts';
import type { Rect, RunEvent, RunState } from '../contract/run.ts';
import { systemClock } from '../core/clock.ts';
import { completionPolicy, endsEarly } from '../core/tolerance.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import { added, nothingUsed } from '../remote/usage.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { FindingStore } from '../store/finding-store.ts';
import { lockOwner } from '../store/case-lock.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { TileTable } from '../store/tile-table.ts';
import { asGigatileError } from '../store/sqlite-errors.ts';
import { Analyze } from './analyze.ts';
import { submissionsOf } from './fleet.ts';
import type { Fleet, TileMapper } from './fleet.ts';
import type { Execution, ExecutionPlan } from './execution.ts';
import { preprocessRun } from './first-step.ts';
import { GroupCommit } from './group-commit.ts';
import type { GroupCommitEvents } from './group-commit.ts';
import { isAboutImage } from './image-guard.ts';
import type { ImageGuard } from './image-guard.ts';
import { describeRun, storeRun, synthesizeRun } from './last-steps.ts';
import { likelyPositive } from './likely-positive.ts';
import { machineWords } from './machine.ts';
import { isAboutModel } from './model-place.ts';
import { ownsByCore } from './merge-rule.ts';
import { paceOf } from './pace.ts';
import type { Pace } from './pace.ts';
import { RateMeter } from './rate-meter.ts';
import { retryPolicyOf } from './remote-run.ts';
import { withBytesNeeded } from './room.ts';
import { RunExecution, tileTimeoutMs } from './run-execution.ts';
import { RunFindings } from './run-findings.ts';
import { runView } from './run-view.ts';
import { RunWorkers } from './run-workers.ts';
import { TileLedger } from './tile-ledger.ts';
import { VisibleTiles } from './visible-tiles.ts';
import { Watchable } from './watch.ts';

export interface ConductorOptions {
  caseId: string;
  caseFile: CaseFile;
  host: WorkerHost;
  execution: Execution;
  no: number;
  /** The case's image where it is now. */
  image: () => ImageGuard;
  /** Called when it has come to rest, whatever the reason. */
  onRest?: (conductor: RunConductor) => void;
  /** Looks for the run's models, which may have moved. @throws {GigatileError} model-not-found */
  findModels?: () => Promise<void>;
  /** Other machines, where there are some. */
  fleet?: (() => Promise<Fleet | null>) | undefined;
  /** Resolves when all of the image can be read; large ones without tiles are prepared first. */
  prepare?: (onProgress: (fraction: number) => void, signal: AbortSignal) => Promise<void>;
}

type StopAs = { state: Extract<RunState, 'paused' | 'cancelled' | 'interrupted'>; reason: string | null };

export class RunConductor {
  readonly no: number;
  readonly watchable = new Watchable();
  readonly #options: ConductorOptions;
  readonly #rate = new RateMeter();
  #visible: VisibleTiles | null = null;
  #analyze: TileMapper | null = null;
  #ledger: TileLedger | null = null;
  /** As it was when the run was taken up, from then until analyze begins: nothing changes it meanwhile. */
  #table: TileTable | null = null;
  #commit: GroupCommit | null = null;
  #viewport: Rect | null = null;
  readonly #execution: RunExecution;
  readonly #workers: RunWorkers;
  #stopAs: StopAs | null = null;
  #abort = new AbortController();
  #preparation: number | null = null;
  #gateProgress: number | null = null;
  /** By the clock that nobody sets. */
  #startedAt: number | null = null;
  #lastError: PlainError | null = null;
  readonly #findings: RunFindings;
  /** Set where the state could not be written (disk full): shown instead of what the file says. */
  #unwritten: StopAs | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.no = options.no;
    const changed = (): void => this.watchable.changed();
    this.#execution = new RunExecution({ ...options, changed });
    this.#workers = new RunWorkers(options.execution.budget, (workers) => {
      this.#analyze?.setWorkers(workers);
      changed();
    });
    this.#findings = new RunFindings({
      caseFile: options.caseFile,
      no: options.no,
      fingerprint: () => options.image().fingerprint,
      states: () => this.visibleTiles().state,
      changed,
      failed: (error) => {
        this.#lastError = error;
        this.watchable.changed();
      },
    });
  }

  get active(): boolean {
    return this.#startedAt !== null;
  }

  /** Resolves when the run rests: ended, paused, cancelled or failed. Never rejects; the state says how. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** It rests because its image was not what it was: it can go on once that is mended. */
  get waitsForImage(): boolean {
    return !this.active && isAboutImage(this.#lastError?.code);
  }

  /** The same of its disk. */
  get waitsForRoom(): boolean {
    return !this.active && this.#lastError?.code === 'disk-full';
  }

  /** The same of its model. */
  get waitsForModel(): boolean {
    return !this.active && isAboutModel(this.#lastError?.code);
  }

  workerPids(): number[] {
    return this.#analyze?.workerPids() ?? [];
  }

  /** Takes the run up where it is. The caller has put it into the state 'running'. */
  start(): void {
    if (this.active) return;
    this.#startedAt = systemClock.monotonic();
    this.#stopAs = null;
    this.#abort = new AbortController();
    this.#unwritten = null;
    this.#lastError = null;
    this.#workers.begin();
    this.#ended = this.#conduct();
    this.watchable.changed();
  }

  /** Stops workers and leaves the run resumable; resolves when it rests. */
  async stop(as: StopAs): Promise<void> {
    this.#stopAs ??= as;
    this.#abort.abort();
    this.#analyze?.stop(this.#stopAs.state);
    await this.#ended;
  }

  /** See Analyze.setWorkers; how many it has then depends on the other runs too. */
  setWorkers(workers: number): void {
    this.#workers.want(workers);
    this.watchable.changed();
  }

  setViewport(viewport: Rect | null): void {
    this.#viewport = viewport;
    const ledger = this.#ledger;
    ledger?.setViewport(viewport);
    this.#analyze?.wake(ledger?.viewWaits ? (tile) => ledger.isInView(tile) : undefined);
  }

  visibleTiles(): VisibleTiles {
    this.#visible ??= this.#loadVisible();
    return this.#visible;
  }

  /** Those of the tiles that are done, while there are others to do. */
  get findings(): FindingStore {
    return this.#findings.store;
  }

  /**
   * All findings, to be painted (contract/finding-frame.ts). While tiles are to be done, asking for them has them merged.
   * @param by only this reviewer's decisions count
   */
  findingFrame(by?: string): Uint8Array {
    return this.#findings.frame(by);
  }

  /** Whether tiles that are still to come may change what was found at a place. */
  mayChange(box: Rect): boolean {
    return this.#findings.mayChange(box);
  }

  /** The run is at rest, and its case is to be closed. */
  async close(): Promise<void> {
    await this.#findings.endProvisional();
    this.watchable.close();
  }

  event(): RunEvent {
    const { caseFile, caseId } = this.#options;
    const stored = caseFile.runs.get(this.no);
    const visible = this.#visible;
    const tiles = visible && visible.state.length > 0 ? visible.counts() : caseFile.tiles.counts(this.no);
    const { provisional } = this.#findings;
    const findings = provisional?.findings ?? this.#findings.count(stored.threshold, this.active);
    const view = runView(caseId, stored, tiles, findings);
    if (this.#startedAt !== null) view.seconds += (systemClock.monotonic() - this.#startedAt) / 1000;
    if (this.#unwritten) Object.assign(view, this.#unwritten);
    if (caseFile.isReadOnly && view.state === 'running') {
      const owner = lockOwner(caseFile.path);
      view.state = 'interrupted';
      view.reason =
        owner === null
          ? 'The program ended while this run was going on'
          : `It goes on in process ${owner.pid} on ${owner.host}; what is shown here is as it was when the case was opened`;
    }
    const rate = this.active ? this.#rate.tilesPerSecond(systemClock.monotonic()) : null;
    const open = tiles.pending + tiles.running + tiles.waiting;
    return {
      run: view,
      revision: visible?.revision ?? 0,
      tilesPerSecond: rate,
      etaSeconds: rate !== null && rate > 0 ? open / rate : null,
      lastError: this.#lastError,
      ...(this.#preparation !== null && { preparation: this.#preparation }),
      ...(this.#gateProgress !== null && { gate: this.#gateProgress }),
      ...(this.#execution.tuning !== null && { tuning: this.#execution.tuning }),
      ...this.#workers.view,
      ...(provisional && { provisional: { tiles: provisional.tiles, revision: provisional.revision } }),
    };
  }

  #loadVisible(): VisibleTiles {
    const { caseFile } = this.#options;
    const table = caseFile.tiles.load(this.no);
    if (this.active) this.#table = table;
    return new VisibleTiles(table, table.length);
  }

  async #conduct(): Promise<void> {
    const { caseFile } = this.#options;
    try {
      caseFile.transaction(() => {
        caseFile.runs.beginEpoch(this.no);
        const released = caseFile.tiles.releaseRunning(this.no);
        caseFile.events.append(this.no, 'taken-up', { pid: process.pid, released });
      });
      // The generation changes, so that screens forget what an earlier epoch showed.
      this.#visible = this.#loadVisible();
      await this.#options.image().check();
      const { step } = caseFile.runs.get(this.no);
      if (step === 'preprocess' || step === 'analyze') await this.#options.findModels?.();
      await this.#execution.choose(caseFile.runs.get(this.no), this.#abort.signal);
      for (let run = caseFile.runs.get(this.no); run.step !== 'finished'; run = caseFile.runs.get(this.no)) {
        if (this.#stopAs) break;
        if (run.step === 'preprocess' || run.step === 'analyze') await this.#prepare();
        if (this.#stopAs) break;
        if (run.step === 'preprocess') await this.#preprocess(run);
        else if (run.step === 'analyze') await this.#analyzeTiles(run);
        else if (run.step === 'synthesize') await this.#synthesize(run);
        else await this.#store(run);
        this.watchable.changed();
      }
    } catch (caught) {
      const stoppedOnPurpose =
        this.#stopAs !== null && caught instanceof GigatileError && caught.code === 'cancelled';
      if (!stoppedOnPurpose) {
        const error = (await this.#imageTrouble()) ?? asGigatileError(caught, caseFile.path);
        this.#lastError = toPlainError(error);
        this.#stopAs = this.#restAfter(error);
      }
    }
    this.#rest();
  }

  /** What goes wrong after the image was moved or changed goes wrong because of it. */
  async #imageTrouble(): Promise<GigatileError | null> {
    try {
      await this.#options.image().check();
      return null;
    } catch (error) {
      return error instanceof GigatileError && isAboutImage(error.code) ? error : null;
    }
  }

  /** A run that met an error is paused with the reason: what made it stop can be mended, and nothing is lost. */
  #restAfter(error: unknown): StopAs {
    const plain = toPlainError(withBytesNeeded(error, this.#options.caseFile, this.no));
    this.#lastError = plain;
    const hint = plain.hint === undefined ? '' : ` ${plain.hint}`;
    return { state: 'paused', reason: `${plain.message.replace(/\.$/, '')}.${hint}` };
  }

  #rest(): void {
    this.#workers.leave();
    const { caseFile } = this.#options;
    const worked = this.#startedAt === null ? 0 : systemClock.monotonic() - this.#startedAt;
    const as = this.#stopAs;
    try {
      this.#commit?.flush();
      caseFile.transaction(() => {
        caseFile.runs.addWorked(this.no, worked);
        if (as && caseFile.runs.get(this.no).state === 'running') {
          caseFile.tiles.releaseRunning(this.no);
          const finishedAt = as.state === 'cancelled' ? new Date().toISOString() : null;
          caseFile.runs.transition(this.no, ['running'], { ...as, finishedAt });
          caseFile.events.append(this.no, as.state, { reason: as.reason });
        }
      });
    } catch (error) {
      this.#commit?.drop();
      const unwritten = this.#restAfter(error);
      // A run that has come to its end has lost nothing but the count of its time.
      if (as) this.#unwritten = unwritten;
    }
    this.#workers.endEarly();
    this.#visible = null;
    this.#table = null;
    this.#analyze = null;
    this.#ledger = null;
    this.#commit = null;
    this.#startedAt = null;
    this.watchable.changed();
    this.#options.onRest?.(this);
  }

  /** Workers wait for the pyramid of a large image without tiles too, but they could not say how far it is. */
  async #prepare(): Promise<void> {
    try {
      await this.#options.prepare?.((fraction) => {
        this.#preparation = fraction;
        this.watchable.changed();
      }, this.#abort.signal);
    } finally {
      this.#preparation = null;
    }
  }

  async #preprocess(run: StoredRun): Promise<void> {
    const { caseFile, host, image } = this.#options;
    const isThrough = await preprocessRun(run, {
      caseFile,
      host,
      image,
      execution: this.#execution,
      workers: this.#workers,
      claim: (plan) => this.#claim(plan, run),
      onGate: (fraction) => {
        this.#gateProgress = fraction;
        this.watchable.changed();
      },
      isStopped: () => this.#stopAs !== null,
      signal: this.#abort.signal,
    });
    if (isThrough) this.#visible = this.#loadVisible();
  }

  async #analyzeTiles(run: StoredRun): Promise<void> {
    const { caseFile, host } = this.#options;
    const visible = this.visibleTiles();
    const { order = 'attention' } = run.parameters;
    const positive = likelyPositive(run);
    const table = this.#table ?? caseFile.tiles.load(this.no);
    this.#table = null;
    if (run.parameters.queue !== undefined) {
      return this.#analyzeElsewhere(run, run.parameters.queue, table);
    }
    const ledger = new TileLedger(run.grid, table, {
      order,
      ...(positive && { wasPositive: positive.row }),
    });
    ledger.setViewport(this.#viewport);
    const commit = this.#newCommit(run);
    const { pending, waiting } = visible.counts();
    // What is measured beside another run is not remembered for days without one.
    const toMeasure = this.#workers.others > 0 ? 0 : pending + waiting;
    const plan = await this.#execution.plan(run, toMeasure, this.#abort.signal);
    if (this.#stopAs) return;
    const workers = this.#claim(plan, run);
    caseFile.transaction(() =>
      caseFile.events.append(this.no, 'execution', {
        provider: this.#execution.provider,
        machine: machineWords(),
        order,
        ...plan,
        share: workers,
      }),
    );
    const warm = this.#workers.takeEarly({ ...plan, workers });
    const init = this.#execution.init(run, plan.threads);
    const policy = completionPolicy(run.parameters);
    const analyze = new Analyze({
      plan: run.grid,
      epoch: run.epoch,
      workers,
      warm,
      batch: plan.batch,
      keepAll: run.manifest.task === 'detect' && !ownsByCore(run),
      init,
      ...(init.remote && { leases: init.remote.atOnce + 1 }),
      host,
      ledger,
      ...(positive && { isPositive: positive.result }),
      isSeen: (tile) => ledger.isInView(tile),
      pace: () => this.#pace(run),
      commit,
      policy: retryPolicyOf(run.manifest),
      endsEarly: (sofar, attempted) => endsEarly(sofar, attempted, policy),
      tileTimeoutMs: tileTimeoutMs(run.parameters),
      random: Math.random,
      onProvider: (provider) => {
        if (run.provider === provider) return;
        try {
          caseFile.transaction(() => caseFile.runs.setProvider(this.no, provider));
        } catch (error) {
          this.#stopAs ??= this.#restAfter(error);
          this.#analyze?.stop();
        }
      },
      onWasmCodecs: () => this.#noteWasmCodecs(),
      onError: (error) => {
        this.#lastError = error;
      },
      onUsage: (cost) => this.#addUsage(cost),
      checkImage: () => this.#options.image().check(),
    });
    this.#ledger = ledger;
    this.#commit = commit;
    this.#analyze = analyze;
    this.#rate.add(systemClock.monotonic(), this.#endedTiles());
    const how = await analyze.run();
    this.#workers.leave();
    if (how === 'stopped' || this.#stopAs) return;
    this.#endAnalyze(commit);
  }

  /** Once for the run: its images were, in part at least, decoded by the build that is not the usual one. */
  #noteWasmCodecs(): void {
    const { events } = this.#options.caseFile;
    if (events.last(this.no, 'codecs') !== null) return;
    try {
      this.#options.caseFile.transaction(() => events.append(this.no, 'codecs', { libvips: 'wasm' }));
    } catch (error) {
      this.#stopAs ??= this.#restAfter(error);
      this.#analyze?.stop();
    }
  }

  /** The same on other machines: this one only takes what they found. */
  async #analyzeElsewhere(run: StoredRun, queue: string, table: TileTable): Promise<void> {
    const { caseFile } = this.#options;
    const fleet = (await this.#options.fleet?.()) ?? null;
    if (this.#stopAs) return;
    if (fleet === null || fleet.label !== queue) {
      throw new GigatileError('queue-unreachable', `The tiles of this run are with the queue ${queue}`, {
        hint: 'Choose that queue under Machines, or go on with: gigatile resume <case> --queue <its address>',
      });
    }
    this.#workers.endEarly();
    this.#workers.leave();
    const visible = this.visibleTiles();
    const policy = completionPolicy(run.parameters);
    const attempted = visible.counts().total - visible.counts().skipped;
    const commit = this.#newCommit(run);
    const { path, fingerprint } = this.#options.image();
    const image = caseFile.image();
    const mapper = fleet.map({
      run,
      image: { path, fingerprint, name: image?.name ?? '', bytes: image?.bytes ?? 0 },
      keepAll: run.manifest.task === 'detect' && !ownsByCore(run),
      tileTimeoutMs: tileTimeoutMs(run.parameters),
      states: () => visible.state,
      content: Float32Array.from([...table], ({ content }) => content),
      viewport: () => this.#viewport,
      add: (change) => commit.add(change),
      flush: () => commit.flush(),
      submissions: () => submissionsOf(caseFile.events.list(this.no)),
      submitting: (id) =>
        caseFile.transaction(() => caseFile.events.append(this.no, 'submitted', { id, queue })),
      tileMs: this.#execution.rememberedTileMs(run),
      addUsage: (cost) => this.#addUsage(cost),
      endsEarly: () => endsEarly(visible.counts(), attempted, policy),
      onError: (error) => {
        this.#lastError = error;
        this.watchable.changed();
      },
    });
    this.#commit = commit;
    this.#analyze = mapper;
    this.#rate.add(systemClock.monotonic(), this.#endedTiles());
    const how = await mapper.run();
    if (how === 'stopped' || this.#stopAs) return;
    this.#endAnalyze(commit);
  }

  #endAnalyze(commit: GroupCommit): void {
    const { caseFile } = this.#options;
    commit.flush();
    caseFile.transaction(() => {
      caseFile.runs.advance(this.no, 'analyze', 'synthesize');
      caseFile.events.append(this.no, 'analyzed', caseFile.tiles.counts(this.no));
    });
  }

  /** Writes into the case; what is written is shown. */
  #newCommit(run: StoredRun): GroupCommit {
    const visible = this.visibleTiles();
    const events: GroupCommitEvents = {
      committed: (changes) => {
        visible.committed(changes);
        this.#findings.refresh();
        this.#rate.add(systemClock.monotonic(), this.#endedTiles());
        this.watchable.changed();
      },
      failed: (error) => {
        this.#lastError = toPlainError(error);
        this.#stopAs ??= this.#restAfter(error);
        this.#analyze?.stop();
      },
    };
    return new GroupCommit(this.#options.caseFile, this.no, events, { pace: () => this.#pace(run) });
  }

  #pace({ manifest }: StoredRun): Pace {
    return paceOf({ isWatched: this.#viewport !== null, isPaid: manifest.remote !== undefined });
  }

  #endedTiles(): number {
    const { done, failed } = this.visibleTiles().counts();
    return done + failed;
  }

  /** Durable before the results that it was paid for. */
  #addUsage(cost: RemoteUsage): void {
    const { caseFile } = this.#options;
    try {
      caseFile.transaction(() => {
        const { usage } = caseFile.runs.get(this.no);
        caseFile.runs.setUsage(this.no, added(usage ?? nothingUsed, cost));
      });
      this.watchable.changed();
    } catch (error) {
      this.#lastError = toPlainError(error);
      this.#stopAs ??= this.#restAfter(error);
      this.#analyze?.stop();
    }
  }

  /** @returns how many workers it has for now; it hears of changes. Others' machines do the work of remote models. */
  #claim(plan: ExecutionPlan, run: StoredRun): number {
    if (run.manifest.remote !== undefined) return plan.workers;
    const workers = this.#workers.claim(plan);
    this.watchable.changed();
    return workers;
  }

  async #synthesize(run: StoredRun): Promise<void> {
    const { caseFile, image } = this.#options;
    await image().check();
    await synthesizeRun(caseFile, run, image().fingerprint, this.#abort.signal);
    await this.#findings.endProvisional();
  }

  async #store(run: StoredRun): Promise<void> {
    const { caseFile, execution } = this.#options;
    const onUsage = (cost: RemoteUsage): void => this.#addUsage(cost);
    await describeRun(caseFile, run.no, execution.secrets, onUsage, this.#abort.signal);
    if (!this.#stopAs) storeRun(caseFile, run);
  }
}
