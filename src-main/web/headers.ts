/** What every answer of the web shell carries, and the small answers that are made in place. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode, PlainError } from '../contract/errors.ts';
import { contentSecurityPolicy } from '../core/csp.ts';

/** On every answer, whatever its status. There is no allow-origin header anywhere: no other origin may read anything. */
export const securityHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
} as const;

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

const statusOfCode: Partial<Record<ErrorCode, number>> = {
  usage: 400,
  'file-not-found': 404,
  'run-not-found': 404,
  'model-not-found': 404,
  'image-missing': 404,
  conflict: 409,
  'case-locked': 409,
  'image-too-large': 413,
  cancelled: 499,
  'disk-full': 507,
  internal: 500,
  io: 500,
  'codec-missing': 500,
  'worker-crashed': 500,
  'worker-timeout': 504,
  'worker-memory': 500,
};

/** HTTP status of an error that a person can be told about; what is wrong with the input is 422 unless it says more. */
export function statusOf(error: PlainError): number {
  return statusOfCode[error.code] ?? 422;
}

/** Answers a plain error as JSON, the form that the screens read. */
export function answerError(response: ServerResponse, error: PlainError, status = statusOf(error)): void {
  answer(response, status, 'application/json; charset=utf-8', JSON.stringify(error));
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  answer(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

/** A small whole answer that no cache keeps. Does nothing where the head has been sent already. */
export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  response.end(body);
}

/** Aborts when the client goes before the answer is complete: nobody waits for it any more. */
export function abortWhenGone(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished || request.errored) controller.abort();
  });
  return controller.signal;
}
