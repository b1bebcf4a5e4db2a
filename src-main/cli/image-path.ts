/** What a person writes where an image is meant: a path, or an address of a file on a server. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { isUrl, parseImageUrl } from '../core/image-address.ts';

/**
 * An absolute path that exists, or an address as it is.
 * @throws {GigatileError} file-not-found, usage
 */
export function imagePath(text: string): string {
  if (isUrl(text)) return parseImageUrl(text).href;
  const absolute = resolve(text);
  if (!existsSync(absolute))
    throw new GigatileError('file-not-found', 'There is no such file', { where: text });
  return absolute;
}
