/** What a slide of several files is known again by, whatever the files are called and in which order they lie. */
import { createHash } from 'node:crypto';
import { fingerprintOf } from '../../fingerprint.ts';
import type { ImageFile } from '../../image-file.ts';

const version = 'gigatile-dicom-fingerprint-1';
const edge = 64 * 1024;
const sample = 16 * 1024;

/**
 * SHA-256 (hex) over the hashes of all files, sorted. A single file is hashed as any image's; of several, each gives its size,
 * 64 KiB at either end (header and offset tables; the last tiles) and samples between, fewer the more files there are.
 */
export function seriesFingerprint(files: readonly ImageFile[]): string | Promise<string> {
  const [only] = files;
  if (only !== undefined && files.length === 1) return fingerprintOf(only);
  const samples = Math.max(2, Math.floor(128 / files.length));
  const parts = files.map((file) => partOf(file, samples)).toSorted();
  return createHash('sha256')
    .update(`${version}\n${parts.join('\n')}`)
    .digest('hex');
}

function partOf(file: ImageFile, samples: number): string {
  const hash = createHash('sha256').update(`${file.size}\n`);
  if (file.size <= 2 * edge + samples * sample) {
    return hash.update(file.read(0, file.size, 'The file')).digest('hex');
  }
  hash.update(file.read(0, edge, 'The header'));
  const step = (file.size - 2 * edge - sample) / (samples - 1);
  for (let i = 0; i < samples; i++) {
    hash.update(file.read(edge + Math.floor(i * step), sample, `Sample ${i} of the file`));
  }
  return hash.update(file.read(file.size - edge, edge, 'The end of the file')).digest('hex');
}
