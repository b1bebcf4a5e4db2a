/**
 * Runs a preload in a page's isolated world, and carries what it says and hears: `Runtime.addBinding` from the page,
 * `Runtime.evaluate` to it. Only the top frame has a preload, as in Electron.
 */
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import type { StandInPort } from './message-port.ts';
import { NotModelled } from './modelled.ts';
import { portHub, type Place } from './port-hub.ts';
import { decodeWire, encodeWire, type Wire } from './wire.ts';

const worldName = 'electron-preload';

export interface PreloadListener {
  /** A new document: ports of the one before are closed. */
  onDocument(url: string): void;
  onSend(channel: string, given: unknown[]): void;
  onInvoke(channel: string, given: unknown[]): Promise<unknown>;
}

type FromPage =
  | { kind: 'document'; url: string }
  | { kind: 'send'; channel: string; given: Wire }
  | { kind: 'invoke'; id: number; channel: string; given: Wire }
  | { kind: 'path-of-file'; id: number }
  | { kind: 'port'; endpoint: number; data: Wire }
  | { kind: 'port-closed'; endpoint: number };

type ToPage =
  | { kind: 'event'; channel: string; given: Wire; ports: number[] }
  | { kind: 'answer'; id: number; value: Wire }
  | { kind: 'answer-failed'; id: number; message: string }
  | { kind: 'port'; endpoint: number; data: Wire }
  | { kind: 'port-closed'; endpoint: number };

const text = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

/** The preload's code as a sandboxed one is run: a CommonJS module that can require `electron` and nothing else. */
function preloadSource(preload: string): string {
  return text('preload-world.js')
    .replace('/* encodeWire */', encodeWire.toString())
    .replace('/* decodeWire */', decodeWire.toString())
    .replace('/* preload */', () => readFileSync(preload, 'utf8'));
}

export class PageBridge implements Place {
  readonly #session: CDPSession;
  readonly #listener: PreloadListener;
  /**
   * The isolated worlds of the main frame, oldest first. The last one is the present document's; a navigation that is refused
   * has a world for a moment too, and takes it along when it goes.
   */
  readonly #worlds: number[] = [];

  private constructor(session: CDPSession, listener: PreloadListener) {
    this.#session = session;
    this.#listener = listener;
  }

  /** To be called before the page loads anything. */
  static async install(page: Page, preload: string, listener: PreloadListener): Promise<PageBridge> {
    const session = await page.context().newCDPSession(page);
    const bridge = new PageBridge(session, listener);
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { frameId?: string };
      if (context.name === worldName && frameId === bridge.#mainFrameId) bridge.#worlds.push(context.id);
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      const at = bridge.#worlds.indexOf(executionContextId);
      if (at >= 0) bridge.#worlds.splice(at, 1);
    });
    session.on('Runtime.executionContextsCleared', () => {
      bridge.#worlds.length = 0;
    });
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== '__standIn' || executionContextId !== bridge.#world()) return;
      bridge.#onMessage(JSON.parse(payload) as FromPage);
    });
    const { frameTree } = await session.send('Page.getFrameTree');
    bridge.#mainFrameId = frameTree.frame.id;
    await session.send('Page.enable');
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: '__standIn', executionContextName: worldName });
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: text('main-world.js') });
    await session.send('Page.addScriptToEvaluateOnNewDocument', {
      source: preloadSource(preload),
      worldName,
    });
    return bridge;
  }

  #mainFrameId = '';

  #world(): number | null {
    return this.#worlds.at(-1) ?? null;
  }

  get session(): CDPSession {
    return this.#session;
  }

  /** `webContents.postMessage`: an event for ipcRenderer, with ports. */
  send(channel: string, given: unknown[], ports: StandInPort[]): void {
    portHub.transfer(ports, this, (endpoints) => {
      this.#toPage({ kind: 'event', channel, given: encodeWire(given), ports: endpoints });
    });
  }

  message(endpoint: number, data: unknown): void {
    this.#toPage({ kind: 'port', endpoint, data: encodeWire(data) });
  }

  closed(endpoint: number): void {
    this.#toPage({ kind: 'port-closed', endpoint });
  }

  /** The page has gone. */
  end(): void {
    this.#worlds.length = 0;
    portHub.closeAllAt(this);
  }

  #toPage(message: ToPage): void {
    const world = this.#world();
    if (world === null) return;
    this.#session
      .send('Runtime.evaluate', {
        contextId: world,
        expression: `__standInReceive(${JSON.stringify(JSON.stringify(message))})`,
      })
      .then(({ exceptionDetails }) => {
        if (exceptionDetails !== undefined) {
          throw new Error(`${exceptionDetails.text} ${exceptionDetails.exception?.description ?? ''}`);
        }
      })
      .catch((error: unknown) => {
        // The document has gone while the message was on its way: so it is with the real one.
        if (!/context|closed|Target|detached/i.test(String(error))) throw error;
      });
  }

  #onMessage(message: FromPage): void {
    switch (message.kind) {
      case 'document':
        portHub.closeAllAt(this);
        this.#listener.onDocument(message.url);
        break;
      case 'send':
        this.#listener.onSend(message.channel, decodeWire(message.given) as unknown[]);
        break;
      case 'invoke':
        void this.#answer(message.id, () =>
          this.#listener.onInvoke(message.channel, decodeWire(message.given) as unknown[]),
        );
        break;
      case 'path-of-file':
        void this.#answer(message.id, () => this.#pathOfFile(message.id));
        break;
      case 'port':
        portHub.post(message.endpoint, decodeWire(message.data));
        break;
      case 'port-closed':
        portHub.close(message.endpoint);
        break;
    }
  }

  async #answer(id: number, work: () => Promise<unknown>): Promise<void> {
    try {
      this.#toPage({ kind: 'answer', id, value: encodeWire(await work()) });
    } catch (error) {
      this.#toPage({
        kind: 'answer-failed',
        id,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** webUtils.getPathForFile: the browser tells its debugger where a File lies; '' where it is made of memory. */
  async #pathOfFile(id: number): Promise<string> {
    const world = this.#world();
    if (world === null) throw new NotModelled('a file of a page that has gone');
    const { result } = await this.#session.send('Runtime.evaluate', {
      contextId: world,
      expression: `__standInFiles.get(${id})`,
    });
    if (result.objectId === undefined) throw new Error('The page holds no such file.');
    const { path } = await this.#session.send('DOM.getFileInfo', { objectId: result.objectId });
    return path;
  }
}
