/** The built application as a test sees it, started through Playwright: by Electron where there is one, by its stand-in elsewhere. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { _electron, chromium, type Browser, type ElectronApplication, type Page } from 'playwright-core';
import { findElectron } from './find-electron.ts';
import type { Seen } from './seen.ts';
import { electronOrigin, pageOrigin } from './stand-in/origin.ts';

export const repository = resolve(import.meta.dirname, '../..');
const watch = resolve(import.meta.dirname, 'watch.cjs');
const standIn = resolve(import.meta.dirname, 'stand-in/electron.sh');
/** Holds `ready` back until the test listens. Not among the package's exports. */
const playwrightLoader = join(repository, 'node_modules/playwright-core/lib/server/electron/loader.js');

const electron = findElectron(process.env, repository);
const executablePath = electron ?? standIn;
/** For the few tests that play what only a stand-in can. */
export const onStandIn = electron === null;
if (electron !== null) {
  console.warn(
    `The desktop runs on ${electron}; tests of what only its stand-in can play are skipped (README.md here).`,
  );
}
/** Where the screens live: a Chromium that is not Electron's knows no `app://`. */
export const screensOrigin = onStandIn ? pageOrigin : electronOrigin;

const saidByDebuggers =
  /^(Debugger (listening|attached|ending)|For help, see|DevTools listening|Waiting for the debugger)/;
const saidByChromium = /^\[\d+:\d+\/[\d.:]+:(INFO|WARNING|ERROR):/;

/** What a test's function gets: the application's `electron`, and what was seen of what it did. */
export type ApplicationElectron = typeof Electron & { seen: Seen };

export interface LaunchOptions {
  /** Files and switches. */
  args?: string[];
  /** Profile and data; kept when the application ends. */
  userData: string;
  /** Beside this process's own environment. */
  env?: NodeJS.ProcessEnv;
}

export interface ConsoleLine {
  type: string;
  text: string;
}

export class Application {
  readonly userData: string;
  /** All that the pages wrote to their consoles. */
  readonly console: ConsoleLine[] = [];
  /** Settles with the exit code. */
  readonly exited: Promise<number | null>;
  readonly #started: Promise<{ app: ElectronApplication; child: ChildProcess }>;
  #errors = '';
  #afterCrash: Browser | null = null;

  constructor(options: LaunchOptions) {
    this.userData = options.userData;
    this.#started = this.#start(options);
    this.exited = this.#started.then(({ child }) => exitOf(child));
    // Whoever waits for it is told; nobody may be.
    this.exited.catch(() => undefined);
  }

  /** What main and its processes wrote to stderr, without what debuggers and Chromium itself say there. */
  get errors(): string {
    return this.#errors
      .split('\n')
      .filter(
        (line) => line !== '' && !saidByDebuggers.test(line) && (onStandIn || !saidByChromium.test(line)),
      )
      .join('\n');
  }

  /** Runs a function in the main process; it sees nothing of the test's but its argument. */
  async evaluate<Argument, Value>(
    run: (electron: ApplicationElectron, argument: Argument) => Value | Promise<Value>,
    argument?: Argument,
  ): Promise<Value> {
    const { app } = await this.#started;
    const given = { source: run.toString(), argument };
    return app.evaluate((electron, { source, argument }): unknown => {
      // oxlint-disable-next-line no-eval -- the test's own function, sent as text
      const run = (0, eval)(`(${source})`) as (electron: object, argument: unknown) => unknown;
      const { gigatileSeen } = globalThis as unknown as { gigatileSeen: object };
      return run(Object.create(electron, { seen: { value: gigatileSeen } }) as object, argument);
    }, given) as Promise<Value>;
  }

  /** The application's page, once it is there; the first one where there are several. */
  async window(): Promise<Page> {
    const { app, child } = await this.#started;
    const pages = () => this.#afterCrash?.contexts()[0]!.pages() ?? app.windows();
    for (;;) {
      const page = pages().find((page) => page.url().startsWith(screensOrigin));
      if (page !== undefined) return page;
      if (child.exitCode !== null) throw new Error(`The application has ended.\n${this.errors}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The first window's page dies, by its process. What `window` gave before is of no use any more. */
  async crashPage(): Promise<void> {
    await this.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer();
    });
    // For Playwright a page that has crashed stays so, whatever is loaded into it: another line to the browser knows nothing of it.
    await this.#afterCrash?.close();
    const [port, path] = readFileSync(join(this.userData, 'DevToolsActivePort'), 'utf8').split('\n');
    this.#afterCrash = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${path}`);
  }

  /** Asks it to quit, as the menu does. */
  async quit(): Promise<number | null> {
    await this.evaluate(({ app }) => setImmediate(() => app.quit()) && null);
    return this.exited;
  }

  /** For the end of a test: ends it at once, whatever state it is in. */
  async kill(): Promise<void> {
    const started = await this.#started.catch(() => null);
    if (started === null) return; // it never ran, and who started it was told
    await this.#afterCrash?.close().catch(() => undefined);
    const { child } = started;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await this.exited;
  }

  async #start(options: LaunchOptions): Promise<{ app: ElectronApplication; child: ChildProcess }> {
    const app = await _electron.launch({
      executablePath,
      args: argumentsFor(options),
      cwd: repository,
      env: environmentFor({
        ...options,
        env: { ...options.env, GIGATILE_TEST_PLAYWRIGHT: playwrightLoader },
      }),
    });
    // What was written before is lost: Playwright has read it.
    // Not to be had any more once it has ended.
    const child = app.process();
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    const context = app.context();
    context.on('console', (message) => this.console.push({ type: message.type(), text: message.text() }));
    context.on('weberror', (error) => this.console.push({ type: 'pageerror', text: String(error.error()) }));
    return { app, child };
  }
}

/** Starts it once more beside one that runs: it hands over its files and ends. Its exit code. */
export async function startSecond(options: LaunchOptions): Promise<number | null> {
  const child = spawn(executablePath, argumentsFor(options), {
    cwd: repository,
    env: environmentFor(options),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.on('error', (error) => {
    throw error;
  });
  return exitOf(child);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** As `electron -r watch.cjs . <files>`. */
function argumentsFor(options: LaunchOptions): string[] {
  const main = join(repository, 'out/main/main.js');
  if (!existsSync(main)) throw new Error(`${main} is not there: run \`npm run build\` first.`);
  return ['-r', watch, repository, ...(options.args ?? [])];
}

/** Vitest's own settings are no business of the application's. */
function environmentFor(options: LaunchOptions): Record<string, string> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _env, ...rest } = process.env;
  const environment = {
    ...rest,
    ...options.env,
    GIGATILE_TEST_PROFILE: options.userData,
    GIGATILE_TEST_NODE: process.execPath,
  };
  return Object.fromEntries(
    Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
