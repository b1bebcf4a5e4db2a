/** The test's line into the main process, as Playwright's `electronApplication.evaluate` is for the real one. */
export interface Evaluate {
  id: number;
  /** Text of a function of (electron, argument). */
  source: string;
  argument: unknown;
}

export type FromApplication =
  | { kind: 'evaluated'; id: number; value: unknown }
  | { kind: 'evaluation-failed'; id: number; message: string }
  /** The browser's address for Playwright's connectOverCDP. */
  | { kind: 'browser'; endpoint: string }
  /** From the page's console, from its first line on. */
  | { kind: 'console'; type: string; text: string };

const send = process.send?.bind(process);
// The application must not find a channel that Electron does not give it.
Object.defineProperty(process, 'send', { value: undefined });

export function tellDriver(message: FromApplication): void {
  send?.(message, undefined, undefined, () => undefined);
}

export function listenToDriver(electron: object): void {
  process.on('message', (message: Evaluate) => void evaluate(electron, message));
  // Without its test nobody would end this application.
  process.on('disconnect', () => process.exit(1));
}

async function evaluate(electron: object, { id, source, argument }: Evaluate): Promise<void> {
  try {
    // oxlint-disable-next-line no-eval -- the test's own function, sent as text
    const run = (0, eval)(`(${source})`) as (electron: object, argument: unknown) => unknown;
    tellDriver({ kind: 'evaluated', id, value: await run(electron, argument) });
  } catch (error) {
    tellDriver({
      kind: 'evaluation-failed',
      id,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}
