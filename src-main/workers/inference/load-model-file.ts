/** A model's file, whose bytes are what was promised, in the form that onnxruntime takes it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { fileSha256 } from '../../models/model-files.ts';
import { hashWeights, modelHash } from '../../models/model-hash.ts';
import { checkOnnx } from '../../models/onnx-file/check-onnx.ts';
import { readOnnx } from '../../models/onnx-file/read-onnx.ts';

/** Larger files are read by onnxruntime itself: twice their size in memory would be too much (and Node reads at most 2 GB at once). */
const mostInMemory = 2 ** 30;

/**
 * What is no ONNX file, or one that this onnxruntime must not or cannot be given, is refused by name first. Then, the bytes that were
 * hashed: what runs is what was checked, and no second file is read. Large files, and those whose weights lie in files beside them,
 * come as their path instead, after the hash (of the weights too) was taken in a stream. That leaves one thing open: between the two
 * readings somebody who may write there could put another file in its place. Nobody can do that with a file that they send.
 *
 * @param sha256 as a model's card has it (`modelHash`)
 * @throws {GigatileError} model-not-found, model-invalid, model-changed
 */
export async function loadModelFile(path: string, sha256: string): Promise<Uint8Array | string> {
  try {
    const { size } = await stat(path);
    if (size > mostInMemory) {
      const own = await fileSha256(path);
      requireSame(path, modelHash(own, await hashWeights(await checkOnnx(readOnnx(path)))), sha256);
      return path;
    }
    const bytes = await readFile(path);
    const own = createHash('sha256').update(bytes).digest('hex');
    const beside = await checkOnnx(readOnnx(path));
    requireSame(path, modelHash(own, await hashWeights(beside)), sha256);
    return beside.length > 0 ? path : bytes;
  } catch (cause) {
    if (cause instanceof GigatileError) throw cause;
    throw new GigatileError('model-not-found', 'The model file cannot be read', {
      where: path,
      hint: 'Put it back where it was, or start a new run with another model.',
      cause,
    });
  }
}

function requireSame(path: string, found: string, promised: string): void {
  if (found === promised) return;
  throw new GigatileError('model-changed', 'The model file is not the one that this run began with', {
    where: basename(path),
    hint: `Its SHA-256 is ${found.slice(0, 12)}…, the run's ${promised.slice(0, 12)}…: put the old file back, show where it is now ("Locate the model…", or "gigatile resume <case> --model <path>"), or start a new run.`,
  });
}
