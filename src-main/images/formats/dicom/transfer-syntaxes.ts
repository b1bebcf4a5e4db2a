/** How the pixels of an instance are encoded, by Transfer Syntax UID (PS3.6 table A-1). */
import { GigatileError } from '../../../contract/errors.ts';

export type PixelEncoding = 'none' | 'jpeg' | 'jpeg2000' | 'jpeg-ls' | 'rle';

const readable: Readonly<Record<string, PixelEncoding>> = {
  '1.2.840.10008.1.2': 'none',
  '1.2.840.10008.1.2.1': 'none',
  '1.2.840.10008.1.2.1.98': 'none',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg2000',
  '1.2.840.10008.1.2.4.91': 'jpeg2000',
  '1.2.840.10008.1.2.5': 'rle',
};

/** Those that people meet, by name; others by UID. */
const named: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.4.57': 'lossless JPEG',
  '1.2.840.10008.1.2.4.70': 'lossless JPEG',
  '1.2.840.10008.1.2.4.92': 'JPEG 2000 part 2',
  '1.2.840.10008.1.2.4.93': 'JPEG 2000 part 2',
  '1.2.840.10008.1.2.4.110': 'JPEG XL',
  '1.2.840.10008.1.2.4.111': 'JPEG XL',
  '1.2.840.10008.1.2.4.112': 'JPEG XL',
  '1.2.840.10008.1.2.4.201': 'high-throughput JPEG 2000',
  '1.2.840.10008.1.2.4.202': 'high-throughput JPEG 2000',
  '1.2.840.10008.1.2.4.203': 'high-throughput JPEG 2000',
};

/** @throws {GigatileError} image-unsupported */
export function pixelEncoding(transferSyntax: string, where: string): PixelEncoding {
  const encoding = readable[transferSyntax];
  if (encoding !== undefined) return encoding;
  const name = named[transferSyntax] ?? 'another encoding';
  throw new GigatileError(
    'image-unsupported',
    `The pixels are compressed as ${name} (transfer syntax ${transferSyntax}), which cannot be read`,
    { where, hint: 'Gigatile reads JPEG, JPEG 2000, JPEG-LS, RLE and uncompressed DICOM.' },
  );
}
