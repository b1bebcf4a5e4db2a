/** Bytes over a MessagePort: `{id, path}` out, `{id, status, type, body}` back; `{id, cancel: true}` takes a request back. */
import { errorOfBytes } from './plain-error.ts';
import type { BytesReply } from './connection.ts';

interface PortAnswer {
  id: number;
  status: number;
  type: string;
  body: Uint8Array<ArrayBuffer>;
}

interface Waiting {
  path: string;
  resolve(reply: BytesReply): void;
  reject(error: unknown): void;
}

export class BytesPort {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(port: MessagePort) {
    this.#port = port;
    port.addEventListener('message', (event: MessageEvent<PortAnswer>) => this.#onAnswer(event.data));
    port.start();
  }

  get(path: string, signal?: AbortSignal): Promise<BytesReply> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { promise, resolve, reject } = Promise.withResolvers<BytesReply>();
    const id = this.#nextId++;
    this.#waiting.set(id, { path, resolve, reject });
    this.#send({ id, path });
    if (signal !== undefined) {
      const onAbort = () => {
        if (!this.#waiting.delete(id)) return;
        this.#send({ id, cancel: true });
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const forget = () => signal.removeEventListener('abort', onAbort);
      promise.then(forget, forget);
    }
    return promise;
  }

  #send(message: { id: number; path: string } | { id: number; cancel: true }): void {
    this.#port.postMessage(message, []);
  }

  #onAnswer(answer: PortAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return; // taken back meanwhile
    this.#waiting.delete(answer.id);
    const { buffer, byteOffset, byteLength } = answer.body;
    const data =
      byteOffset === 0 && byteLength === buffer.byteLength
        ? buffer
        : buffer.slice(byteOffset, byteOffset + byteLength);
    if (answer.status === 200) waiting.resolve({ type: answer.type, data });
    else waiting.reject(errorOfBytes(waiting.path, answer.status, data));
  }
}
