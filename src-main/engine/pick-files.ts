/** The system's open dialog, where the shell has one. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileEntry } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
import type { FileRegistry } from './file-registry.ts';
import type { PickKind, ShellServices } from './shell.ts';

export async function pickFiles(
  shell: ShellServices,
  files: FileRegistry,
  kind: PickKind,
): Promise<FileEntry[]> {
  if (!shell.pickFiles) {
    throw new GigatileError('usage', 'This shell has no file dialog', {
      hint: 'Choose from the list of folders.',
    });
  }
  const paths = await shell.pickFiles(kind);
  return paths.map((path) => {
    const stat = statSync(path);
    return {
      id: files.register(path),
      name: basename(path),
      kind: path.endsWith('.gigatile') ? 'case' : kind === 'images' ? 'image' : kind,
      bytes: stat.isDirectory() ? null : stat.size,
      modified: stat.mtime.toISOString(),
    };
  });
}
