/** Starts the built application under the stand-in and drives it as a person and as Playwright would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pageOrigin } from './stand-in/origin.ts';
import type { Evaluate, FromApplication } from './stand-in/control.ts';

export const repository = resolve(import.meta.dirname, '../..');
const register = resolve(import.meta.dirname, 'stand-in/register-main.ts');

/** What a test's function gets: the application's `electron`, and what the stand-in has kept. */
export type ApplicationElectron = typeof Electron & {
  standIn: {
    openedExternally: string[];
    sessionHandlers: Map<string, (...given: unknown[]) => unknown>;
    ipcHandlers: Map<string, (event: unknown, ...given: unknown[]) => unknown>;
    notifications: { title: string; body: string; emit(event: string): void }[];
    powerBlockers: Map<number, string>;
    recentDocuments: string[];
    killUtility(serviceName: string): number;
    leaveFocus(): void;
  };
};

export interface LaunchOptions {
  /** Files and switches. */
  args?: string[];
  /** Profile and data; kept when the application ends. */
  userData: string;
  /** Folder of the bundles. */
  out?: string;
  /** Beside this process's own environment. */
  env?: NodeJS.ProcessEnv;
}

export interface ConsoleLine {
  type: string;
  text: string;
}

export class Application {
  readonly userData: string;
  /** All that the page wrote to its console. */
  readonly console: ConsoleLine[] = [];
  /** Settles with the exit code. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #endpoint = Promise.withResolvers<string>();
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #errors = '';
  #browser: Browser | null = null;
  #nextId = 1;

  constructor(options: LaunchOptions) {
    this.userData = options.userData;
    const main = join(options.out ?? join(repository, 'out'), 'main/main.js');
    if (!existsSync(main)) throw new Error(`${main} is not there: run \`npm run build\` first.`);
    this.#child = spawn(
      process.execPath,
      ['--import', register, main, `--user-data-dir=${options.userData}`, ...(options.args ?? [])],
      {
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
        cwd: repository,
        env: { ...cleanEnvironment(), ...options.env },
      },
    );
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#child.on('message', (message: FromApplication) => this.#onMessage(message));
    this.exited = new Promise((resolve) => {
      this.#child.on('exit', (code) => {
        const error = new Error(`The application has ended (${code}).\n${this.#errors}`);
        this.#endpoint.reject(error);
        for (const call of this.#waiting.values()) call.reject(error);
        this.#waiting.clear();
        resolve(code);
      });
    });
    this.#endpoint.promise.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What main and its processes wrote to stderr. */
  get errors(): string {
    return this.#errors;
  }

  /** Runs a function in the main process; it sees nothing of the test's but its argument. */
  async evaluate<Argument, Value>(
    run: (electron: ApplicationElectron, argument: Argument) => Value | Promise<Value>,
    argument?: Argument,
  ): Promise<Value> {
    const id = this.#nextId++;
    const message: Evaluate = { id, source: run.toString(), argument };
    return new Promise<unknown>((resolve, reject) => {
      if (!this.#child.connected) throw new Error(`The application has ended.\n${this.#errors}`);
      this.#waiting.set(id, { resolve, reject });
      this.#child.send(message);
    }) as Promise<Value>;
  }

  /** The application's page, once it is there; the first one where there are several. */
  async window(): Promise<Page> {
    this.#browser ??= await chromium.connectOverCDP(await this.#endpoint.promise);
    const context = this.#browser.contexts()[0]!;
    const ours = (page: Page) => page.url().startsWith(pageOrigin);
    for (;;) {
      const page = context.pages().find(ours);
      if (page !== undefined) return page;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks it to quit, as the menu does. */
  async quit(): Promise<number | null> {
    await this.evaluate(({ app }) => setImmediate(() => app.quit()) && null);
    return this.exited;
  }

  /** For the end of a test: ends it at once, whatever state it is in. */
  async kill(): Promise<void> {
    await this.#browser?.close().catch(() => undefined);
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.exited;
  }

  #onMessage(message: FromApplication): void {
    switch (message.kind) {
      case 'browser':
        this.#endpoint.resolve(message.endpoint);
        break;
      case 'console':
        this.console.push({ type: message.type, text: message.text });
        break;
      case 'evaluated':
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        break;
      case 'evaluation-failed':
        this.#waiting.get(message.id)?.reject(new Error(message.message));
        this.#waiting.delete(message.id);
        break;
    }
  }
}

/** Vitest's own settings are no business of the application's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _env, ...rest } = process.env;
  return rest;
}

/** A fresh profile below the system's temporary folder. */
export async function makeUserData(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gigatile-stand-in-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
