/**
 * Quitting in order: ask once if runs go on, let the engine leave them resumable, then really quit. One flow for the menu,
 * the closed window, Ctrl+C in the terminal and the system's shutdown.
 */
export interface QuitSteps {
  activeRuns(): Promise<number>;
  confirm(activeRuns: number): Promise<boolean>;
  /** Leaves runs resumable and ends the engine. */
  close(): Promise<void>;
  /** Asks the application to quit: comes back through `onBeforeQuit`. */
  quit(): void;
  /** The engine could not be asked, or closed badly: no reason to keep a person from quitting. */
  failed(error: unknown): void;
}

export class QuitFlow {
  readonly #steps: QuitSteps;
  #state: 'running' | 'asking' | 'ready' = 'running';

  constructor(steps: QuitSteps) {
    this.#steps = steps;
  }

  /** true once everything is closed: windows may go now. */
  get ready(): boolean {
    return this.#state === 'ready';
  }

  onBeforeQuit(event: { preventDefault(): void }): void {
    if (this.#state === 'ready') return;
    event.preventDefault();
    if (this.#state === 'running') void this.#ask();
  }

  /** The last window does not close by itself: quitting asks first. */
  onWindowClose(event: { preventDefault(): void }, isLast: boolean): void {
    if (this.#state === 'ready' || !isLast) return;
    event.preventDefault();
    this.#steps.quit();
  }

  /** For who has asked already, and ends the program by itself afterwards. */
  async closeNow(): Promise<void> {
    this.#state = 'asking';
    await this.#steps.close().catch((error: unknown) => this.#steps.failed(error));
    this.#state = 'ready';
  }

  async #ask(): Promise<void> {
    this.#state = 'asking';
    const activeRuns = await this.#steps.activeRuns().catch((error: unknown) => {
      this.#steps.failed(error);
      return 0;
    });
    if (activeRuns > 0 && !(await this.#steps.confirm(activeRuns))) {
      this.#state = 'running';
      return;
    }
    await this.#steps.close().catch((error: unknown) => this.#steps.failed(error));
    this.#state = 'ready';
    this.#steps.quit();
  }
}
