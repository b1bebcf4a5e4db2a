/** Between the soak test and the engine that it wears out. */
import type { PlainError } from '../../../src-main/contract/errors.ts';

export type Order =
  | { kind: 'review'; image: string; folder: string }
  | { kind: 'pause' }
  | { kind: 'set-clock'; byMs: number }
  | { kind: 'close' };

export type Report =
  | { kind: 'ready' }
  | { kind: 'finished' }
  | { kind: 'rests'; state: string; error: PlainError | null }
  | { kind: 'refused'; error: PlainError };
