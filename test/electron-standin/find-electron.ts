/** Electron's own program, where there is one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const names: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/**
 * In the folder that ELECTRON_OVERRIDE_DIST_PATH names, or where the package has fetched it to; null where neither is.
 * @throws where the named folder holds none: whoever named it wants no stand-in
 */
export function findElectron(
  env: NodeJS.ProcessEnv,
  root: string,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const name = names[platform] ?? 'electron';
  const named = env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '';
  const path = join(named === '' ? join(root, 'node_modules/electron/dist') : named, name);
  if (existsSync(path)) return path;
  if (named === '') return null;
  throw new Error(
    `ELECTRON_OVERRIDE_DIST_PATH is ${named}, and there is no ${name}. Name the folder that holds it, or unset it for the stand-in.`,
  );
}
