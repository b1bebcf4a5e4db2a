/** The ways in which a screen can reach an engine, each as the shell that uses it sets it up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { RPCHandler as PortHandler } from '@orpc/server/message-port';
import { WebSocket } from 'ws';
import type { Contract } from '../../src-main/contract/api.ts';
import { onlyCalls } from '../../src-main/electron/rpc-port.ts';
import type { Engine } from '../../src-main/engine/shell.ts';
import { startWebServer } from '../../src-main/web/start-server.ts';

export type Api = ContractRouterClient<Contract>;

export interface Screen {
  api: Api;
  /** The screen goes away. */
  close(): Promise<void>;
}

/** Sockets through the real web server: its checks, its limits, its session. */
async function overWebSocket(engine: Engine): Promise<Screen> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-contract-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  const server = await startWebServer({ engine, staticDir: folder, dataDir: folder });
  const opened = await fetch(server.url, { redirect: 'manual' });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const host = `127.0.0.1:${server.port}`;
  const socket = new WebSocket(`ws://${host}/rpc`, { origin: `http://${host}`, headers: { Cookie: cookie } });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    // ws speaks the browser's interface, but types it in its own words.
    api: createORPCClient(new SocketLink({ websocket: socket as unknown as globalThis.WebSocket })),
    async close() {
      socket.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A MessagePort, as between the desktop's window and its engine process. */
function overMessagePort(engine: Engine): Promise<Screen> {
  const { port1, port2 } = new MessageChannel();
  // As the engine's process does: no call of ours may be taken for nonsense.
  const port = onlyCalls({
    postMessage: (message) => port1.postMessage(message),
    on: (event, listener) => port1.addEventListener(event, listener as unknown as EventListener),
  });
  new PortHandler(engine.router).upgrade(port, { context: {} });
  port1.start();
  port2.start();
  return Promise.resolve({
    api: createORPCClient(new PortLink({ port: port2 })),
    close() {
      port2.close();
      return Promise.resolve();
    },
  });
}

export const transports = [
  { name: 'WebSocket', connect: overWebSocket },
  { name: 'MessagePort', connect: overMessagePort },
] as const;
