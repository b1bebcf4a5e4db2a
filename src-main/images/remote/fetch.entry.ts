/** Entry of the thread that fetches for the readers of its process: see fetcher.ts. */
import { parentPort } from 'node:worker_threads';
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { PlainError } from '../../contract/errors.ts';
import type { FromFetcher, ToFetcher } from './protocol.ts';
import { sharedHead, sharedState } from './protocol.ts';
import { RangeClient } from './range-client.ts';

const clients = new Map<number, RangeClient>();

function clientOf(file: number): RangeClient {
  const client = clients.get(file);
  if (client === undefined)
    throw new GigatileError('internal', 'The image on the server is not open any more');
  return client;
}

async function perform(request: Exclude<ToFetcher, { kind: 'close' }>): Promise<FromFetcher> {
  const { id, file } = request;
  try {
    if (request.kind === 'open') {
      const { client, head } = await RangeClient.open(request.url, request.head);
      clients.set(file, client);
      return { id, ok: true, size: client.size, bytes: head };
    }
    const client = clientOf(file);
    const bytes = await client.get(request.range, request.shared !== null);
    return { id, ok: true, size: client.size, bytes };
  } catch (error) {
    return { id, ok: false, error: toPlainError(error) };
  }
}

/** Wakes a reader that sleeps. */
function wake(shared: SharedArrayBuffer, answer: FromFetcher): void {
  const bytes = answer.ok ? answer.bytes : errorBytes(answer.error, shared.byteLength - sharedHead);
  new Uint8Array(shared, sharedHead).set(bytes);
  const head = new Int32Array(shared, 0, 2);
  Atomics.store(head, 1, bytes.length);
  Atomics.store(head, 0, answer.ok ? sharedState.bytes : sharedState.error);
  Atomics.notify(head, 0);
}

function errorBytes(error: PlainError, room: number): Uint8Array {
  const whole = Buffer.from(JSON.stringify(error));
  return whole.length <= room
    ? whole
    : Buffer.from(JSON.stringify({ code: error.code, message: error.message.slice(0, 500) }));
}

parentPort?.on('message', (request: ToFetcher) => {
  if (request.kind === 'close') {
    clients.get(request.file)?.close();
    clients.delete(request.file);
    return;
  }
  void perform(request).then((answer) => {
    if (request.kind === 'get' && request.shared !== null) wake(request.shared, answer);
    else parentPort?.postMessage(answer, answer.ok ? [answer.bytes.buffer] : []);
  });
});
