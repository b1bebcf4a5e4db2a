/** `utilityProcess`: a forked Node process whose `process.parentPort` is set up by register-utility.ts. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import type { ForkOptions } from 'electron';
import { standInApp } from './app.ts';
import type { StandInPort } from './message-port.ts';
import { modelled, NotModelled } from './modelled.ts';
import { portHub, type Place } from './port-hub.ts';
import type { FromUtility, ToUtility } from './utility-messages.ts';

const setup = new URL('./register-utility-process.ts', import.meta.url).href;
const running = new Set<ChildProcess>();

export class StandInUtilityProcess extends EventEmitter implements Place {
  readonly #child: ChildProcess;
  readonly #name: string;
  #pid: number | undefined;

  constructor(modulePath: string, args: string[], options: ForkOptions) {
    super();
    if (!standInApp.isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    for (const option of Object.keys(options)) {
      if (option !== 'serviceName') throw new NotModelled(`utilityProcess.fork's option ${option}`);
    }
    this.#name = options.serviceName ?? 'Node Utility Process';
    this.#child = fork(modulePath, args, { serialization: 'advanced', execArgv: ['--import', setup] });
    running.add(this.#child);
    this.#child.on('spawn', () => {
      this.#pid = this.#child.pid;
      standInApp.processes.set(this.#child.pid!, this.#name);
      this.emit('spawn');
    });
    this.#child.on('message', (message) => this.#onMessage(message as FromUtility));
    this.#child.on('exit', (code, signal) => this.#onExit(code, signal));
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  postMessage(data: unknown, transfer: StandInPort[] = []): void {
    portHub.transfer(transfer, this, (ports) => {
      this.#send({ to: 'parent-port', data: structuredClone(data), ports });
    });
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }

  message(endpoint: number, data: unknown): void {
    this.#send({ to: 'port', endpoint, data });
  }

  closed(endpoint: number): void {
    this.#send({ to: 'port-closed', endpoint });
  }

  /** Electron drops what is sent to a process that has gone. */
  #send(message: ToUtility): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #onMessage(message: FromUtility): void {
    if (message.from === 'parent-port') this.emit('message', message.data);
    else if (message.from === 'port') portHub.post(message.endpoint, message.data);
    else portHub.close(message.endpoint);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    running.delete(this.#child);
    standInApp.processes.delete(this.#child.pid!);
    this.#pid = undefined;
    portHub.closeAllAt(this);
    const exitCode = code ?? (signal === null ? 0 : constants.signals[signal]);
    this.emit('exit', exitCode);
    if (exitCode === 0) return;
    // Electron promises no order; the harder one is the reason coming last.
    const reason =
      signal === null ? 'abnormal-exit' : signal === 'SIGTERM' || signal === 'SIGKILL' ? 'killed' : 'crashed';
    setImmediate(() => {
      standInApp.emit('child-process-gone', {}, { type: 'Utility', reason, exitCode, name: this.#name });
    });
  }
}

/** Chromium takes its utility processes with it. */
export function killUtilityProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

export const utilityProcess = modelled<typeof Electron.utilityProcess>('utilityProcess', {
  fork: (modulePath: string, args: string[] = [], options: ForkOptions = {}) =>
    modelled<StandInUtilityProcess>('UtilityProcess', new StandInUtilityProcess(modulePath, args, options)),
});
