import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { BytesAnswer } from '../../../src-main/contract/bytes.ts';
import { serveBytes } from '../../../src-main/electron/bytes-port.ts';

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A Node port that looks like Electron's: messages come wrapped. */
function electronPort(port: MessagePort) {
  return {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
  };
}

function serve(bytes: (path: string, signal: AbortSignal) => Promise<BytesAnswer>) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serveBytes(electronPort(port1), bytes);
  return port2;
}

const answerOf = (text: string): BytesAnswer => ({
  status: 200,
  type: 'text/plain',
  body: new TextEncoder().encode(text),
});

describe('bytes over a port', () => {
  it('answers each request under its id', async () => {
    const port = serve(async (path) => answerOf(path));
    port.postMessage({ id: 7, path: '/tiles/a/0/0/0' });
    const [answer] = (await once(port, 'message')) as [{ id: number; body: Uint8Array }];
    expect(answer).toMatchObject({ id: 7, status: 200, type: 'text/plain' });
    expect(new TextDecoder().decode(answer.body)).toBe('/tiles/a/0/0/0');
  });

  it('sends the bytes of the answer, not the pool that they lie in', async () => {
    const pool = new Uint8Array(1 << 20).fill(9);
    const port = serve(async () => ({ status: 200, type: 'x/y', body: pool.subarray(100, 110) }));
    port.postMessage({ id: 1, path: '/x' });
    const [answer] = (await once(port, 'message')) as [{ body: Uint8Array }];
    expect(answer.body).toEqual(new Uint8Array(10).fill(9));
    expect(answer.body.buffer.byteLength).toBe(10);
  });

  it('aborts what is taken back, answers nothing to it, and answers the rest', async () => {
    const aborted = Promise.withResolvers<string>();
    const port = serve((path, signal) =>
      path === '/slow'
        ? new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted.resolve(path);
              resolve(answerOf('too late'));
            });
          })
        : Promise.resolve(answerOf(path)),
    );
    const got: unknown[] = [];
    port.on('message', ({ id }: { id: number }) => got.push(id));
    port.postMessage({ id: 1, path: '/slow' });
    port.postMessage({ id: 1, cancel: true });
    expect(await aborted.promise).toBe('/slow');
    port.postMessage({ id: 2, path: '/fast' });
    await once(port, 'message');
    expect(got).toEqual([2]);
  });

  it('aborts everything when the page goes', async () => {
    const aborted = Promise.withResolvers<boolean>();
    const started = Promise.withResolvers<void>();
    const port = serve(
      (_path, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => aborted.resolve(true));
          started.resolve();
        }),
    );
    port.postMessage({ id: 1, path: '/slow' });
    await started.promise;
    port.close();
    expect(await aborted.promise).toBe(true);
  });

  it('drops what is no request', async () => {
    const asked: string[] = [];
    const port = serve(async (path) => {
      asked.push(path);
      return answerOf(path);
    });
    for (const hostile of [null, 1, 'x', [], {}, { id: '1', path: '/a' }, { id: 1 }, { id: 1, path: 5 }]) {
      port.postMessage(hostile);
    }
    port.postMessage({ id: 1, path: `/${'a'.repeat(2000)}` });
    port.postMessage({ id: 2, cancel: true });
    port.postMessage({ id: 3, path: '/fine' });
    await once(port, 'message');
    expect(asked).toEqual(['/fine']);
  });
});
