/**
 * The page's port for calls, with what is no call taken out: the RPC library lets a message that it cannot read end the process, and
 * the page is not trusted to send what it should.
 */
import type { MessagePortMain } from 'electron';
import { z } from 'zod';

/** As on the web (web/rpc.ts). */
const longestMessage = 4 * 1024 * 1024;

/** What @orpc/client 1.16.1 puts on a port: a request, an event of a stream that the page sends, or the end of a call. */
const callSchema = z.union([
  z.object({
    i: z.string(),
    t: z.literal(1).optional(),
    p: z.object({
      u: z.string().regex(/^\/(?:[\w/-])*$/),
      m: z.string().optional(),
      h: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      b: z.unknown(),
    }),
  }),
  z.object({ i: z.string(), t: z.literal(3), p: z.object({ e: z.string() }) }),
  z.object({ i: z.string(), t: z.literal(4) }),
]);

export function isCall(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > longestMessage) return false;
  try {
    return callSchema.safeParse(JSON.parse(data)).success;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

type RpcPort = Pick<MessagePortMain, 'postMessage'> & {
  on(event: string, listener: (event: { data: unknown }) => void): unknown;
};

/** The part of a port that the RPC library uses; its messages are calls only. */
export function onlyCalls(port: RpcPort): RpcPort {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    on(event, listener) {
      port.on(event, (given) => {
        if (event !== 'message' || isCall(given.data)) listener(given);
      });
    },
  };
}
