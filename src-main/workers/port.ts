import { flushCompileCache } from 'node:module';

/**
 * How a worker entry talks to whoever started it, the same in every shell: `process.parentPort` in an Electron utility
 * process, the IPC channel of child_process.fork elsewhere. Electron may also hand over further ports (one per window),
 * in a message `{ kind: 'port' }`; they arrive through `onPort`.
 */
export interface WorkerPort<In, Out> {
  /**
   * Sends plain data. `transfer` holds MessagePorts only: bytes are copied on every transport.
   * After the other side has gone, messages are dropped: there is nobody left to tell.
   */
  post(message: Out, transfer?: readonly object[]): void;
  /** Every message; messages that came before the first listener are kept for it. */
  onMessage(listener: (message: In) => void): void;
  /** The other side has closed the channel (or died). */
  onClose(listener: () => void): void;
}

/** The parent's port, and those that it hands over. */
export interface ParentPort<In, Out> extends WorkerPort<In, Out> {
  /** A further port on which the same requests may come. Never called outside Electron. */
  onPort(listener: (port: WorkerPort<In, Out>) => void): void;
}

/** The part of Electron's MessagePortMain and ParentPort that is used here. */
interface ElectronPort {
  postMessage(message: unknown, transfer?: readonly object[]): void;
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronPort[] }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  /** MessagePortMain queues until started; parentPort has no such method. */
  start?(): void;
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'port';
}

function isFromEngine(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'from' in data && data.from === 'engine';
}

/** Both ends of a channel are ours and of one version: that it is an object is all that is checked here. */
function isMessageFor<In>(_listener: (message: In) => void, data: unknown): data is In {
  return typeof data === 'object' && data !== null && !isPortMessage(data);
}

function isElectronPort(value: unknown): value is ElectronPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}

function fromElectron<In, Out>(port: ElectronPort): WorkerPort<In, Out> {
  return {
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    onMessage(listener) {
      port.on('message', (event) => {
        if (isMessageFor(listener, event.data)) listener(event.data);
      });
      port.start?.();
    },
    onClose: (listener) => void port.on('close', listener),
  };
}

function fromChildProcess<In, Out>(): ParentPort<In, Out> {
  return {
    post(message) {
      // The callback takes the error of a parent that dies while we send; `disconnect` ends this process anyway.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage(listener) {
      process.on('message', (message) => {
        if (isMessageFor(listener, message)) listener(message);
      });
    },
    onClose: (listener) => void process.once('disconnect', listener),
    onPort: () => undefined,
  };
}

/**
 * In Electron main forks, but the engine gives the work: its port comes in `{ kind: 'port', from: 'engine' }` and is the
 * parent's from then on. Main itself says nothing else. What is posted before it comes waits for it.
 */
function fromUtilityProcess<In, Out>(main: ElectronPort): ParentPort<In, Out> {
  let engine: WorkerPort<In, Out> | null = null;
  const setUp: ((engine: WorkerPort<In, Out>) => void)[] = [];
  const portListeners: ((port: WorkerPort<In, Out>) => void)[] = [];
  const withEngine = (use: (engine: WorkerPort<In, Out>) => void): void => {
    if (engine === null) setUp.push(use);
    else use(engine);
  };
  main.on('message', ({ data, ports }) => {
    if (!isPortMessage(data)) return;
    for (const port of ports) {
      const arrived = fromElectron<In, Out>(port);
      if (isFromEngine(data) && engine === null) {
        engine = arrived;
        // A worker whose engine has gone ends itself.
        engine.onClose(() => process.exit(0));
        for (const use of setUp.splice(0)) use(engine);
      } else {
        for (const listener of portListeners) listener(arrived);
      }
    }
  });
  return {
    post: (message, transfer) => withEngine((port) => port.post(message, transfer)),
    onMessage: (listener) => withEngine((port) => port.onMessage(listener)),
    onClose: (listener) => withEngine((port) => port.onClose(listener)),
    onPort: (listener) => void portListeners.push(listener),
  };
}

/** After the first answers are on their way, and before the shortest of lives is over. */
const compiledAfterMs = 200;

/** Workers are ended from outside, and Node keeps what it has compiled for the next start only when it ends by itself. */
function keepCompiled(): void {
  setTimeout(flushCompileCache, compiledAfterMs).unref();
}

/**
 * The port of this worker's parent. A worker whose parent has gone ends itself, so that no process is left behind after a
 * crash or `kill -9` of the application.
 *
 * @throws {Error} where this process was started by hand: a worker entry is of no use without a parent.
 */
export function workerPort<In, Out>(): ParentPort<In, Out> {
  const parent: unknown = Reflect.get(process, 'parentPort');
  if (isElectronPort(parent)) return fromUtilityProcess<In, Out>(parent);
  if (process.send === undefined) {
    throw new Error('This is a worker of Gigatile: it is started by the application, not by hand.');
  }
  process.once('disconnect', () => process.exit(0));
  keepCompiled();
  return fromChildProcess<In, Out>();
}
