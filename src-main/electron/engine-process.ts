/**
 * Main's side of the engine: forks it, brokers ports to it, answers its questions to the desktop, and starts it again where
 * it dies. The engine's own side is engine-service.ts.
 */
import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron';
import { GigatileError, type PlainError } from '../contract/errors.ts';
import type { AppPaths } from './app-paths.ts';
import type {
  DesktopQuestion,
  EngineQuestion,
  EngineStart,
  FromEngine,
  ScreenOrder,
  ToEngine,
} from './engine-messages.ts';
import type { Settings, SettingsChange } from '../contract/settings.ts';
import type { RunNews, ShownScreen } from '../engine/shell.ts';
import { CrashCount } from './crash-count.ts';
import { answerQuestion, Questions } from './questions.ts';
import { WorkerProcesses } from './worker-processes.ts';

export interface EngineProcessOptions {
  paths: AppPaths;
  start: EngineStart;
  /** No worker before that: it settles how workers decode. */
  codecsDecided: Promise<unknown>;
  /** Answers the engine's questions to the person. */
  answer(question: DesktopQuestion): Promise<unknown>;
  onPresented(screen: string, shown: ShownScreen): void;
  onRuns(news: RunNews): void;
  onSettings(settings: Settings): void;
  /** It has died and was started again; no case is open in it. */
  onRestarted(): void;
  /** The engine cannot be built, or dies again and again: there is no going on. */
  onFatal(error: PlainError): void;
}

/** An engine that dies this often within a minute is not started again. */
const toleratedDeaths = 3;
/** An engine that says nothing for so long hangs. */
const answerPatienceMs = 5000;
/** Closing commits what is in flight; a disk that takes longer than this must not keep the application from quitting. */
const closePatienceMs = 20_000;

export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #questions: Questions<EngineQuestion>;
  /** Of the present engine: what another one's workers still say is nobody's business. */
  #workers: WorkerProcesses;
  #child: UtilityProcess | null = null;
  #closing = false;
  /** No worker is started any more. */
  #hasClosed = false;
  readonly #deaths = new CrashCount(toleratedDeaths);

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#questions = new Questions((message) => this.#post(message));
    this.#workers = this.#newWorkers();
  }

  start(): void {
    const child = utilityProcess.fork(this.#options.paths.engineEntry, [], {
      serviceName: 'Gigatile engine',
    });
    this.#child = child;
    this.#workers = this.#newWorkers();
    child.on('message', (message: FromEngine) => this.#onMessage(message));
    child.on('exit', () => this.#onExit(child));
    this.#post({ kind: 'start', start: this.#options.start });
  }

  /** Two ports to the engine, `[rpc, bytes]`. What is sent before the engine is up waits for it. */
  connect(screen: string): [MessagePortMain, MessagePortMain] {
    const rpc = new MessageChannelMain();
    const bytes = new MessageChannelMain();
    this.#post({ kind: 'connect', screen }, [rpc.port1, bytes.port1]);
    return [rpc.port2, bytes.port2];
  }

  /** Kept until the screen listens. */
  order(screen: string, order: ScreenOrder): void {
    this.#post({ kind: 'order', screen, order });
  }

  /** The opaque id of a file that the person handed over. */
  async register(path: string): Promise<string> {
    return String(await this.#ask({ ask: 'register', path }));
  }

  /** Runs that go on right now; none where there is no engine to run them. @throws where it hangs or dies meanwhile */
  async activeRuns(): Promise<number> {
    if (this.#child === null) return 0;
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => silence.reject(engineGone()), answerPatienceMs);
    try {
      return Number(await Promise.race([this.#ask({ ask: 'active-runs' }), silence.promise]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** The computer goes to sleep, or is awake again. An engine that dies meanwhile has nothing to pause or to go on with. */
  async suspend(asleep: boolean): Promise<void> {
    if (this.#child !== null) await this.#ask({ ask: asleep ? 'suspend' : 'wake' });
  }

  async changeSettings(change: SettingsChange): Promise<void> {
    await this.#ask({ ask: 'change-settings', change });
  }

  /** Leaves runs resumable and ends the engine and its workers, also where it rejects with what went wrong in closing. */
  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === null) return;
    const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, closePatienceMs);
    // Whether it closes, fails, dies or hangs: what was committed stays, and the process ends.
    try {
      await Promise.race([this.#ask({ ask: 'close' }), exited, patience.promise]);
    } finally {
      clearTimeout(timer);
      this.#hasClosed = true;
      this.#workers.killAll();
      child.kill();
      await exited;
    }
  }

  /** To be called for each `child-process-gone` of the application. */
  onChildGone(details: Electron.Details): void {
    this.#workers.onChildGone(details);
  }

  #newWorkers(): WorkerProcesses {
    const workers: WorkerProcesses = new WorkerProcesses(
      this.#options.paths.workerEntry,
      (message, ports) => {
        if (workers === this.#workers) this.#post(message, ports);
      },
    );
    return workers;
  }

  #ask(question: EngineQuestion): Promise<unknown> {
    if (this.#child === null) throw engineGone();
    return this.#questions.ask(question);
  }

  #post(message: ToEngine, ports: MessagePortMain[] = []): void {
    this.#child?.postMessage(message, ports);
  }

  #onMessage(message: FromEngine): void {
    switch (message.kind) {
      case 'failed':
        this.#options.onFatal(message.error);
        break;
      case 'question':
        void answerQuestion(
          message.id,
          () => this.#options.answer(message.question),
          (answer) => this.#post(answer),
        );
        break;
      case 'answer':
      case 'answer-failed':
        this.#questions.onAnswer(message);
        break;
      case 'presented':
        this.#options.onPresented(message.screen, message.shown);
        break;
      case 'runs':
        this.#options.onRuns(message.news);
        break;
      case 'settings':
        this.#options.onSettings(message.settings);
        break;
      case 'fork':
        this.#whenDecided((workers) => workers.fork(message.worker, message.workerKind));
        break;
      case 'kill':
        this.#whenDecided((workers) => workers.kill(message.worker));
        break;
    }
  }

  /** In the order that they came; what an engine wanted that has gone meanwhile is nobody's business any more. */
  #whenDecided(act: (workers: WorkerProcesses) => void): void {
    const [child, workers] = [this.#child, this.#workers];
    void this.#options.codecsDecided.then(() => {
      if (child === this.#child && !this.#hasClosed) act(workers);
    });
  }

  #onExit(child: UtilityProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#workers.killAll();
    this.#questions.failAll(engineGone());
    if (this.#closing) return;
    if (!this.#deaths.add()) return this.#options.onFatal(engineGone().toPlain());
    this.start();
    this.#options.onRestarted();
  }
}

function engineGone(): GigatileError {
  return new GigatileError('internal', 'The engine has stopped unexpectedly', {
    hint: 'Nothing that was finished is lost. Start Gigatile again; `gigatile doctor` says what may be wrong.',
  });
}
