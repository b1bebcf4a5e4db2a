/**
 * Addresses of images on servers, beside paths of the disk. An address can carry a secret: a presigned URL is a credential, and
 * so are a user and a password in front of the host. What is shown, stored or exported is made by the functions below.
 */
import { GigatileError } from '../contract/errors.ts';

/** Anything with `scheme://`. A drive letter of Windows has one letter and no `//`. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(text);
}

/**
 * The address as it is asked for, without its fragment.
 * @throws {GigatileError} usage where it is none that can be read
 */
export function parseImageUrl(text: string): URL {
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(text.trim())?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') {
    throw new GigatileError(
      'usage',
      `Images are read from http and https addresses, not from ${scheme || 'this'}`,
      {
        hint:
          scheme === 's3' || scheme === 'gs' || scheme === 'az'
            ? 'Make a presigned https address of it, for example with "aws s3 presign".'
            : scheme === 'file'
              ? 'Give the path of the file itself.'
              : 'An address starts with https:// and the name of a server.',
      },
    );
  }
  if (!URL.canParse(text.trim())) {
    throw new GigatileError('usage', 'This is no address that can be read', {
      hint: 'An address starts with https:// and the name of a server.',
    });
  }
  const url = new URL(text.trim());
  url.hash = '';
  return url;
}

/** What a file at this address is called: the last part of its path, decoded; the server's name where there is none. */
export function urlImageName(address: string): string {
  const { pathname, hostname } = new URL(address);
  const last = pathname.split('/').findLast((part) => part !== '') ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A stray % is part of the name.
  }
  // It becomes part of file names of cases and exports.
  return name.replaceAll(/[\p{Cc}/\\]+/gu, '_').slice(0, 200) || hostname;
}

/** What may be kept and shown: without query, user, password and fragment. */
export function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

/** An address that `parseImageUrl` takes. */
export function isImageUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
