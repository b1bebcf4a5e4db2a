/** An oRPC link whose transport can be replaced while calls wait: what reconnecting needs. */
import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client';

type Inner = ClientLink<ClientContext>;

export class SwitchingLink implements ClientLink<ClientContext> {
  #inner: Promise<Inner>;
  #resolve: ((inner: Inner) => void) | null = null;

  constructor() {
    this.#inner = this.#nextInner();
  }

  /** Calls go through this transport from now on, those that waited included. */
  use(inner: Inner): void {
    if (this.#resolve === null) this.#inner = Promise.resolve(inner);
    else this.#resolve(inner);
    this.#resolve = null;
  }

  /** The transport is gone: calls wait for the next one. */
  drop(): void {
    if (this.#resolve === null) this.#inner = this.#nextInner();
  }

  async call(
    path: readonly string[],
    input: unknown,
    options: ClientOptions<ClientContext>,
  ): Promise<unknown> {
    const inner = await abortable(this.#inner, options.signal);
    return inner.call(path, input, options);
  }

  #nextInner(): Promise<Inner> {
    const { promise, resolve } = Promise.withResolvers<Inner>();
    this.#resolve = resolve;
    return promise;
  }
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
