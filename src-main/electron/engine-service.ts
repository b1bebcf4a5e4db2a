/** The engine in its own process: builds it when main says so, and serves it on the ports that main hands over. */
import { RPCHandler } from '@orpc/server/message-port';
import type { MessagePortMain } from 'electron';
import { toPlainError } from '../contract/errors.ts';
import type { CodecVerdict } from '../core/worker-host.ts';
import type { Engine, EngineOptions } from '../engine/shell.ts';
import { askedSecrets } from './asked-secrets.ts';
import { serveBytes } from './bytes-port.ts';
import type {
  DesktopQuestion,
  EngineQuestion,
  EngineStart,
  FromEngine,
  ScreenOrder,
  ToEngine,
} from './engine-messages.ts';
import { answerQuestion, Questions } from './questions.ts';
import { onlyCalls } from './rpc-port.ts';
import { UtilityWorkerHost } from './worker-host.ts';

/** Often enough for a taskbar. */
const newsEveryMs = 1000;

export class EngineService {
  readonly #post: (message: FromEngine) => void;
  readonly #create: (options: EngineOptions) => Promise<Engine>;
  readonly #questions: Questions<DesktopQuestion>;
  readonly #host: UtilityWorkerHost;
  readonly #engine = Promise.withResolvers<Engine>();

  constructor(post: (message: FromEngine) => void, create: (options: EngineOptions) => Promise<Engine>) {
    this.#post = post;
    this.#create = create;
    this.#questions = new Questions(post);
    this.#host = new UtilityWorkerHost(
      post,
      // Main is of our own version: its answer is what it says.
      async () => (await this.#questions.ask({ ask: 'test-codecs' })) as CodecVerdict,
    );
  }

  async onMessage(message: ToEngine, ports: MessagePortMain[]): Promise<void> {
    switch (message.kind) {
      case 'start':
        return this.#start(message.start);
      case 'connect':
        return this.#connect(message.screen, ports);
      case 'order':
        return this.#order(message.screen, message.order);
      case 'question':
        return answerQuestion(message.id, () => this.#answer(message.question), this.#post);
      case 'answer':
      case 'answer-failed':
        return this.#questions.onAnswer(message);
      case 'worker-started':
      case 'worker-spawned':
      case 'worker-exit':
        return this.#host.onNews(message, ports);
    }
  }

  async #start(start: EngineStart): Promise<void> {
    try {
      this.#engine.resolve(
        await this.#create({
          host: this.#host,
          shell: {
            kind: 'electron',
            pickFiles: async (kind) => asPaths(await this.#questions.ask({ ask: 'pick-files', kind })),
            pickSavePath: async (suggestedName) =>
              asPath(await this.#questions.ask({ ask: 'pick-save-path', suggestedName })),
            present: (screen, shown) => this.#post({ kind: 'presented', screen, shown }),
            settingsChanged: (settings) => this.#post({ kind: 'settings', settings }),
            secrets: askedSecrets((question) => this.#questions.ask(question)),
          },
          ...start,
        }),
      );
      this.#tellOfRuns(await this.#engine.promise);
    } catch (error) {
      // Everybody who waits for the engine goes on waiting: main ends this process.
      this.#post({ kind: 'failed', error: toPlainError(error) });
    }
  }

  #tellOfRuns(engine: Engine): void {
    const timer = setInterval(() => {
      const news = engine.runNews();
      if (news !== null) this.#post({ kind: 'runs', news });
    }, newsEveryMs);
    timer.unref();
  }

  async #connect(screen: string, [rpc, bytes]: MessagePortMain[]): Promise<void> {
    if (rpc === undefined || bytes === undefined) throw new Error('connect came without its two ports');
    const engine = await this.#engine.promise;
    new RPCHandler(engine.router).upgrade(onlyCalls(rpc), { context: { screen } });
    rpc.start();
    serveBytes(bytes, (path, signal) => engine.bytes(path, signal));
  }

  async #order(screen: string, order: ScreenOrder): Promise<void> {
    const engine = await this.#engine.promise;
    if (order.kind === 'open') engine.requestOpen(order.path, screen, order.after);
    else engine.requestCommand(order.id, screen);
  }

  async #answer(question: EngineQuestion): Promise<unknown> {
    const engine = await this.#engine.promise;
    if (question.ask === 'register') return engine.files.register(question.path);
    if (question.ask === 'active-runs') return engine.activeRuns();
    if (question.ask === 'suspend') return engine.suspend();
    if (question.ask === 'wake') return engine.wake();
    if (question.ask === 'change-settings') return engine.changeSettings(question.change);
    return engine.close();
  }
}

function asPath(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function asPaths(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((path) => typeof path === 'string') : [];
}
