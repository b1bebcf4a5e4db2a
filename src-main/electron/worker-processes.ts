/**
 * The workers that main forks for the engine: only main can fork. Each gets a port to the engine, so that no result passes
 * through main; what main reports is that a worker has started and how it ended.
 */
import {
  MessageChannelMain,
  utilityProcess,
  type Details,
  type MessagePortMain,
  type UtilityProcess,
} from 'electron';
import type { WorkerKind } from '../core/worker-host.ts';
import type { ToEngine } from './engine-messages.ts';

interface Worker {
  child: UtilityProcess;
  name: string;
  /** From `child-process-gone`, where it came before `exit`. */
  reason: string | null;
  /** From `exit`, while the reason is still awaited. */
  exitCode: number | null;
}

/** `exit` and `child-process-gone` come in no fixed order: so long is the reason awaited after an exit. */
const reasonPatienceMs = 250;

/** Names are unique over the application's life: `child-process-gone` tells processes apart by nothing else. */
let namesGiven = 0;

export class WorkerProcesses {
  readonly #entries: Record<WorkerKind, string>;
  readonly #toEngine: (message: ToEngine, ports?: MessagePortMain[]) => void;
  readonly #workers = new Map<number, Worker>();

  constructor(
    entries: Record<WorkerKind, string>,
    toEngine: (message: ToEngine, ports?: MessagePortMain[]) => void,
  ) {
    this.#entries = entries;
    this.#toEngine = toEngine;
  }

  fork(id: number, kind: WorkerKind): void {
    const name = `Gigatile ${kind} worker ${++namesGiven}`;
    const child = utilityProcess.fork(this.#entries[kind], [], { serviceName: name });
    const worker: Worker = { child, name, reason: null, exitCode: null };
    this.#workers.set(id, worker);

    const channel = new MessageChannelMain();
    child.postMessage({ kind: 'port', from: 'engine' }, [channel.port1]);
    this.#toEngine({ kind: 'worker-started', worker: id }, [channel.port2]);
    child.on('spawn', () => this.#toEngine({ kind: 'worker-spawned', worker: id, pid: child.pid }));
    child.on('exit', (code) => {
      worker.exitCode = code;
      if (worker.reason !== null) this.#ended(id, worker);
      else setTimeout(() => this.#ended(id, worker), reasonPatienceMs);
    });
  }

  kill(id: number): void {
    this.#workers.get(id)?.child.kill();
  }

  killAll(): void {
    for (const { child } of this.#workers.values()) child.kill();
  }

  /** To be called for each `child-process-gone` of the application. */
  onChildGone(details: Pick<Details, 'name' | 'reason'>): void {
    for (const [id, worker] of this.#workers) {
      if (worker.name !== details.name) continue;
      worker.reason = details.reason;
      if (worker.exitCode !== null) this.#ended(id, worker);
    }
  }

  #ended(id: number, worker: Worker): void {
    if (!this.#workers.delete(id)) return; // already reported, when the reason came
    // Killed, crashed, out of memory: there is no exit code of its own choice, as with a signal elsewhere.
    const chosen =
      worker.reason === null || worker.reason === 'clean-exit' || worker.reason === 'abnormal-exit';
    this.#toEngine({
      kind: 'worker-exit',
      worker: id,
      code: chosen ? worker.exitCode : null,
      signal: chosen ? null : worker.reason,
    });
  }
}
