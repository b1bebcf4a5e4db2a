/** Where things lie: in the repository, and in a packaged application (the code in app.asar, models beside it). */
import { join } from 'node:path';
import type { WorkerKind } from '../core/worker-host.ts';

export interface AppPaths {
  preload: string;
  rendererDir: string;
  engineEntry: string;
  workerEntry: Record<WorkerKind, string>;
  codecTestEntry: string;
  modelsDir: string;
  sampleSlide: string;
}

/**
 * @param mainDir folder of the built main bundle, `out/main`
 * @param appDir the repository, or `app.asar`
 * @param resourcesDir `process.resourcesPath`; used where packaged
 */
export function appPaths(
  mainDir: string,
  appDir: string,
  resourcesDir: string,
  isPackaged: boolean,
): AppPaths {
  return {
    preload: join(mainDir, '../preload/preload.cjs'),
    rendererDir: join(mainDir, '../renderer'),
    engineEntry: join(mainDir, 'engine.entry.js'),
    workerEntry: {
      image: join(mainDir, 'image.entry.js'),
      inference: join(mainDir, 'inference.entry.js'),
      remote: join(mainDir, 'remote.entry.js'),
    },
    codecTestEntry: join(mainDir, 'codec-test.entry.js'),
    modelsDir: join(isPackaged ? resourcesDir : appDir, 'models'),
    sampleSlide: join(isPackaged ? resourcesDir : join(appDir, 'resources'), 'sample-slide.tif'),
  };
}
