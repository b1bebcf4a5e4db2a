/** `BrowserWindow` over a page of a real Chromium, with the events and refusals that the application relies on. */
import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions } from 'electron';
import { assertReady, standInApp, StandInEvent, type QuittableWindow } from './app.ts';
import { modelled, NotModelled } from './modelled.ts';
import { StandInWebContents } from './web-contents.ts';

class StandInBrowserWindow extends EventEmitter implements QuittableWindow {
  readonly webContents: Electron.WebContents;
  /** As they were given, for tests. */
  readonly givenOptions: BrowserWindowConstructorOptions;
  readonly #contents: StandInWebContents;
  #visible: boolean;
  #focused = 0;
  #destroyed = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    assertReady('BrowserWindow');
    const preferences = options.webPreferences ?? {};
    if (
      !standInApp.sandboxEnabled ||
      preferences.sandbox !== true ||
      preferences.contextIsolation !== true ||
      preferences.nodeIntegration === true ||
      preferences.preload === undefined
    ) {
      throw new NotModelled('a window without sandbox, isolation or preload');
    }
    this.givenOptions = options;
    this.#visible = options.show ?? true;
    this.#contents = new StandInWebContents(preferences.preload, () => this.emit('ready-to-show'));
    this.webContents = modelled<Electron.WebContents>('webContents', this.#contents);
    standInApp.windows.add(this);
    standInApp.emit('web-contents-created', {}, this.webContents);
  }

  loadURL(url: string): Promise<void> {
    return this.#contents.loadURL(url);
  }

  show(): void {
    this.#visible = true;
  }

  isVisible(): boolean {
    return this.#visible;
  }

  isMinimized(): boolean {
    return false;
  }

  focus(): void {
    this.#focused++;
  }

  /** How often it was focused, for tests. */
  get timesFocused(): number {
    return this.#focused;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  close(): void {
    if (this.#destroyed) return;
    const event = new StandInEvent();
    this.emit('close', event);
    if (event.defaultPrevented) standInApp.onCloseRefused();
    else this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    standInApp.windows.delete(this);
    this.#contents.destroy();
    this.emit('closed');
    standInApp.onWindowClosed();
  }
}

const proxies = new Map<StandInBrowserWindow, StandInBrowserWindow>();

function construct(options: BrowserWindowConstructorOptions = {}): StandInBrowserWindow {
  const window = new StandInBrowserWindow(options);
  const proxy = modelled<StandInBrowserWindow>('BrowserWindow', window);
  proxies.set(window, proxy);
  window.on('closed', () => proxies.delete(window));
  return proxy;
}

/** Not an arrow function: it is called with `new`. */
function constructor(options?: BrowserWindowConstructorOptions): StandInBrowserWindow {
  return construct(options);
}

export const BrowserWindow = Object.assign(constructor, {
  getAllWindows: () => [...proxies.values()],
}) as unknown as typeof Electron.BrowserWindow;
