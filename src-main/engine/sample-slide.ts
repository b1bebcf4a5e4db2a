/** The slide that comes with the program, as a file that can be opened. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileEntry } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
import type { FileRegistry } from './file-registry.ts';

/** @throws {GigatileError} file-not-found where this installation has none */
export function sampleSlide(files: FileRegistry, path: string | undefined): FileEntry {
  const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === undefined || stat === undefined) {
    throw new GigatileError('file-not-found', 'This installation has no sample slide', {
      hint: 'Reinstall Gigatile, or make one: gigatile sample pathology --size 12000x9000 --out sample.tif',
    });
  }
  return {
    id: files.register(path),
    name: basename(path),
    kind: 'image',
    bytes: stat.size,
    modified: stat.mtime.toISOString(),
  };
}
