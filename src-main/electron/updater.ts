/** electron-updater, set up so that it does nothing by itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Updater } from './updates.ts';

/** Packed with a server to get updates from: electron-builder writes its address beside the program. */
export const hasUpdateServer = (resourcesDir: string, isPackaged: boolean): boolean =>
  isPackaged && existsSync(join(resourcesDir, 'app-update.yml'));

export async function openUpdater(log: (line: string) => void): Promise<Updater> {
  const { autoUpdater } = (await import('electron-updater')).default;
  autoUpdater.autoDownload = false;
  autoUpdater.autoInstallOnAppQuit = false;
  const add = (message?: unknown): void => log(`update: ${String(message)}`);
  autoUpdater.logger = { info: () => undefined, warn: add, error: add };
  // Each call rejects with the same error; without a listener the event would end the program.
  autoUpdater.on('error', () => undefined);
  return autoUpdater;
}
