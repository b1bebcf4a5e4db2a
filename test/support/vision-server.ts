/** A real HTTP server that answers as a vision endpoint does, or misbehaves as a test wants it to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** From 1. */
  no: number;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** The bytes as they came. */
  raw: string;
  response: ServerResponse;
}

export interface VisionServer {
  /** `http://127.0.0.1:port` */
  origin: string;
  asked: Asked[];
  /** Requests that were under way at the same time, at most. */
  mostAtOnce: number;
  answer: (asked: Asked) => void | Promise<void>;
  close(): Promise<void>;
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export const region = {
  label: 'meadow',
  analysis: 'Grass with a few trees.',
  objects: [{ label: 'tree', box: [0.25, 0.25, 0.5, 0.5], confidence: 0.9 }],
};

/** As chat/completions answers. */
export function sendChat(
  response: ServerResponse,
  content: unknown,
  more: Record<string, unknown> = {},
): void {
  sendJson(response, 200, {
    choices: [
      {
        message: {
          role: 'assistant',
          content: typeof content === 'string' ? content : JSON.stringify(content),
        },
        finish_reason: 'stop',
        ...more,
      },
    ],
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

export async function startVisionServer(answer: VisionServer['answer']): Promise<VisionServer> {
  let atOnce = 0;
  const server: Server = createServer((request, response) => {
    atOnce++;
    vision.mostAtOnce = Math.max(vision.mostAtOnce, atOnce);
    response.once('close', () => atOnce--);
    void bodyOf(request).then(
      (raw) => {
        const asked: Asked = {
          no: vision.asked.length + 1,
          path: request.url ?? '',
          headers: request.headers,
          body: JSON.parse(raw) as Record<string, unknown>,
          raw,
          response,
        };
        vision.asked.push(asked);
        return vision.answer(asked);
      },
      // The client went away in the middle of its question.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vision: VisionServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    mostAtOnce: 0,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return vision;
}
