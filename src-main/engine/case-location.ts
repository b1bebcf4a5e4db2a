/** Where the case of an image lies when nobody names a file: the same for the command line and the screens. */
import { basename, join, parse } from 'node:path';
import { isUrl, urlImageName } from '../core/image-address.ts';

/** What an image is called, by its path or address. */
export function imageNameOf(path: string): string {
  return isUrl(path) ? urlImageName(path) : basename(path);
}

/** Where cases lie unless somebody says otherwise. */
export function casesFolder(dataDir: string): string {
  return join(dataDir, 'cases');
}

/** @returns `<image name>-<first 8 of the fingerprint>.gigatile` */
export function caseName(imageName: string, fingerprint: string): string {
  const stem = parse(imageName)
    .name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .slice(0, 80);
  return `${stem || 'image'}-${fingerprint.slice(0, 8)}.gigatile`;
}
