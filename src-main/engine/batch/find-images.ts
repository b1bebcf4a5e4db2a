/** The images that a person means by files, folders, patterns and addresses: what a batch goes through, each once. */
import { existsSync, globSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { isUrl, parseImageUrl } from '../../core/image-address.ts';
import { imageExtensions, partExtensions } from '../../core/image-extensions.ts';

const images: ReadonlySet<string> = new Set(imageExtensions.map((extension) => `.${extension}`));
const parts: ReadonlySet<string> = new Set(partExtensions.map((extension) => `.${extension}`));
const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;
/** Deeper folders are not looked into: nobody keeps slides there, and links may go in circles. */
const deepest = 8;

const extensionOf = (name: string): string => extname(name).toLowerCase();

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort((a, b) => byName(a, b) || (a < b ? -1 : 1));
  } catch (error) {
    throw new GigatileError('file-unreadable', 'This folder cannot be read', { where: folder, cause: error });
  }
}

/** A folder that is opened as one image: a DICOM series, or pictures only (which may be slides: `each` tells). */
export function isOneImage(folder: string): boolean {
  const names = namesIn(folder).filter((name) => images.has(extensionOf(name)));
  return names.length > 0 && names.every((name) => parts.has(extensionOf(name)));
}

function imagesBelow(folder: string, depth: number): string[] {
  const names = namesIn(folder);
  // The data of a MIRAX slide; the slide itself lies beside it.
  if (names.includes('Slidedat.ini')) return [];
  if (names.some((name) => extensionOf(name) === '.dcm')) return [folder];
  return names.flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return depth < deepest ? imagesBelow(path, depth + 1) : [];
    return stat?.isFile() && images.has(extensionOf(name)) ? [path] : [];
  });
}

/**
 * @param texts paths of files and folders, patterns (`*.svs`), addresses
 * @param options.each folders of pictures are no image of their own: each picture is one
 * @returns absolute paths and addresses, in the order of the texts, each once
 * @throws {GigatileError} file-not-found where the only text, a pattern or a folder names nothing
 */
export function findImages(texts: readonly string[], options: { each: boolean }): string[] {
  const found = new Map<string, string>();
  // One that is not there among several is said of that one, when its turn has come: the others are analysed.
  const mayMiss = texts.length > 1;
  for (const path of texts.flatMap((text) => imagesOf(text, options.each, mayMiss))) {
    const key = isUrl(path) || !existsSync(path) ? path : realpathSync(path);
    if (!found.has(key)) found.set(key, path);
  }
  return [...found.values()];
}

function imagesOf(text: string, each: boolean, mayMiss: boolean): string[] {
  if (isUrl(text)) return [parseImageUrl(text).href];
  const path = resolve(text);
  if (!existsSync(path)) {
    const isPattern = /[*?[{]/.test(text);
    if (!isPattern && mayMiss) return [path];
    const matches = isPattern ? globSync(text).sort(byName) : [];
    if (matches.length === 0)
      throw new GigatileError('file-not-found', 'There is no such file', { where: text });
    return matches.flatMap((match) => imagesOf(match, each, false));
  }
  if (!statSync(path).isDirectory()) return [path];
  if (!each && isOneImage(path)) return [path];
  const below = imagesBelow(path, 0);
  if (below.length === 0) {
    throw new GigatileError('file-not-found', 'There are no images in this folder', {
      where: text,
      hint: `Names of images end with ${imageExtensions.join(', ')}; others are named one by one.`,
    });
  }
  return below;
}
