/** What a case remembers of an image, to know it again after a copy or a move, and to notice that it is another one. */
import { createHash } from 'node:crypto';
import type { ImageFile } from './image-file.ts';

const version = 'gigatile-fingerprint-1';
const edge = 256 * 1024;
const sample = 32 * 1024;
const samples = 64;

/**
 * SHA-256 (hex) over the size, the first and last 256 KiB (header, directories, tile tables) and 64 samples of 32 KiB at even
 * distances (tiles); files up to 2.5 MiB as a whole. Not over path or time. Reads at most 2.5 MiB whatever the size; the same
 * for a file on the disk and on a server.
 */
export function fingerprintOf(file: ImageFile): string | Promise<string> {
  return file.isRemote ? remoteFingerprintOf(file) : localFingerprintOf(file);
}

function localFingerprintOf(file: ImageFile): string {
  const ranges = fingerprintRanges(file.size);
  const hash = createHash('sha256').update(`${version}\n${file.size}\n`);
  for (const { offset, length, what } of ranges) hash.update(file.read(offset, length, what));
  return hash.digest('hex');
}

/** While a file is open, its server gives one version of it: what was read of that need not be read again. */
const known = new WeakMap<ImageFile, string>();

async function remoteFingerprintOf(file: ImageFile): Promise<string> {
  const before = known.get(file);
  if (before !== undefined) {
    // Past what is kept: it may be another version by now, which is an error.
    await file.readAgain(0, 1);
    return before;
  }
  const hash = createHash('sha256').update(`${version}\n${file.size}\n`);
  for (const part of await file.readRanges(fingerprintRanges(file.size))) hash.update(part);
  const fingerprint = hash.digest('hex');
  known.set(file, fingerprint);
  return fingerprint;
}

function fingerprintRanges(size: number): { offset: number; length: number; what: string }[] {
  const whole = 2 * edge + samples * sample;
  if (size <= whole) return [{ offset: 0, length: size, what: 'The file' }];
  const step = (size - 2 * edge - sample) / (samples - 1);
  return [
    { offset: 0, length: edge, what: 'The header' },
    ...Array.from({ length: samples }, (_, i) => ({
      offset: edge + Math.floor(i * step),
      length: sample,
      what: `Sample ${i} of the file`,
    })),
    { offset: size - edge, length: edge, what: 'The end of the file' },
  ];
}
