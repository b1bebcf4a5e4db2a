/**
 * The case's event log as one number: each event is hashed together with the hash of all before it, so that nothing can be changed,
 * taken out or put in before the newest event without the head being another one.
 */
import { createHash } from 'node:crypto';
import type { StoredEvent } from './event-log.ts';

export interface EventHead {
  /** Events that are in it. */
  count: number;
  /** SHA-256, hex. Of nothing: 64 zeros. */
  head: string;
}

/** @param most the head as it was after so many events */
export function eventHead(events: Iterable<StoredEvent>, most = Number.POSITIVE_INFINITY): EventHead {
  let head = '0'.repeat(64);
  let count = 0;
  for (const { seq, at, run, kind, data } of events) {
    if (count >= most) break;
    head = createHash('sha256')
      .update(head)
      .update(JSON.stringify([seq, at, run, kind, data]))
      .digest('hex');
    count++;
  }
  return { count, head };
}
