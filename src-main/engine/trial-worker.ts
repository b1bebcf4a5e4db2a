/** A process that tries a model and is thrown away: whatever the model or a driver does to it, nothing else notices. */
import { GigatileError } from '../contract/errors.ts';
import { memoryExitCode, readLimits } from '../core/limits.ts';
import type { WorkerHost, WorkerProcess } from '../core/worker-host.ts';
import type {
  FromTrial,
  ModelInit,
  SelfTestOrder,
  SelfTestResult,
  ToTrial,
} from '../core/worker-protocol.ts';
import { watchMemory } from './memory-watch.ts';
import { inferenceMemoryLimit } from './worker-errors.ts';

export interface TrialOptions {
  model: ModelInit;
  /** Of a tile, model pixels. */
  width: number;
  height: number;
  /** Compares the provider with the processor. */
  compare: boolean;
}

type Ready = Extract<FromTrial, { kind: 'trial-ready' }>;
export type Timed = Extract<FromTrial, { kind: 'timed' }>;

export class TrialWorker {
  readonly #process: WorkerProcess<ToTrial, FromTrial>;
  #waiting: { resolve: (message: FromTrial) => void; reject: (error: Error) => void } | null = null;
  #gone: GigatileError | null = null;
  #isOverMemory = false;

  constructor(host: WorkerHost) {
    this.#process = host.fork<ToTrial, FromTrial>('inference');
    const stopWatching = watchMemory(this.#process, readLimits(process.env).inferenceWorkerBytes, () => {
      this.#isOverMemory = true;
      this.#process.kill();
    });
    this.#process.onMessage((message) => {
      if (message.kind === 'fatal') this.#leave(GigatileError.fromPlain(message.error));
      else this.#waiting?.resolve(message);
    });
    this.#process.onExit(({ code, signal }) => {
      stopWatching();
      const how = signal ?? `exit code ${code ?? 'unknown'}`;
      this.#leave(
        this.#isOverMemory || code === memoryExitCode
          ? inferenceMemoryLimit()
          : new GigatileError('worker-crashed', `The process that tried it ended (${how})`),
      );
    });
  }

  #leave(error: GigatileError): void {
    this.#gone ??= error;
    this.#waiting?.reject(this.#gone);
  }

  /** @throws {GigatileError} why the model cannot be run, worker-crashed, worker-memory, worker-timeout, cancelled */
  async load(options: TrialOptions, limitMs: number, signal?: AbortSignal): Promise<Ready> {
    const answer = await this.#ask({ kind: 'trial', ...options }, limitMs, signal);
    if (answer.kind !== 'trial-ready') throw new GigatileError('internal', `A trial answered ${answer.kind}`);
    return answer;
  }

  /** @throws {GigatileError} as `load` */
  async time(batch: number, forMs: number, limitMs: number, signal?: AbortSignal): Promise<Timed> {
    const answer = await this.#ask({ kind: 'time', batch, forMs }, limitMs, signal);
    if (answer.kind !== 'timed') throw new GigatileError('internal', `A trial answered ${answer.kind}`);
    return answer;
  }

  /** @throws {GigatileError} as `load` */
  async selfTest(
    order: Omit<SelfTestOrder, 'kind'>,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<SelfTestResult> {
    const answer = await this.#ask({ kind: 'self-test', ...order }, limitMs, signal);
    if (answer.kind !== 'self-tested') throw new GigatileError('internal', `A trial answered ${answer.kind}`);
    return answer.result;
  }

  async #ask(message: ToTrial, limitMs: number, signal?: AbortSignal): Promise<FromTrial> {
    if (this.#gone) throw this.#gone;
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    try {
      return await new Promise<FromTrial>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        timer = setTimeout(
          () =>
            reject(new GigatileError('worker-timeout', `No answer within ${Math.round(limitMs / 1000)} s`)),
          limitMs,
        );
        abort = () => reject(new GigatileError('cancelled', 'Stopped by the person'));
        if (signal?.aborted) abort();
        signal?.addEventListener('abort', abort, { once: true });
        this.#process.post(message);
      });
    } finally {
      this.#waiting = null;
      clearTimeout(timer);
      if (abort) signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends it at once, also in the middle of a run of the model. */
  end(): void {
    this.#process.kill();
  }
}
