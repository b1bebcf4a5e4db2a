/**
 * Messages between a thread that reads an image and the thread that fetches for it. The reader may be asleep while it waits
 * (`shared`): then the answer goes into memory that both see, else it comes as a message.
 */
import type { PlainError } from '../../contract/errors.ts';

export interface ByteRange {
  offset: number;
  length: number;
}

export type ToFetcher =
  | { kind: 'open'; id: number; file: number; url: string; head: number }
  | { kind: 'get'; id: number; file: number; range: ByteRange; shared: SharedArrayBuffer | null }
  | { kind: 'close'; file: number };

export type FromFetcher =
  | { id: number; ok: true; size: number; bytes: Uint8Array<ArrayBuffer> }
  | { id: number; ok: false; error: PlainError };

/** How long a part may take with all its retries: an image worker that gives no answer within a minute is ended. */
export const fetchMs = 35_000;

/** Shared memory: a state and a length (32 bits each), then the bytes, or an error as JSON. */
export const sharedHead = 8;
/** Room for an error, whatever the range is. */
export const leastShared = 4096;

export const sharedState = { waiting: 0, bytes: 1, error: 2 } as const;
