/** One folder of those that the server was started with, for the screens' file picker. Paths stay here. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { FileEntry } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
import { imageExtensions, partExtensions } from '../core/image-extensions.ts';
import type { FileRegistry } from './file-registry.ts';

/** By extension only to keep the list short; what a file is, its content decides when it is opened. */
const listed = new Set(imageExtensions.map((extension) => `.${extension}`));

export interface FolderListing {
  name: string;
  parentId: string | null;
  entries: FileEntry[];
  asOne: { fileId: string; files: number } | null;
}

function kindOf(name: string, isFolder: boolean): FileEntry['kind'] | null {
  if (isFolder) return 'folder';
  const extension = extname(name).toLowerCase();
  if (extension === '.gigatile') return 'case';
  // A remote model is nothing but its description.
  if (extension === '.onnx' || name === 'gigatile.json') return 'model';
  return listed.has(extension) ? 'image' : null;
}

function entryOf(files: FileRegistry, path: string): FileEntry | null {
  let stat;
  try {
    stat = statSync(path);
  } catch (error) {
    // A dangling link or a file that went away meanwhile cannot be opened, so it is not offered.
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ELOOP') return null;
    throw error;
  }
  const kind = kindOf(basename(path), stat.isDirectory());
  if (kind === null) return null;
  return {
    id: files.register(path),
    name: basename(path),
    kind,
    bytes: stat.isDirectory() ? null : stat.size,
    modified: stat.mtime.toISOString(),
  };
}

const byKindThenName = (a: FileEntry, b: FileEntry): number =>
  Number(b.kind === 'folder') - Number(a.kind === 'folder') ||
  a.name.localeCompare(b.name, 'en', { numeric: true });

const parts = new Set(partExtensions.map((extension) => `.${extension}`));

/** @throws {GigatileError} file-unreadable where the folder cannot be read or lies outside the roots */
export function listFolder(files: FileRegistry, folderId: string | null): FolderListing {
  const roots = files.roots;
  if (folderId === null && roots.length !== 1) {
    const entries = roots.flatMap((root) => entryOf(files, root) ?? []);
    return { name: 'Folders', parentId: null, entries, asOne: null };
  }
  const folder = folderId === null ? (roots[0] ?? '') : files.resolve(folderId);
  files.registerBelowRoot(folder);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new GigatileError('file-unreadable', 'This folder cannot be read', {
      where: basename(folder),
      hint: 'Check its permissions.',
      cause: error,
    });
  }
  const entries = names
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => entryOf(files, join(folder, name)) ?? [])
    .sort(byKindThenName);
  const isRoot = roots.includes(folder);
  const pictures = entries.filter(({ name }) => parts.has(extname(name).toLowerCase())).length;
  return {
    name: basename(folder),
    parentId: isRoot ? null : files.registerBelowRoot(dirname(folder)),
    entries,
    asOne: pictures > 1 ? { fileId: files.register(folder), files: pictures } : null,
  };
}
