/** Is an error worth another try? */
import { GigatileError } from '../../contract/errors.ts';

/** System errors that can pass by themselves: a network drive that was away, a full table of files, a slow disk. */
const passing = new Set([
  'EIO',
  'EAGAIN',
  'EBUSY',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ESTALE',
  'ETIMEDOUT',
  'ENODEV',
  'ENXIO',
]);

/** onnxruntime has no error codes; these are its words for memory that is short right now. */
const memoryShort = /bad_alloc|failed to allocate|out of memory/i;

/**
 * Transient: reading that the system refused, memory that was short. Everything else (corrupt pixels, a shape that does not
 * fit, NaN) comes out the same next time.
 */
export function isTransient(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof GigatileError && e.code === 'io') return true;
    if ('code' in e && typeof e.code === 'string' && passing.has(e.code)) return true;
    if (memoryShort.test(e.message)) return true;
  }
  return false;
}
