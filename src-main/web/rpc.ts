/** `/rpc`: the contract over a WebSocket, for requests that have passed the same checks as all others. */
import { onError, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { plainErrorSchema } from '../contract/errors.ts';
import type { Router } from '../engine/router.ts';

/** Enough for a region of interest of 100,000 points; pixels never ride here. */
export const maxMessageBytes = 4 * 1024 * 1024;

export interface RpcSockets {
  /** Takes over a socket that asked for an upgrade and may have it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** `report` hears of errors that no procedure has turned into a typed one: defects. */
export function rpcSockets(router: Router, report: (error: unknown) => void): RpcSockets {
  const handler = new RPCHandler(router, {
    interceptors: [
      onError((error) => {
        if (!isExpected(error)) report(error);
      }),
    ],
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  return {
    accept(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        // A peer that breaks the protocol is cut off by ws itself (1002, 1009); the server goes on.
        webSocket.on('error', () => webSocket.terminate());
        handler.upgrade(webSocket, { context: {} }).catch(report);
      });
    },
    close() {
      for (const client of sockets.clients) client.close(1001, 'server closes');
      sockets.close();
      for (const client of sockets.clients) client.terminate();
    },
  };
}

/** Typed errors of the contract, bad input and aborted calls are answers; what is `internal` among them is a defect. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'AbortError') return true;
  if (!(error instanceof ORPCError)) return false;
  const typed = plainErrorSchema.safeParse(error.data);
  return typed.success ? typed.data.code !== 'internal' : error.status < 500;
}
