/** Bytes over a port: `{id, path}` in, `{id, status, type, body}` out; `{id, cancel: true}` takes a request back. */
import type { MessagePortMain } from 'electron';
import type { BytesAnswer } from '../contract/bytes.ts';

type BytesPort = Pick<MessagePortMain, 'postMessage' | 'start'> & {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

/** Byte paths are never longer (contract/bytes.ts). */
const longestPath = 2000;

/** The page is not trusted to send what it should: everything else is dropped. */
function readRequest(data: unknown): { id: number; path: string | null } | null {
  if (typeof data !== 'object' || data === null || !('id' in data) || typeof data.id !== 'number')
    return null;
  if ('cancel' in data && data.cancel === true) return { id: data.id, path: null };
  if (!('path' in data) || typeof data.path !== 'string' || data.path.length > longestPath) return null;
  return { id: data.id, path: data.path };
}

/** Posting a view copies the whole buffer below it, which may be a pool of many tiles. */
function compact(body: Uint8Array): Uint8Array {
  return body.byteLength === body.buffer.byteLength ? body : body.slice();
}

/** Answers requests until the port closes; a closed port takes back all of them. */
export function serveBytes(
  port: BytesPort,
  bytes: (path: string, signal: AbortSignal) => Promise<BytesAnswer>,
): void {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, path: string): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const { status, type, body } = await bytes(path, controller.signal);
    if (running.get(id) === controller) running.delete(id);
    if (!controller.signal.aborted) port.postMessage({ id, status, type, body: compact(body) });
  };

  port.on('message', ({ data }) => {
    const request = readRequest(data);
    if (request === null) return;
    if (request.path !== null) {
      if (!running.has(request.id)) void answer(request.id, request.path);
      return;
    }
    running.get(request.id)?.abort();
    running.delete(request.id);
  });
  port.on('close', () => {
    for (const controller of running.values()) controller.abort();
    running.clear();
  });
  port.start();
}
