/** `app`: the order of events at start and at quit, single instance, paths. */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { modelled, NotModelled } from './modelled.ts';
import { SingleInstance } from './single-instance.ts';

/** What quitting has to ask and to close. */
export interface QuittableWindow {
  /** Asks the page's owner; may be refused. */
  close(): void;
  destroy(): void;
}

export class StandInEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

function userDataOfArguments(): string {
  const prefix = '--user-data-dir=';
  const argument = process.argv.find((text) => text.startsWith(prefix));
  if (argument === undefined) throw new NotModelled('a profile in the home folder: give --user-data-dir=');
  return argument.slice(prefix.length);
}

/** The folder of the package.json above the main bundle. */
function appFolder(): string {
  let folder = dirname(process.argv[1]!);
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error(`no package.json above ${process.argv[1]}`);
    folder = dirname(folder);
  }
  return folder;
}

class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  readonly windows = new Set<QuittableWindow>();
  /** Run before `ready`. */
  readonly preparations: (() => Promise<void>)[] = [];
  /** Run when everything is over. */
  readonly endings: (() => Promise<void> | void)[] = [];
  sandboxEnabled = false;
  readonly recentDocuments: string[] = [];
  hardwareAcceleration = true;
  readonly #ready = Promise.withResolvers<void>();
  readonly #userData = userDataOfArguments();
  #isReady = false;
  #quitting = false;
  #ended = false;
  #singleInstance: SingleInstance | null = null;

  constructor() {
    super();
    // Not before the main bundle has run to its end.
    setImmediate(() => void this.#start());
  }

  isReady(): boolean {
    return this.#isReady;
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxEnabled = true;
  }

  getPath(name: string): string {
    if (name === 'logs') return join(this.#userData, 'logs');
    if (name !== 'userData') throw new NotModelled(`app.getPath('${name}')`);
    return this.#userData;
  }

  getAppPath(): string {
    return appFolder();
  }

  getVersion(): string {
    const manifest: unknown = JSON.parse(readFileSync(join(appFolder(), 'package.json'), 'utf8'));
    return String((manifest as { version: unknown }).version);
  }

  addRecentDocument(path: string): void {
    this.recentDocuments.push(path);
  }

  disableHardwareAcceleration(): void {
    if (this.#isReady)
      throw new Error('app.disableHardwareAcceleration() can only be called before app is ready');
    this.hardwareAcceleration = false;
  }

  clearRecentDocuments(): void {
    this.recentDocuments.length = 0;
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const onSecond = (argv: string[], workingDirectory: string, data: unknown): void => {
      void this.whenReady().then(() => this.emit('second-instance', {}, argv, workingDirectory, data));
    };
    this.#singleInstance = SingleInstance.take(this.#userData, additionalData ?? null, onSecond);
    return this.#singleInstance !== null;
  }

  quit(): void {
    if (this.#quitting || this.#ended) return;
    const event = new StandInEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.#quitting = true;
    if (this.windows.size === 0) {
      this.#willQuit();
      return;
    }
    for (const window of this.windows) window.close();
  }

  /** A window was asked to close and refused: so ends quitting. */
  onCloseRefused(): void {
    this.#quitting = false;
  }

  onWindowClosed(): void {
    if (this.windows.size > 0 || this.#ended) return;
    if (this.#quitting) this.#willQuit();
    else if (!this.emit('window-all-closed')) this.quit();
  }

  exit(code = 0): void {
    if (this.#ended) return;
    this.#ended = true;
    this.emit('quit', {}, code);
    void this.#end(code);
  }

  #willQuit(): void {
    const event = new StandInEvent();
    this.emit('will-quit', event);
    if (event.defaultPrevented) this.#quitting = false;
    else this.exit(0);
  }

  async #start(): Promise<void> {
    if (this.#ended || this.#quitting) return;
    for (const prepare of this.preparations) await prepare();
    if (this.#ended) return;
    this.#isReady = true;
    this.emit('ready', {}, {});
    this.#ready.resolve();
  }

  async #end(code: number): Promise<void> {
    for (const window of this.windows) window.destroy();
    for (const end of this.endings) await end();
    this.#singleInstance?.release();
    process.exit(code);
  }
}

export const standInApp = new StandInApp();
export const app = modelled<Electron.App>('app', standInApp);

export function assertReady(what: string): void {
  if (!standInApp.isReady()) throw new Error(`${what} cannot be used before app is ready`);
}

export function assertNotReady(what: string): void {
  if (standInApp.isReady()) throw new Error(`${what} should be called before app is ready`);
}
