/** Where things lie on this machine, and an engine for one command. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ChildWorkerHost } from '../engine/child-worker-host.ts';
import { createEngine } from '../engine/engine.ts';
import type { EngineParts } from '../engine/engine.ts';
import type { Fleet, FleetConnector } from '../engine/fleet.ts';
import { dataDir } from './data-dir.ts';

export const projectRoot = resolve(import.meta.dirname, '..', '..');
export const modelsDir = join(projectRoot, 'models');
/** Made by `gigatile sample pathology --size 3072x2304`. */
export const sampleSlide = join(projectRoot, 'resources', 'sample-slide.tif');

const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};
export { version };

/** Beside the data where a person has chosen a place for it, else what the system means for settings. */
function settingsPath(): string {
  const isElsewhere =
    process.env['GIGATILE_DATA_DIR'] || process.platform === 'win32' || process.platform === 'darwin';
  if (isElsewhere) return join(dataDir(), 'settings.json');
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gigatile', 'settings.json');
}

/** @param connectFleet for screens, on which a queue can be chosen */
export function startEngine(
  openAtStart: string[] = [],
  fleet?: Fleet,
  connectFleet?: FleetConnector,
): Promise<EngineParts> {
  return createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: dataDir(),
    settingsPath: settingsPath(),
    modelsDir,
    sampleSlide,
    version,
    openAtStart,
    ...(fleet && { fleet }),
    ...(connectFleet && { connectFleet }),
  });
}

/** An engine for the time of `work`; closed whatever happens. @param fleet other machines, for runs that name their queue */
export async function withEngine<T>(work: (engine: EngineParts) => Promise<T>, fleet?: Fleet): Promise<T> {
  const engine = await startEngine([], fleet);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
