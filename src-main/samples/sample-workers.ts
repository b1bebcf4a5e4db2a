/** The generator's worker processes: each takes one job after the other from a common queue. */
import { fork, type ChildProcess } from 'node:child_process';
import { GigatileError } from '../contract/errors.ts';
import type { FromSampleWorker, SampleSpec, ToSampleWorker } from './sample-protocol.ts';

/** Jobs that lie at a worker: one that it works on, and one so that it never waits for us. */
const jobsAtOnce = 2;

export type Job = Extract<ToSampleWorker, { kind: 'block' | 'encode' }>;
export type Result = Extract<FromSampleWorker, { kind: 'block' | 'encoded' }>;

export interface WorkerPoolOptions {
  entry: string | URL;
  count: number;
  spec: SampleSpec;
  truth: boolean;
  /** The next job, or null where there is none at the moment. */
  next: () => Job | null;
  /** What a job gave. The worker's next job waits for the promise. */
  done: (result: Result) => Promise<void>;
}

export class SampleWorkers {
  readonly #options: WorkerPoolOptions;
  readonly #children = new Map<ChildProcess, { ready: boolean; jobs: number }>();
  readonly #fail: (error: unknown) => void;
  /** Rejects at the first failure of any worker or of `done`; never resolves. */
  readonly failed: Promise<never>;
  #stopped = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#fail = reject;
    for (let i = 0; i < options.count; i++) this.#start();
  }

  /** Gives jobs to the workers that have room; to be called whenever a new job may be there. */
  wake(): void {
    for (const [child, state] of this.#children) {
      while (state.ready && state.jobs < jobsAtOnce) {
        const job = this.#options.next();
        if (job === null) return;
        state.jobs++;
        child.send(job);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const child of this.#children.keys()) child.kill('SIGKILL');
    this.#children.clear();
  }

  #start(): void {
    const child = fork(this.#options.entry, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const state = { ready: false, jobs: 0 };
    this.#children.set(child, state);
    child.on('error', (error) => this.#fail(error));
    child.on('exit', (code, signal) => {
      if (this.#stopped) return;
      this.#fail(
        new GigatileError(
          'worker-crashed',
          `A worker that makes the sample ended with ${signal ?? `exit code ${code}`}`,
          { hint: 'Free some memory, or make a smaller sample.' },
        ),
      );
    });
    child.on('message', (message: FromSampleWorker) => {
      if (message.kind === 'failed') {
        this.#fail(GigatileError.fromPlain(message.error));
      } else if (message.kind === 'ready') {
        state.ready = true;
        this.wake();
      } else {
        this.#options.done(message).then(
          () => {
            state.jobs--;
            this.wake();
          },
          (error: unknown) => this.#fail(error),
        );
      }
    });
    const init: ToSampleWorker = { kind: 'init', spec: this.#options.spec, truth: this.#options.truth };
    child.send(init);
  }
}
