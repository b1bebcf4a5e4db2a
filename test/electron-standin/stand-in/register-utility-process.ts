/** Preloaded by utility processes, and thereby by the threads that they start, which have no port to main. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) await import('./register-utility.ts');
