/** An address of an image on a server, typed by a person, as a file that can be opened. */
import type { FileEntry } from '../contract/api.ts';
import { parseImageUrl, urlImageName } from '../core/image-address.ts';
import type { FileRegistry } from './file-registry.ts';

/** @throws {GigatileError} usage where it is no address that can be read */
export function registerUrl(files: FileRegistry, text: string): FileEntry {
  const { href } = parseImageUrl(text);
  return { id: files.register(href), name: urlImageName(href), kind: 'image', bytes: null, modified: null };
}
