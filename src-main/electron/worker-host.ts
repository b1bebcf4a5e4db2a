/** The engine's workers in Electron: main forks them on request, and a port to each arrives a little later. */
import type { MessagePortMain } from 'electron';
import type { CodecVerdict, WorkerHost, WorkerKind, WorkerProcess } from '../core/worker-host.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';

type WorkerNews = Extract<ToEngine, { kind: 'worker-started' | 'worker-spawned' | 'worker-exit' }>;
interface Exit {
  code: number | null;
  signal: string | null;
}

/** What a worker said just before it ended is still on its way when main reports the end: so long is it awaited. */
const lastWordsMs = 500;

/** One worker. Messages of either direction wait until both sides are there; none is lost, none comes after the exit. */
class UtilityWorker<Out, In> implements WorkerProcess<Out, In> {
  pid: number | undefined;
  readonly #kill: () => void;
  readonly #toSend: Out[] = [];
  readonly #listeners: ((message: In) => void)[] = [];
  readonly #exitListeners: ((exit: Exit) => void)[] = [];
  #port: MessagePortMain | null = null;
  #portClosed = false;
  #exit: Exit | null = null;
  #ended = false;

  constructor(kill: () => void) {
    this.#kill = kill;
  }

  post(message: Out): void {
    if (this.#port === null) this.#toSend.push(message);
    else this.#port.postMessage(message, []);
  }

  onMessage(listener: (message: In) => void): void {
    this.#listeners.push(listener);
    if (this.#listeners.length === 1) this.#port?.start();
  }

  onExit(listener: (exit: Exit) => void): void {
    this.#exitListeners.push(listener);
  }

  kill(): void {
    this.#kill();
  }

  onPort(port: MessagePortMain): void {
    this.#port = port;
    port.on('message', ({ data }) => {
      if (this.#ended) return;
      for (const listener of this.#listeners) listener(data);
    });
    port.on('close', () => {
      this.#portClosed = true;
      this.#end();
    });
    for (const message of this.#toSend.splice(0)) port.postMessage(message, []);
    if (this.#listeners.length > 0) port.start();
  }

  onGone(exit: Exit): void {
    this.#exit = exit;
    if (this.#port === null) this.#portClosed = true;
    this.#end();
    setTimeout(() => {
      this.#portClosed = true;
      this.#end();
    }, lastWordsMs).unref();
  }

  #end(): void {
    if (this.#ended || this.#exit === null || !this.#portClosed) return;
    this.#ended = true;
    this.pid = undefined;
    for (const listener of this.#exitListeners) listener(this.#exit);
  }
}

export class UtilityWorkerHost implements WorkerHost {
  readonly #toMain: (message: FromEngine) => void;
  readonly #workers = new Map<number, Pick<UtilityWorker<never, never>, 'pid' | 'onPort' | 'onGone'>>();
  #nextId = 1;

  readonly testCodecs: () => Promise<CodecVerdict>;

  constructor(toMain: (message: FromEngine) => void, testCodecs: () => Promise<CodecVerdict>) {
    this.#toMain = toMain;
    this.testCodecs = testCodecs;
  }

  fork<Out, In>(kind: WorkerKind): WorkerProcess<Out, In> {
    const id = this.#nextId++;
    const worker = new UtilityWorker<Out, In>(() => this.#toMain({ kind: 'kill', worker: id }));
    this.#workers.set(id, worker);
    this.#toMain({ kind: 'fork', worker: id, workerKind: kind });
    return worker;
  }

  onNews(news: WorkerNews, ports: MessagePortMain[]): void {
    const worker = this.#workers.get(news.worker);
    if (worker === undefined) return; // its end has been told already
    if (news.kind === 'worker-exit') {
      this.#workers.delete(news.worker);
      worker.onGone({ code: news.code, signal: news.signal });
    } else if (news.kind === 'worker-spawned') {
      worker.pid = news.pid;
    } else if (ports[0] !== undefined) {
      worker.onPort(ports[0]);
    }
  }
}
