/** The engine behind the loopback web server: oRPC over one WebSocket, bytes by fetch; the session cookie signs both. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { GigatileError } from '../../src-main/contract/errors.ts';
import { backoffMs } from './backoff.ts';
import type { Api, Connection, LinkState } from './connection.ts';
import { errorOfBytes } from './plain-error.ts';
import { StateSignal } from './state-signal.ts';
import { SwitchingLink } from './switching-link.ts';

/** @param base the page's own address; the server is reached relative to it. */
export function connectWeb(base: URL): Connection {
  const link = new SwitchingLink();
  const state = new StateSignal<LinkState>('connecting');
  const at = (path: string) => new URL(`.${path}`, base).href;
  const socketUrl = new URL('./rpc', base);
  socketUrl.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  socketUrl.search = '';
  socketUrl.hash = '';

  let closed = false;
  let attempt = 0;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = () => {
    const current = new WebSocket(socketUrl);
    socket = current;
    current.addEventListener('open', () => {
      attempt = 0;
      link.use(new RPCLink({ websocket: current }));
      state.set('open');
    });
    current.addEventListener('close', () => {
      if (closed) return;
      link.drop();
      state.set('reconnecting');
      timer = setTimeout(open, backoffMs(attempt++, Math.random()));
    });
  };
  open();
  // A laptop that wakes up or a network that returns should not sit out a long wait.
  const hurry = () => {
    if (closed || state.value !== 'reconnecting' || socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(timer);
    open();
  };
  window.addEventListener('online', hurry);
  window.addEventListener('focus', hurry);

  return {
    kind: 'web',
    api: createORPCClient<Api>(link),
    onLinkState: (listener) => state.subscribe(listener),
    downloadUrl: (path) => at(path),
    async bytes(path, signal) {
      const answer = await fetch(at(path), signal === undefined ? {} : { signal });
      const data = await answer.arrayBuffer();
      if (!answer.ok) throw errorOfBytes(path, answer.status, data);
      return { type: answer.headers.get('content-type') ?? 'application/octet-stream', data };
    },
    registerDrop: (file, progress, signal) => upload(at('/drop'), file, progress, signal),
    close() {
      closed = true;
      clearTimeout(timer);
      window.removeEventListener('online', hurry);
      window.removeEventListener('focus', hurry);
      socket?.close();
    },
  };
}

/** XMLHttpRequest, because fetch does not report how far an upload is. */
function upload(
  url: string,
  file: File,
  progress: (fraction: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = new XMLHttpRequest();
  request.open('PUT', `${url}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.responseType = 'arraybuffer';
  request.upload.addEventListener('progress', (event) => {
    if (event.lengthComputable) progress(event.loaded / event.total);
  });
  request.addEventListener('load', () => {
    const body = request.response as ArrayBuffer;
    if (request.status !== 200) return reject(errorOfBytes('/drop', request.status, body));
    const answer = JSON.parse(new TextDecoder().decode(body)) as { fileId?: unknown };
    if (typeof answer.fileId === 'string') resolve(answer.fileId);
    else reject(new GigatileError('internal', 'The server took the file, but did not say under what name'));
  });
  request.addEventListener('error', () =>
    reject(
      new GigatileError('io', 'The file could not be sent to the server', {
        where: file.name,
        hint: 'Check that `gigatile serve` still runs, then drop the file again.',
      }),
    ),
  );
  request.addEventListener('abort', () => reject(new DOMException('Upload aborted', 'AbortError')));
  signal?.addEventListener('abort', () => request.abort(), { once: true });
  request.send(file);
  return promise;
}
