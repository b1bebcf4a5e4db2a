/** What can go wrong with a question to an endpoint, and what follows from it. */
import { GigatileError } from '../contract/errors.ts';

/**
 * `transient`: the same question may be answered later. `permanent`: this tile gets no answer. `fatal`: no question would get one, so
 * the run stops at once. `form`: the endpoint does not take the form in which the answer was asked for.
 */
export type FailureKind = 'transient' | 'permanent' | 'fatal' | 'form';

export class EndpointFailure extends Error {
  readonly kind: FailureKind;
  readonly error: GigatileError;
  /** What the endpoint said how long to wait; null where it said nothing. */
  readonly retryAfterMs: number | null;
  /** Nothing answered at that address at all. */
  readonly isUnreachable: boolean;

  constructor(
    kind: FailureKind,
    error: GigatileError,
    details: { retryAfterMs?: number | null; isUnreachable?: boolean } = {},
  ) {
    super(error.message, { cause: error });
    this.kind = kind;
    this.error = error;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.isUnreachable = details.isUnreachable ?? false;
  }
}

/** An hour: a server that names more is asked again then. */
const longestWaitMs = 3_600_000;

/**
 * `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
 * @returns milliseconds, null where there is none or it makes no sense
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  if (Number.isNaN(seconds)) return null;
  return Math.min(longestWaitMs, Math.max(0, Math.round(seconds)));
}

export function failed(message: string, hint?: string): GigatileError {
  return new GigatileError('endpoint-failed', message, { hint });
}

export function refused(message: string, hint: string): GigatileError {
  return new GigatileError('endpoint-refused', message, { hint });
}
