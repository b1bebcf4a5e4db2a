/** What a case remembers of an image, to know it again after a copy or a move, and to notice that it is another one. */
import { createHash } from 'node:crypto';
import type { ImageFile } from './image-file.ts';

const version = 'gigatile-fingerprint-1';
const edge = 256 * 1024;
const sample = 32 * 1024;
const samples = 64;

/**
 * SHA-256 (hex) over the size, the first and last 256 KiB (header, directories, tile tables) and 64 samples of 32 KiB at even
 * distances (tiles); files up to 2.5 MiB as a whole. Not over path or time. Reads at most 2.5 MiB whatever the size.
 */
export function fingerprintOf(file: ImageFile): string {
  const hash = createHash('sha256').update(`${version}\n${file.size}\n`);
  const whole = 2 * edge + samples * sample;
  if (file.size <= whole) return hash.update(file.read(0, file.size, 'The file')).digest('hex');
  hash.update(file.read(0, edge, 'The header'));
  const step = (file.size - 2 * edge - sample) / (samples - 1);
  for (let i = 0; i < samples; i++) {
    hash.update(file.read(edge + Math.floor(i * step), sample, `Sample ${i} of the file`));
  }
  return hash.update(file.read(file.size - edge, edge, 'The end of the file')).digest('hex');
}
