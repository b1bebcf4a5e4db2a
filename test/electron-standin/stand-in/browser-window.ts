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
    const { x = 80, y = 60, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
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

  #minimized = false;
  #maximized = false;
  #fullScreen = false;
  #title = '';
  #bounds: Electron.Rectangle;

  /** The taskbar is the system's. */
  setProgressBar(_value: number): void {}

  isMinimized(): boolean {
    return this.#minimized;
  }

  restore(): void {
    this.#minimized = false;
  }

  maximize(): void {
    this.#maximized = true;
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  setFullScreen(fullScreen: boolean): void {
    this.#fullScreen = fullScreen;
  }

  isFullScreen(): boolean {
    return this.#fullScreen;
  }

  setTitle(title: string): void {
    this.#title = title;
  }

  getTitle(): string {
    return this.#title;
  }

  getNormalBounds(): Electron.Rectangle {
    return this.#bounds;
  }

  setBounds(bounds: Electron.Rectangle): void {
    this.#bounds = bounds;
  }

  focus(): void {
    // oxlint-disable-next-line typescript/no-this-alias -- which of all windows is in front
    focused = this;
    this.emit('focus');
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

let focused: StandInBrowserWindow | null = null;

const proxies = new Map<StandInBrowserWindow, StandInBrowserWindow>();

function construct(options: BrowserWindowConstructorOptions = {}): StandInBrowserWindow {
  const window = new StandInBrowserWindow(options);
  const proxy = modelled<StandInBrowserWindow>('BrowserWindow', window);
  proxies.set(window, proxy);
  window.on('closed', () => {
    proxies.delete(window);
    if (focused === window) focused = null;
  });
  return proxy;
}

/** Not an arrow function: it is called with `new`. */
function constructor(options?: BrowserWindowConstructorOptions): StandInBrowserWindow {
  return construct(options);
}

export const BrowserWindow = Object.assign(constructor, {
  prototype: StandInBrowserWindow.prototype,
  getAllWindows: () => [...proxies.values()],
  getFocusedWindow: () => (focused === null ? null : (proxies.get(focused) ?? null)),
}) as unknown as typeof Electron.BrowserWindow;
