/** An open case: its file, its image, its runs, of which some may be going on. */
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { CaseView } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
import type { Budget, RemoteConsent } from '../contract/model-remote.ts';
import type { FailureGroup, Rect, RunParameters, RunView } from '../contract/run.ts';
import { systemClock } from '../core/clock.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { ImageStamp } from '../images/image-stamp.ts';
import { fitModel } from '../models/fit.ts';
import { findModel } from '../models/find-models.ts';
import { consentTo } from '../remote/consent.ts';
import { CaseFile } from '../store/case-file.ts';
import type { StoredImage } from '../store/case-file.ts';
import { asGigatileError } from '../store/sqlite-errors.ts';
import type { NewRun } from '../store/run-store.ts';
import { imageAgain, imageElsewhere, imageToWorkOn, lookAt, stored, type FoundImage } from './case-image.ts';
import type { Execution } from './execution.ts';
import type { Fleet } from './fleet.ts';
import { followedPlan, runThatFollows } from './follow-run.ts';
import type { ImageService } from './image-service.ts';
import { ImageGuard } from './image-guard.ts';
import { findModels, relocateModel } from './model-place.ts';
import { hasRoom, roomFor, roomForRest } from './room.ts';
import type { Room } from './room.ts';
import { RoomWatch } from './room-watch.ts';
import { prepareImage } from './preparation.ts';
import { consentOf } from './remote-run.ts';
import { planRun } from './plan-run.ts';
import { reopenRun } from './reopen-run.ts';
import { reopenRegion } from './rerun-region.ts';
import { RunConductor } from './run-conductor.ts';
import { runIdOf } from './run-id.ts';
import { runKey } from './run-key.ts';

export interface CaseSessionOptions {
  id: string;
  host: WorkerHost;
  images: ImageService;
  modelsDir: string;
  version: string;
  execution: Execution;
  fleet?: (() => Promise<Fleet | null>) | undefined;
  /** Where models that come out of a queue stay. */
  modelCache: string;
}

export class CaseSession {
  readonly id: string;
  readonly file: CaseFile;
  #image: StoredImage;
  #guard: ImageGuard;
  readonly #options: CaseSessionOptions;
  #readOnly: string | undefined;
  readonly #conductors = new Map<number, RunConductor>();
  readonly #roomWatch = new RoomWatch(
    systemClock,
    (no) => hasRoom(roomForRest(this.file, no)),
    (no) => void this.resumeRun(no, false),
  );

  private constructor(options: CaseSessionOptions, file: CaseFile, image: StoredImage, stamp: ImageStamp) {
    this.id = options.id;
    this.#options = options;
    this.file = file;
    this.#image = image;
    this.#guard = new ImageGuard(options.images, image.path, image.fingerprint, stamp);
    if (!file.isReadOnly) this.#findInterrupted();
  }

  /** Why nothing can be changed; undefined where the case can be worked on. */
  get readOnly(): string | undefined {
    return this.file.isReadOnly ? (this.#readOnly ?? 'It was opened to be looked at') : undefined;
  }

  /** `path` is the whole address of an image on a server; the case keeps it without its secrets. */
  get image(): StoredImage {
    return this.#image;
  }

  /** Of the program. */
  get version(): string {
    return this.#options.version;
  }

  /** Opens the case at `casePath` for an image; makes it where there is none. */
  static async forImage(
    options: CaseSessionOptions,
    imagePath: string,
    casePath: string,
  ): Promise<CaseSession> {
    const seen = await lookAt(options.images, imagePath);
    if (!existsSync(dirname(casePath))) mkdirSync(dirname(casePath), { recursive: true });
    const isNew = !existsSync(casePath);
    const file = CaseFile.open(casePath, 'create');
    try {
      const image = await imageToWorkOn(options.images, seen, file.image(), casePath);
      file.transaction(() => {
        file.setImage(stored(image), new Date().toISOString());
        if (isNew) file.events.append(null, 'created', { software: options.version });
      });
      return new CaseSession(options, file, image, seen.stamp);
    } catch (error) {
      file.close();
      throw asGigatileError(error, casePath);
    }
  }

  /**
   * Opens an existing case; with `imagePath`, its image is at that place now. One that cannot be written to, and with `onlyLook` also
   * one that another program works on, is opened for reading.
   * @throws {GigatileError} image-missing or image-changed where its image is not what it was; the case is left as it is
   */
  static async forCase(
    options: CaseSessionOptions,
    casePath: string,
    imagePath?: string,
    onlyLook = false,
  ): Promise<CaseSession> {
    const { file, readOnly } = openForWorkOrLook(casePath, onlyLook);
    const opened = ({ image, stamp }: FoundImage): CaseSession => {
      const session = new CaseSession(options, file, image, stamp);
      session.#readOnly = readOnly;
      return session;
    };
    try {
      const image = file.image();
      if (!image) {
        throw new GigatileError('case-not-a-case', 'This case holds no image', { where: casePath });
      }
      if (imagePath !== undefined) {
        const found = await imageElsewhere(options.images, image, imagePath);
        if (!file.isReadOnly) putRelocated(file, found.image);
        return opened(found);
      }
      return opened(await imageAgain(options.images, image));
    } catch (error) {
      file.close();
      throw asGigatileError(error, casePath);
    }
  }

  /** Runs that were going on when their program ended are said to be interrupted; they can be resumed. */
  #findInterrupted(): void {
    const left = this.file.runs.list().filter((run) => run.state === 'running');
    if (left.length === 0) return;
    this.file.transaction(() => {
      for (const run of left) {
        const reason = 'The program ended while this run was going on';
        this.file.tiles.releaseRunning(run.no);
        this.file.runs.transition(run.no, ['running'], { state: 'interrupted', reason });
        this.file.events.append(run.no, 'interrupted', { reason });
      }
    });
  }

  /**
   * The image is at another place now: it was moved, or a presigned address ended and a new one goes on. It is known to be the
   * same image by its content. Runs that rest because they missed it go on.
   * @throws {GigatileError} image-changed where another image lies there; nothing is changed then
   */
  async relocate(path: string): Promise<void> {
    const { image, stamp } = await imageElsewhere(this.#options.images, this.#image, path);
    const active = this.activeRuns();
    if (path !== this.#image.path && !this.file.isReadOnly) {
      // Workers of a run that goes on would look for it at the old place.
      const reason = 'The image is at another place now';
      await Promise.all(active.map((conductor) => conductor.stop({ state: 'paused', reason })));
      putRelocated(this.file, image);
    }
    this.#image = image;
    this.#guard = new ImageGuard(this.#options.images, path, image.fingerprint, stamp);
    for (const conductor of this.#conductors.values()) {
      const goesOn = conductor.waitsForImage || active.includes(conductor);
      if (goesOn && this.file.runs.get(conductor.no).state === 'paused') this.resumeRun(conductor.no, false);
    }
  }

  conductor(no: number): RunConductor {
    let conductor = this.#conductors.get(no);
    if (!conductor) {
      this.file.runs.get(no);
      conductor = new RunConductor({
        caseId: this.id,
        caseFile: this.file,
        host: this.#options.host,
        no,
        execution: this.#options.execution,
        fleet: this.#options.fleet,
        image: () => this.#guard,
        onRest: (conductor) => this.#roomWatch.rests(conductor),
        findModels: () => findModels(this.file, no, this.#options.modelsDir),
        prepare: (onProgress, signal) =>
          prepareImage(this.#options.images, this.image.path, onProgress, signal),
      });
      this.#conductors.set(no, conductor);
    }
    return conductor;
  }

  activeRuns(): RunConductor[] {
    return [...this.#conductors.values()].filter((conductor) => conductor.active);
  }

  view(): CaseView {
    return {
      id: this.id,
      name: basename(this.file.path),
      image: { ...this.image.info, id: this.id, fingerprint: this.image.fingerprint.slice(0, 12) },
      runs: this.file.runs.list().map((run) => this.runView(run.no)),
      ...(this.readOnly !== undefined && { readOnly: this.readOnly }),
    };
  }

  runView(no: number): RunView {
    return this.conductor(no).event().run;
  }

  /**
   * Checks that the model fits and can be loaded, makes the run and starts it.
   * @throws {GigatileError} model-not-found, model-invalid, model-mismatch, provider-unusable …
   */
  async startRun(model: string, parameters: RunParameters): Promise<RunConductor> {
    return this.#begin(await this.#plan(model, parameters));
  }

  /**
   * The same, unless this case has the very same analysis already: then that run is gone on with, or is `found` as it has ended. One that
   * was cancelled does not count.
   *
   * @throws what startRun and resumeRun throw
   */
  async takeUpRun(
    model: string,
    parameters: RunParameters,
    options: { retryFailed: boolean; anew: boolean },
  ): Promise<{ conductor: RunConductor; how: 'started' | 'resumed' | 'found' }> {
    const plan = await this.#plan(model, parameters);
    const key = runKey(plan, this.image.fingerprint);
    const known = this.file.runs
      .list()
      .findLast(
        (run) =>
          run.state !== 'cancelled' &&
          run.threshold === plan.threshold &&
          runKey(run, this.image.fingerprint) === key,
      );
    if (known === undefined || options.anew) return { conductor: this.#begin(plan), how: 'started' };
    const conductor = this.conductor(known.no);
    if (conductor.active) return { conductor, how: 'resumed' };
    const hasEnded = known.step === 'finished';
    const failed = this.file.tiles.counts(known.no).failed;
    if (hasEnded && !(options.retryFailed && failed > 0)) return { conductor, how: 'found' };
    return { conductor: this.resumeRun(known.no, options.retryFailed && failed > 0), how: 'resumed' };
  }

  #plan(model: string, parameters: RunParameters): Promise<NewRun> {
    return planRun({ ...this.#options, file: this.file, info: this.image.info }, model, parameters);
  }

  /**
   * A run that another desktop submitted to the queue: its results come into this case, too. One that this case has already is answered.
   * @throws {GigatileError} usage without a queue; run-not-found, image-changed, model-not-found, queue-refused …
   */
  async followRun(queueRun: string): Promise<RunConductor> {
    const fleet = (await this.#options.fleet?.()) ?? null;
    if (fleet === null) throw new GigatileError('usage', 'No queue is chosen');
    const analysis = await fleet.analysis(queueRun);
    const known = runThatFollows(this.file, analysis.run);
    if (known !== null) return this.conductor(known);
    const { modelsDir, modelCache, version } = this.#options;
    const folders = { modelsDir, cacheDir: modelCache };
    const plan = await followedPlan(fleet, analysis, this.image.fingerprint, folders, version);
    return this.#begin(plan, (no) =>
      this.file.events.append(no, 'followed', { id: analysis.run, queue: fleet.label }),
    );
  }

  #begin(plan: NewRun, also: (no: number) => void = () => undefined): RunConductor {
    const no = this.file.transaction(() => {
      const created = this.file.runs.create(plan, new Date().toISOString());
      this.file.events.append(created, 'started', {
        model: plan.manifest.id,
        parameters: plan.parameters,
      });
      also(created);
      return created;
    });
    const conductor = this.conductor(no);
    conductor.start();
    return conductor;
  }

  /**
   * How many tiles a run would have at most, and what room they take on the disk.
   * @throws {GigatileError} model-not-found, model-invalid, model-mismatch
   */
  async estimate(model: string, parameters: RunParameters): Promise<Room> {
    const { card } = await findModel(model, this.#options.modelsDir);
    const { grid, fileIndex } = fitModel(card.manifest, this.image.info, parameters);
    return roomFor(this.file, card.manifest, card.sha256[fileIndex] ?? '', grid, parameters);
  }

  /** What a remote model sends away, and whether somebody agreed to it for this case; null where the model runs here. */
  async leaves(model: string): Promise<(RemoteConsent & { agreed: boolean }) | null> {
    const { manifest } = (await findModel(model, this.#options.modelsDir)).card;
    if (manifest.remote === undefined) return null;
    const agreed = consentOf(this.file, manifest);
    return { ...consentTo(manifest.remote, agreed?.who ?? '-'), agreed: agreed !== null };
  }

  /**
   * A person agrees, for this case, that tiles go to the model's endpoint.
   * @throws {GigatileError} model-not-found, model-invalid; usage where the model runs on this machine
   */
  async consent(model: string, who: string): Promise<RemoteConsent> {
    const { manifest } = (await findModel(model, this.#options.modelsDir)).card;
    if (manifest.remote === undefined) {
      throw new GigatileError('usage', `${manifest.name} runs on this machine: there is nothing to agree to`);
    }
    const consent = consentTo(manifest.remote, who);
    if (consentOf(this.file, manifest) === null) {
      this.file.transaction(() => this.file.events.append(null, 'remote-consent', consent));
    }
    return consent;
  }

  /**
   * Goes on with a run that rests, or reopens a finished one for its failed tiles.
   * @param reason of those, only the ones that failed like this
   */
  resumeRun(
    no: number,
    retryFailed: boolean,
    budget?: Budget,
    reason?: Pick<FailureGroup, 'code' | 'message'>,
  ): RunConductor {
    const conductor = this.conductor(no);
    if (conductor.active) return conductor;
    reopenRun(this.file, no, { retryFailed, budget, reason });
    conductor.start();
    return conductor;
  }

  /** So many workers from now on; kept for when the run is taken up again. @throws {GigatileError} usage, conflict */
  setWorkers(no: number, workers: number): RunConductor {
    const run = this.file.runs.get(no);
    if (run.manifest.remote !== undefined) {
      throw new GigatileError('usage', `${run.manifest.name} does not run on this machine's workers`);
    }
    if (!['running', 'paused', 'interrupted'].includes(run.state)) {
      throw new GigatileError('conflict', `${runIdOf(no)} is ${run.state}: it needs no workers`);
    }
    this.file.transaction(() => {
      this.file.runs.setParameters(no, { workers });
      this.file.events.append(no, 'workers', { workers });
    });
    const conductor = this.conductor(no);
    conductor.setWorkers(workers);
    return conductor;
  }

  /** Analyses a part of the image again, in the same run; one that goes on is stopped for a moment. @throws see reopenRegion */
  async rerunRegion(no: number, region: Rect): Promise<RunConductor> {
    const conductor = this.conductor(no);
    const wasActive = conductor.active;
    if (wasActive) await conductor.stop({ state: 'paused', reason: 'A region is to be analysed again' });
    try {
      reopenRegion(this.file, no, region);
    } catch (error) {
      if (wasActive) this.resumeRun(no, false);
      throw error;
    }
    conductor.start();
    return conductor;
  }

  /**
   * The run's model is at another place now: it is known to be the same by its content. A run that rests because it missed it goes on.
   * @param place path of an .onnx file or a model folder, or id of a built-in model
   * @throws {GigatileError} model-changed where another model lies there; nothing is changed then
   */
  async relocateModel(no: number, place: string): Promise<void> {
    await relocateModel(this.file, no, place, this.#options.modelsDir);
    if (this.conductor(no).waitsForModel) this.resumeRun(no, false);
  }

  /** Gives gaps back to the disk; answers bytes. @throws {GigatileError} conflict while a run goes on; disk-full, not-writable */
  compact(): number {
    if (this.activeRuns().length > 0) {
      throw new GigatileError('conflict', 'A run of this case is going on', {
        hint: 'Pause it, or wait for its end.',
      });
    }
    return this.file.compact();
  }

  /** Ends a run for good; what it found so far stays in the case. */
  async cancelRun(no: number): Promise<void> {
    const conductor = this.conductor(no);
    if (conductor.active) {
      await conductor.stop({ state: 'cancelled', reason: 'Cancelled' });
      return;
    }
    this.file.transaction(() => {
      this.file.runs.transition(no, ['paused', 'interrupted'], {
        state: 'cancelled',
        reason: 'Cancelled',
        finishedAt: new Date().toISOString(),
      });
      this.file.events.append(no, 'cancelled');
    });
    conductor.watchable.changed();
  }

  /** Runs that go on are left resumable. Idempotent. */
  async close(): Promise<void> {
    this.#roomWatch.close();
    await Promise.all(
      this.activeRuns().map((conductor) =>
        conductor.stop({
          state: 'interrupted',
          reason: 'The program was closed while this run was going on',
        }),
      ),
    );
    await Promise.all([...this.#conductors.values()].map((conductor) => conductor.close()));
    this.file.close();
  }
}

/** @throws {GigatileError} see CaseFile.open, where looking is no way out */
function openForWorkOrLook(path: string, onlyLook: boolean): { file: CaseFile; readOnly?: string } {
  try {
    return { file: CaseFile.open(path, 'write') };
  } catch (error) {
    const isWayOut =
      error instanceof GigatileError &&
      (error.code === 'not-writable' || (onlyLook && error.code === 'case-locked'));
    if (!isWayOut) throw error;
    return { file: CaseFile.openReadOnly(path), readOnly: error.message };
  }
}

function putRelocated(file: CaseFile, image: StoredImage): void {
  file.transaction(() => {
    file.setImage(stored(image), new Date().toISOString());
    file.events.append(null, 'relocated', { name: image.name });
  });
}
