/** Lays what was packed out as Electron shows it: all files below `app.asar`, and those beside the archive below `app.asar.unpacked`. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { extractAll } from '@electron/asar';
import type { PackedApp } from './packed-app.ts';

/** @returns the folder that stands for the archive, below `place` */
export function unpack(app: PackedApp, place: string): string {
  const folder = join(place, 'app.asar');
  extractAll(app.archive, folder);
  symlinkSync(`${app.archive}.unpacked`, `${folder}.unpacked`, 'junction');
  return folder;
}
