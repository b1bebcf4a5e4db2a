/** `app`: the order of events at start and at quit, single instance, paths. */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  readonly windows = new Set<QuittableWindow>();
  /** Run before `ready`. */
  readonly preparations: (() => Promise<void>)[] = [];
  /** Run when everything is over. */
  readonly endings: (() => Promise<void> | void)[] = [];
  /** Utility processes, by their ids. */
  readonly processes = new Map<number, string>();
  /** The application's, with its package.json. */
  folder = '';
  sandboxEnabled = false;
  /** Chromium's own switches: this one is started by Playwright, which gives its own. */
  readonly commandLine = modelled<Electron.CommandLine>('app.commandLine', { appendSwitch: () => undefined });
  readonly #ready = Promise.withResolvers<void>();
  readonly #paths = new Map<string, string>();
  #isReady = false;
  #quitting = false;
  #ended = false;
  #singleInstance: SingleInstance | null = null;

  /** Once the main bundle has run to its end. */
  start(): void {
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
    const path = this.#paths.get(name);
    if (path === undefined) throw new NotModelled(`app.getPath('${name}') where none was set`);
    return path;
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist`);
    this.#paths.set(name, path);
  }

  getAppPath(): string {
    return this.folder;
  }

  getAppMetrics(): Pick<Electron.ProcessMetric, 'pid' | 'type' | 'name'>[] {
    return [...this.processes].map(([pid, name]) => ({ pid, type: 'Utility', name }));
  }

  getVersion(): string {
    const manifest: unknown = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8'));
    return String((manifest as { version: unknown }).version);
  }

  addRecentDocument(): void {
    throw new NotModelled("the system's list of recent documents");
  }

  disableHardwareAcceleration(): void {
    if (this.#isReady)
      throw new Error('app.disableHardwareAcceleration() can only be called before app is ready');
  }

  clearRecentDocuments(): void {
    throw new NotModelled("the system's list of recent documents");
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const onSecond = (argv: string[], workingDirectory: string, data: unknown): void => {
      void this.whenReady().then(() => this.emit('second-instance', {}, argv, workingDirectory, data));
    };
    this.#singleInstance = SingleInstance.take(this.getPath('userData'), additionalData ?? null, onSecond);
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
