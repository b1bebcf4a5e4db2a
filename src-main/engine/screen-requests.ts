/** What the shell wants of its screens (a file to open, a command to run), kept until the screen that it is for listens. */
import type { ScreenRequest } from '../contract/screen.ts';

/** For whichever screen listens first: shells that don't tell screens apart. */
const anyScreen = '';

export class ScreenRequests {
  readonly #waiting = new Map<string, ScreenRequest[]>();
  /** Of each that listens, its screen. */
  readonly #listeners = new Map<() => void, string>();

  add(request: ScreenRequest, screen = anyScreen): void {
    const waiting = this.#waiting.get(screen);
    if (waiting === undefined) this.#waiting.set(screen, [request]);
    else waiting.push(request);
    for (const wake of this.#listeners.keys()) wake();
  }

  /** For all screens that listen now. */
  addForAll(request: ScreenRequest): void {
    for (const screen of new Set(this.#listeners.values())) this.add(request, screen);
  }

  /** The requests for a screen from now on, those that wait included. Ends with the signal. */
  async *follow(screen = anyScreen, signal?: AbortSignal): AsyncGenerator<ScreenRequest, void> {
    let wake = (): void => undefined;
    const onWake = (): void => wake();
    this.#listeners.set(onWake, screen);
    signal?.addEventListener('abort', onWake);
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        const request = this.#take(screen) ?? this.#take(anyScreen);
        if (request !== undefined) yield request;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.#listeners.delete(onWake);
      signal?.removeEventListener('abort', onWake);
    }
  }

  #take(screen: string): ScreenRequest | undefined {
    const waiting = this.#waiting.get(screen);
    const request = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(screen);
    return request;
  }
}
