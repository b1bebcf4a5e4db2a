/** Files that come in while the application runs, handed to whichever screen listens. */
export class OpenRequests {
  readonly #waiting: string[] = [];
  #wake: (() => void) | null = null;

  add(fileId: string): void {
    this.#waiting.push(fileId);
    this.#wake?.();
  }

  async *follow(signal?: AbortSignal): AsyncGenerator<{ fileId: string }, void> {
    const abort = (): void => this.#wake?.();
    signal?.addEventListener('abort', abort);
    try {
      for (;;) {
        if (signal?.aborted) return;
        const fileId = this.#waiting.shift();
        if (fileId !== undefined) {
          yield { fileId };
          continue;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}
