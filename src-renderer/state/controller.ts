/** What a person can do, as functions over the connection and the stores: screens call these and show the stores. */
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ReportSettings } from '../../src-main/contract/report.ts';
import type { ExportFormat } from '../../src-main/contract/export-formats.ts';
import type { ModelDescription } from '../../src-main/contract/model-description.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { RemoteConsent } from '../../src-main/contract/model-remote.ts';
import type { Rect, RunParameters, RunView } from '../../src-main/contract/run.ts';
import type { Connection } from '../client/connection.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { misfits } from '../runs/model-fit.ts';
import { keyOf } from '../runs/model-key.ts';
import { notifyError, useApp, type Locating } from './app-store.ts';
import { emptyCase, runToShow, selectedRun, useCase, withRun } from './case-store.ts';
import { KeptSettings } from './kept-settings.ts';
import { reading } from './reading.ts';
import { RunFollower } from './run-follower.ts';
import { resetView, useView } from './view-store.ts';
import { whileWriting } from './writing.ts';
import { words } from '../words/words.ts';

export type RemoteLeaves = Omit<RemoteConsent, 'who'>;

export class Controller {
  readonly connection: Connection;
  readonly settings: KeptSettings;
  #follower: RunFollower | null = null;
  /** Counts the cases that were opened: an answer for an earlier one is dropped. */
  #opening = 0;
  /** Runs that were going on when the engine died. */
  #lost: readonly string[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    this.settings = new KeptSettings(connection);
  }

  /** Connects the stores to the engine. Returns a function that ends it. */
  start(): () => void {
    const stopLink = this.connection.onLinkState((link) => {
      const before = useApp.getState().link;
      useApp.setState({ link });
      if (link === 'open' && before === 'reconnecting') void this.refresh();
    });
    const stopSettings = this.settings.start();
    const ended = new AbortController();
    void this.#loadStart(ended.signal);
    return () => {
      ended.abort();
      stopLink();
      stopSettings();
      this.#follower?.stop();
    };
  }

  async openFile(fileId: string, name: string): Promise<void> {
    const { locating } = useApp.getState();
    if (locating !== null) return this.locateImage(locating, fileId, name);
    return this.#open(name, { fileId });
  }

  /** The chosen file is the image of a case: it is at that place now. Refused where it is another image. */
  async locateImage(locating: Locating, imageFileId: string, name: string): Promise<void> {
    useApp.setState({ dialog: null, locating: null });
    if ('caseFileId' in locating) {
      return this.#open(locating.name, { fileId: locating.caseFileId, imageFileId });
    }
    try {
      const { caseId } = locating;
      const caseView = await this.connection.api.cases.relocate({ caseId, fileId: imageFileId });
      const { caseView: shown, runId } = useCase.getState();
      if (shown?.id !== caseId) return;
      useCase.setState({ caseView });
      if (runId !== null) this.#followRun(caseId, runId);
      useApp.getState().notify({ tone: 'success', title: words.state.theImageWasFound, detail: name });
    } catch (error) {
      notifyError(words.state.wasNotTaken(name), plainErrorOf(error));
    }
  }

  /** A case that another program works on. */
  openToLook(fileId: string, name: string): Promise<void> {
    return this.#open(name, { fileId, onlyLook: true });
  }

  async #open(
    name: string,
    files: { fileId: string; imageFileId?: string; onlyLook?: boolean },
  ): Promise<void> {
    const turn = ++this.#opening;
    const screenBefore = useApp.getState().screen;
    useApp.setState({ screen: { at: 'opening', name }, openError: null, dialog: null });
    try {
      const caseView = await this.connection.api.cases.open(files);
      if (turn !== this.#opening) return;
      this.#follower?.stop();
      this.#follower = null;
      resetView();
      useCase.setState({ ...emptyCase, models: useCase.getState().models, caseView });
      useApp.setState({ screen: { at: 'case' } });
      leaveMisfit(caseView);
      const run = runToShow(caseView);
      if (run === null) useView.getState().set({ choosingModel: caseView.readOnly === undefined });
      else this.selectRun(run.id);
      void this.loadModels();
    } catch (error) {
      if (turn !== this.#opening) return;
      const plain = plainErrorOf(error);
      const back = screenBefore.at === 'case' || screenBefore.at === 'batch';
      useApp.setState({
        screen: back ? screenBefore : { at: 'home' },
        openError: { name, fileId: files.fileId, error: plain },
      });
      if (back) notifyError(words.state.couldNotBeOpened(name), plain);
    }
  }

  goHome(): void {
    this.#opening++;
    this.#follower?.stop();
    this.#follower = null;
    resetView();
    useCase.setState({ ...emptyCase, models: useCase.getState().models });
    useApp.setState({ screen: { at: 'home' }, openError: null });
  }

  /** Leaves the case for another screen. */
  goBackTo(show: () => void): void {
    this.goHome();
    show();
  }

  async loadModels(): Promise<void> {
    try {
      useCase.setState({ models: await this.connection.api.models.list(), modelsError: null });
    } catch (error) {
      useCase.setState({ modelsError: plainErrorOf(error) });
    }
  }

  /** What a remote model would send away; null where the model runs here, or it was agreed to for this case. */
  async remoteLeaves(modelId: string): Promise<RemoteLeaves | null> {
    const { caseView } = useCase.getState();
    if (caseView === null) return null;
    const leaves = await this.connection.api.runs.leaves({ caseId: caseView.id, modelId });
    return leaves === null || leaves.agreed ? null : leaves;
  }

  /** Answers the reason where it could not be recorded. */
  async consent(modelId: string, who: string): Promise<PlainError | null> {
    const { caseView } = useCase.getState();
    if (caseView === null) return null;
    try {
      await this.connection.api.runs.consent({ caseId: caseView.id, modelId, who });
      return null;
    } catch (error) {
      return plainErrorOf(error);
    }
  }

  /** A model file that a person has chosen or dropped: it joins the list, after a form where it does not say what it is. */
  async addModel(fileId: string, name: string): Promise<void> {
    useApp.setState({ dialog: null });
    try {
      await this.#takeModel(await this.connection.api.models.describe({ fileId }));
    } catch (error) {
      notifyError(words.state.cannotBeUsedAsAModel(name), plainErrorOf(error));
    }
  }

  /** What a person said of it. Answers the reason where it was not taken; nothing is lost then. */
  async answerModel(
    { fileId }: ModelDescription,
    answers: Record<string, string>,
  ): Promise<PlainError | null> {
    try {
      await this.#takeModel(await this.connection.api.models.answer({ fileId, answers }));
      return null;
    } catch (error) {
      return plainErrorOf(error);
    }
  }

  async #takeModel(description: ModelDescription): Promise<void> {
    if (description.card === null) {
      useApp.setState({ modelForm: description });
      return;
    }
    await this.loadModels();
    useApp.setState({ modelForm: null, chosenModel: description.fileId });
    if (useCase.getState().caseView !== null) useView.getState().set({ choosingModel: true, tab: 'run' });
    else
      useApp
        .getState()
        .notify({ tone: 'success', title: words.state.theModelWasAdded, detail: description.file });
  }

  async forgetModel(fileId: string): Promise<void> {
    try {
      await this.connection.api.models.forget({ fileId });
      await this.loadModels();
    } catch (error) {
      notifyError(words.state.theModelStaysInTheList, plainErrorOf(error));
    }
  }

  selectRun(runId: string): void {
    const { caseView } = useCase.getState();
    const run = caseView?.runs.find((other) => other.id === runId);
    if (caseView === null || run === undefined) return;
    useView.getState().set({
      selectedFinding: null,
      selectedTile: null,
      choosingModel: false,
      threshold: run.threshold,
    });
    useCase.setState({
      runId,
      live: null,
      tiles: null,
      findings: null,
      findingsError: null,
    });
    this.#followRun(caseView.id, runId);
  }

  async startRun(modelId: string, parameters: RunParameters): Promise<PlainError | null> {
    const { caseView } = useCase.getState();
    if (caseView === null) return null;
    try {
      const run = await this.connection.api.runs.start({ caseId: caseView.id, modelId, parameters });
      this.showRun(run);
      return null;
    } catch (error) {
      return plainErrorOf(error);
    }
  }

  /** One that has just come into the case, or that is looked for. */
  showRun(run: RunView): void {
    this.#takeRun(run);
    useView.getState().set({ tab: 'run' });
    this.selectRun(run.id);
  }

  pause(): Promise<void> {
    return this.#change(words.state.theRunCouldNotBePaused, (run) => this.connection.api.runs.pause(run));
  }

  setWorkers(workers: number): Promise<void> {
    return this.#change(words.state.theNumberOfWorkersStays, (run) =>
      this.connection.api.runs.setWorkers({ ...run, workers }),
    );
  }

  cancel(): Promise<void> {
    return this.#change(words.state.theRunCouldNotBeCancelled, (run) => this.connection.api.runs.cancel(run));
  }

  /** @param options `reason`: of failed tiles, only those that failed like this */
  resume(options: { retryFailed: boolean; reason?: { code: string; message: string } }): Promise<void> {
    return this.#change(words.state.theRunCouldNotGoOn, (run) =>
      this.connection.api.runs.resume({ ...run, ...options }),
    );
  }

  /** A part of the image (level-0 pixels) again, in the same run. */
  rerunRegion(region: Rect): Promise<void> {
    return this.#change(words.state.thisPartCouldNotBeAnalysed, (run) =>
      this.connection.api.runs.rerunRegion({ ...run, region }),
    );
  }

  /** Tells a running run what is looked at, so that those tiles go first. */
  async setViewport(rect: Rect | null): Promise<void> {
    const run = selectedRun(useCase.getState());
    if (run?.state !== 'running') return;
    try {
      await this.connection.api.runs.setViewport({ caseId: run.caseId, runId: run.id, rect });
    } catch (error) {
      // Only an order of work: the run goes on without it. A lost link shows itself.
      if (!isAbort(error) && plainErrorOf(error).code !== 'run-not-found') {
        notifyError(words.state.theVisiblePartCouldNotBePut, plainErrorOf(error));
      }
    }
  }

  /** @param report how it is composed; left out, as it was the last time */
  async exportRun(format: ExportFormat, label: string, report?: ReportSettings): Promise<void> {
    const run = selectedRun(useCase.getState());
    if (run === null) return;
    try {
      const order = { caseId: run.caseId, runId: run.id, format, ...(report !== undefined && { report }) };
      const answer = await whileWriting(label, (signal) =>
        this.connection.api.exports.save(order, { signal }),
      );
      if (answer !== null) this.tellSaved(label, answer);
    } catch (error) {
      notifyError(words.state.couldNotBeWritten(label), plainErrorOf(error));
    }
  }

  /** The run that is looked at was taken up by something else than its buttons. */
  goesOn(run: RunView): void {
    this.#takeRun(run);
    if (run.state === 'running') this.#followRun(run.caseId, run.id);
  }

  /** What was saved by the shell, or is to be downloaded from it. */
  tellSaved(
    label: string,
    { savedAs, download: path }: { savedAs: string | null; download: string | null },
  ): void {
    const { notify } = useApp.getState();
    if (savedAs !== null) notify({ tone: 'success', title: words.state.saved(label), detail: savedAs });
    const href = path === null ? null : this.download(path);
    if (href === null) return;
    notify({ tone: 'success', title: words.state.isBeingDownloaded(label), detail: null, href });
  }

  /** Hands it to the browser's downloads; null where the shell has none. */
  download(path: string): string | null {
    const href = this.connection.downloadUrl(path);
    if (href !== null) download(href);
    return href;
  }

  #followRun(caseId: string, runId: string): void {
    this.#follower?.stop();
    const { caseView } = useCase.getState();
    if (caseView === null) return;
    const follower = new RunFollower(this.connection, { caseId, runId }, caseView.image, {
      onEvent: (event) => {
        this.#takeRun(event.run);
        useCase.setState({
          live: {
            tilesPerSecond: event.tilesPerSecond,
            etaSeconds: event.etaSeconds,
            lastError: event.lastError,
            ...(event.workers !== undefined && { workers: event.workers }),
            ...(event.preparation !== undefined && { preparation: event.preparation }),
            ...(event.tuning !== undefined && { tuning: event.tuning }),
            ...(event.gate !== undefined && { gate: event.gate }),
            ...(event.provisional !== undefined && { provisional: event.provisional }),
          },
        });
      },
      onTiles: (tiles) => useCase.setState((state) => ({ tiles, tilesVersion: state.tilesVersion + 1 })),
      onFindings: (findings) =>
        useCase.setState((state) => ({
          findings,
          findingsVersion: state.findingsVersion + 1,
          findingsError: null,
        })),
      onFindingsError: (findingsError) => useCase.setState({ findingsError }),
      onProblem: (error) => {
        if (useApp.getState().link === 'open') notifyError(words.state.theRunCannotBeFollowed, error);
      },
      reader: () => reading().by,
    });
    this.#follower = follower;
    void follower.follow();
  }

  /** It has changed whose decisions are shown. */
  renewFindings(): void {
    void this.#follower?.fetchFindings();
  }

  #takeRun(run: RunView): void {
    const { caseView } = useCase.getState();
    if (caseView?.id === run.caseId) useCase.setState({ caseView: withRun(caseView, run) });
  }

  async #change(
    failure: string,
    call: (run: { caseId: string; runId: string }) => Promise<RunView>,
  ): Promise<void> {
    const run = selectedRun(useCase.getState());
    if (run === null) return;
    try {
      const changed = await call({ caseId: run.caseId, runId: run.id });
      this.#takeRun(changed);
      // The stream ended when the run rested: a run that goes on is followed anew.
      if (changed.state === 'running') this.#followRun(changed.caseId, changed.id);
    } catch (error) {
      notifyError(failure, plainErrorOf(error));
    }
  }

  async #loadStart(signal: AbortSignal): Promise<void> {
    try {
      const info = await this.connection.api.app.info(undefined, { signal });
      useApp.setState({ info });
      const first = info.openAtStart[0];
      if (first !== undefined && useApp.getState().screen.at === 'home')
        void this.openFile(first, words.state.theFile);
    } catch (error) {
      if (!signal.aborted && !isAbort(error) && useApp.getState().link === 'open') {
        notifyError(words.state.theEngineCannotBeReached, plainErrorOf(error));
      }
    }
  }

  /** The engine may have gone on, or be a new process: takes its picture of the case again. */
  async refresh(): Promise<void> {
    const { caseView, runId } = useCase.getState();
    if (caseView === null) return;
    try {
      const renewed = await this.connection.api.cases.get({ caseId: caseView.id });
      useCase.setState({ caseView: renewed });
      if (runId !== null) this.#followRun(caseView.id, runId);
    } catch (error) {
      const plain = plainErrorOf(error);
      this.#lost = caseView.runs.filter((run) => run.state === 'running').map((run) => run.id);
      this.goHome();
      // In the desktop a new engine opens the window's case again by itself, and it is told then what has happened.
      if (this.connection.kind === 'electron' && plain.code === 'file-not-found') return;
      notifyError(words.state.theCaseHasToBeOpened, plain);
    }
  }

  /** Runs that were going on when the engine died, once their case is open again. */
  async resumeLost(): Promise<void> {
    const lost = this.#lost;
    this.#lost = [];
    const { caseView, runId } = useCase.getState();
    const runs = caseView?.runs.filter((run) => lost.includes(run.id) && run.state === 'interrupted') ?? [];
    for (const run of runs) {
      try {
        const resumed = await this.connection.api.runs.resume({ caseId: run.caseId, runId: run.id });
        if (run.id === runId) this.goesOn(resumed);
        else this.#takeRun(resumed);
      } catch (error) {
        notifyError(words.state.aRunCouldNotGoOn, plainErrorOf(error));
      }
    }
  }
}

/** A link that the browser treats as a download, clicked. */
function download(href: string): void {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.download = '';
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** A model that was chosen for another image and does not suit this one is not chosen any more. */
function leaveMisfit({ image }: CaseView): void {
  const { chosenModel } = useApp.getState();
  const card = useCase.getState().models?.find((other) => keyOf(other) === chosenModel);
  if (card !== undefined && misfits(card.manifest, image).length > 0) useApp.setState({ chosenModel: null });
}
