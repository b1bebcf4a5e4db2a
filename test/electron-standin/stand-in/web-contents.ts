/** `webContents` and its main frame: loading, the navigation events, the window-open handler, and messages. */
import { EventEmitter } from 'node:events';
import type { Page } from 'playwright-core';
import { StandInEvent } from './app.ts';
import { makePage } from './browser.ts';
import type { StandInPort } from './message-port.ts';
import { modelled, NotModelled } from './modelled.ts';
import { electronOriginOf, toElectronUrl, toPageUrl } from './origin.ts';
import { PageBridge, type PreloadListener } from './page-bridge.ts';
import { standInIpcMain } from './small-modules.ts';

type WindowOpenHandler = (details: { url: string }) => { action: string };

let idsGiven = 0;

export class StandInWebContents extends EventEmitter implements PreloadListener {
  readonly id = ++idsGiven;
  readonly #page: Promise<Page>;
  readonly #onFirstPaint: () => void;
  #bridge: PageBridge | null = null;
  /** What main itself loads: no event is emitted for it. */
  #loading: string | null = null;
  #url = '';
  #windowOpenHandler: WindowOpenHandler | null = null;
  readonly #mainFrame: object;

  constructor(preload: string, onFirstPaint: () => void) {
    super();
    this.#onFirstPaint = onFirstPaint;
    const url = () => this.#url;
    this.#mainFrame = modelled('webFrameMain', {
      parent: null,
      get url() {
        return url();
      },
      get origin() {
        return electronOriginOf(toPageUrl(url()));
      },
      postMessage: (channel: string, message: unknown, transfer: StandInPort[] = []) =>
        this.#bridge?.send(channel, [message], transfer),
    });
    this.#page = this.#open(preload);
  }

  get mainFrame(): object {
    return this.#mainFrame;
  }

  getURL(): string {
    return this.#url;
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#windowOpenHandler = handler;
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#page;
    this.#loading = url;
    const response = await page.goto(toPageUrl(url));
    this.#loading = null;
    if (response?.ok() !== true) throw new Error(`ERR_FAILED (-2) loading '${url}'`);
    this.emit('did-finish-load');
    this.#onFirstPaint();
  }

  /** The page's process dies: its document, its ports and its memory are gone. */
  forcefullyCrashRenderer(): void {
    void this.#page.then(async (page) => {
      this.#bridge?.end();
      this.#loading = 'about:blank';
      await page.goto('about:blank');
      this.#loading = null;
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    });
  }

  destroy(): void {
    this.#bridge?.end();
    // The browser may be gone before the page is: both is fine.
    void this.#page.then((page) => page.close()).catch(() => undefined);
    this.emit('destroyed');
  }

  onDocument(url: string): void {
    this.#url = toElectronUrl(url);
  }

  onSend(channel: string, given: unknown[]): void {
    standInIpcMain.emit(channel, this.#ipcEvent(), ...given);
  }

  async onInvoke(channel: string, given: unknown[]): Promise<unknown> {
    const handler = standInIpcMain.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return handler(this.#ipcEvent(), ...given);
  }

  #ipcEvent(): object {
    return modelled('ipc event', { sender: this, senderFrame: this.#mainFrame });
  }

  async #open(preload: string): Promise<Page> {
    const page = await makePage((url, isMainFrame) => this.#mayNavigate(url, isMainFrame));
    this.#bridge = await PageBridge.install(page, preload, this);
    this.#bridge.session.on('Page.windowOpen', ({ url }) => {
      const answer = this.#windowOpenHandler?.({ url: toElectronUrl(url) });
      if (answer?.action !== 'deny') throw new NotModelled('windows that a page opens');
    });
    return page;
  }

  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    if (isMainFrame && url === this.#loading) return true;
    const event = Object.assign(new StandInEvent(), { url, isMainFrame, frame: this.#mainFrame });
    this.emit('will-frame-navigate', event);
    if (isMainFrame && !event.defaultPrevented) this.emit('will-navigate', event);
    return !event.defaultPrevented;
  }
}
