import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * Processes that tests start compile the application once, not each of them: most of what a start costs.
 */
const compileCache = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/gigatile-tests') };

/** Two files at a time on two cores. */
const suite = (
  name: string,
  fileParallelism: boolean,
  timeout: number,
  include = `test/${name}/**/*.test.ts`,
  exclude: string[] = [],
) => ({
  test: {
    name,
    include: [include],
    exclude,
    environment: 'node' as const,
    fileParallelism,
    env: compileCache,
    // Also on two cores, where Vitest would leave one to itself.
    ...(fileParallelism && { maxWorkers: Math.max(2, availableParallelism() - 1) }),
    testTimeout: timeout,
    hookTimeout: 180_000,
    // How long a busy machine may take, not how fast the application has to be.
    expect: { poll: { timeout: 20_000 } },
  },
});

const images = 'test/integration/images/**/*.test.ts';
const soak = 'test/faults/soak/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      suite('unit', true, 60_000),
      suite('contract', true, 30_000),
      // Images are read in the test's own process, beside programs that wait for nobody.
      suite('images', true, 180_000, images),
      // Mostly processes that wait for each other's start.
      suite('integration', true, 180_000, undefined, [images]),
      suite('faults', true, 300_000, undefined, [soak]),
      // Three minutes, beside all others (test/run-all.ts).
      suite('soak', false, 300_000, soak),
      suite('e2e', true, 180_000),
      suite('electron-standin', true, 180_000),
      // What is installed elsewhere: packed with the real packers.
      suite('packaging', true, 300_000),
    ],
  },
});
