/** The person's folder for what the application keeps. Loads nothing else: the very start needs it. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** GIGATILE_DATA_DIR, else what the system means for application data. */
export function dataDir(): string {
  const chosen = process.env['GIGATILE_DATA_DIR'];
  if (chosen) return resolve(chosen);
  if (process.platform === 'win32') {
    return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Gigatile');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Gigatile');
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'gigatile');
}
