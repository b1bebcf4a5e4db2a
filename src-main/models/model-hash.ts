/** What identifies a model: the bytes of its file, and of the files that hold its weights where there are any. */
import { createHash } from 'node:crypto';
import type { ExternalFile } from './onnx-file/check-onnx.ts';
import { fileSha256 } from './model-files.ts';

export interface WeightsFile {
  /** As the model names it. */
  file: string;
  sha256: string;
}

/** @throws {GigatileError} model-not-found, model-invalid */
export async function hashWeights(files: readonly ExternalFile[]): Promise<WeightsFile[]> {
  const hashed: WeightsFile[] = [];
  for (const { location, path } of files) hashed.push({ file: location, sha256: await fileSha256(path) });
  return hashed;
}

/**
 * @param own SHA-256 (hex) of the .onnx file
 * @returns the same where all is in that file; else the SHA-256 of the lines `own`, then `sha256  file` for each file with weights,
 *   sorted by name: with other weights it is another model
 */
export function modelHash(own: string, weights: readonly WeightsFile[]): string {
  if (weights.length === 0) return own;
  const sorted = [...weights].sort((a, b) => (a.file < b.file ? -1 : 1));
  const lines = sorted.map(({ file, sha256 }) => `${sha256}  ${file}\n`);
  return createHash('sha256')
    .update(`${own}\n${lines.join('')}`)
    .digest('hex');
}
