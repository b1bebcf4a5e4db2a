/** Loaded before the entry of a utility process: gives it `process.parentPort` and takes away what Electron has not. */
import { EventEmitter } from 'node:events';
import { registerHooks } from 'node:module';
import { StandInPort, type PortLink } from './message-port.ts';
import type { FromUtility, ToUtility } from './utility-messages.ts';

const send = process.send?.bind(process);
if (send === undefined) throw new Error('register-utility.ts runs in forked processes only.');
const toMain = (message: FromUtility): void => void send(message, undefined, undefined, () => undefined);

const ports = new Map<number, StandInPort>();
const link: PortLink = {
  post(endpoint, data, transfer) {
    if (transfer.length > 0)
      throw new Error('The Electron stand-in does not model ports sent by a utility process.');
    toMain({ from: 'port', endpoint, data });
  },
  close(endpoint) {
    ports.delete(endpoint);
    toMain({ from: 'port-closed', endpoint });
  },
};

/** Messages wait until somebody listens for them. */
class ParentPort extends EventEmitter {
  #waiting: unknown[] | null = [];

  constructor() {
    super();
    this.on('newListener', (event) => {
      if (event !== 'message' || this.#waiting === null) return;
      const waiting = this.#waiting;
      this.#waiting = null;
      queueMicrotask(() => {
        for (const message of waiting) this.emit('message', message);
      });
    });
  }

  postMessage(data: unknown, ...more: unknown[]): void {
    if (more.length > 0) throw new TypeError('parentPort.postMessage takes a message and nothing else.');
    toMain({ from: 'parent-port', data: structuredClone(data) });
  }

  arrive(message: { data: unknown; ports: StandInPort[] }): void {
    if (this.#waiting === null) this.emit('message', message);
    else this.#waiting.push(message);
  }
}

const parentPort = new ParentPort();
Object.defineProperty(process, 'parentPort', { value: parentPort });
Object.defineProperty(process, 'type', { value: 'utility' });
// A utility process has no IPC channel of Node's kind: what finds one would take it for a child process.
Object.defineProperty(process, 'send', { value: undefined });

process.on('message', (message: ToUtility) => {
  if (message.to === 'parent-port') {
    const arrived = message.ports.map((endpoint) => {
      const port = new StandInPort(link, endpoint);
      ports.set(endpoint, port);
      return port;
    });
    parentPort.arrive({ data: message.data, ports: arrived });
  } else if (message.to === 'port') {
    ports.get(message.endpoint)?.arrive({ kind: 'message', message: { data: message.data, ports: [] } });
  } else {
    ports.get(message.endpoint)?.arrive({ kind: 'close' });
    ports.delete(message.endpoint);
  }
});
// Chromium takes its utility processes with it, however it ends.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') {
      throw new Error('A utility process imports nothing of Electron here: its port is process.parentPort.');
    }
    return next(specifier, context);
  },
});
