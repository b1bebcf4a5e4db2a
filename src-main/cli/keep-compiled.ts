/** What V8 has compiled of this program is kept for the next start: half of what a start costs. */
import { constants, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { dataDir } from './data-dir.ts';

/**
 * Of this process from here on, and of the workers that it starts. Where somebody has said by Node's own variables where it
 * goes, or that there is to be none, that holds. A folder that cannot be written only means a slower start.
 */
export function keepCompiled(): void {
  if (process.env['NODE_COMPILE_CACHE'] || process.env['NODE_DISABLE_COMPILE_CACHE']) return;
  const { status, directory } = enableCompileCache(join(dataDir(), 'compiled'));
  if (status === constants.compileCacheStatus.ENABLED && directory !== undefined)
    process.env['NODE_COMPILE_CACHE'] = join(dataDir(), 'compiled');
}
