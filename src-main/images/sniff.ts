/** What a file is, by its first bytes: the extension is only what somebody called it. */
import { GigatileError } from '../contract/errors.ts';
import type { ImageFile } from './image-file.ts';

export function isTiff(head: Buffer): boolean {
  return /^(?:II[\x2a\x2b]\0|MM\0[\x2a\x2b])/.test(head.toString('latin1', 0, 4));
}

/** What to say of a file that no format knows: format-unknown, or image-unsupported for formats that are known but not read. */
export function unknownFormat(file: ImageFile, head: Buffer): GigatileError {
  const known = knownButUnread(head.toString('latin1'));
  if (known !== null) {
    return new GigatileError('image-unsupported', `This is ${known}, which cannot be read yet`, {
      where: file.name,
      hint: 'Convert it to a pyramidal TIFF, for example with vips or gdal_translate.',
    });
  }
  return new GigatileError(
    'format-unknown',
    `This is no image that can be read: it starts with ${preview(head)}`,
    {
      where: file.name,
      hint: 'Gigatile reads TIFF (SVS, OME-TIFF, GeoTIFF, COG), DICOM whole slides, JPEG 2000, PNG, JPEG and WebP.',
    },
  );
}

function knownButUnread(text: string): string | null {
  if (text.slice(4, 8) === 'ftyp') return 'an AVIF or HEIF image';
  if (text.startsWith('GIF8')) return 'a GIF image';
  if (text.startsWith('PK\x03\x04')) return 'a ZIP archive';
  if (text.startsWith('\x89HDF')) return 'an HDF5 file';
  return null;
}

function preview(head: Buffer): string {
  const shown = head.toString('latin1', 0, 16);
  return /^[\x20-\x7e\t\r\n]+$/.test(shown)
    ? JSON.stringify(shown)
    : `the bytes ${head.toString('hex', 0, 8)}`;
}
