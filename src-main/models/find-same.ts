/** Finds a model again by its content: files move, programs are updated, cases go to other machines. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { findModel, listModels } from './find-models.ts';
import { fileSha256 } from './model-files.ts';
import { hashWeights, modelHash } from './model-hash.ts';
import { checkOnnx } from './onnx-file/check-onnx.ts';
import { readOnnx } from './onnx-file/read-onnx.ts';

/** Its hash, as a model's card has it. @throws {GigatileError} model-not-found, model-invalid */
async function hashOf(path: string): Promise<string> {
  return modelHash(await fileSha256(path), await hashWeights(await checkOnnx(readOnnx(path))));
}

/** Files at that place by their hash. @param place id of a built-in model, a model folder, or an .onnx file */
async function filesAt(place: string, modelsDir: string): Promise<Map<string, string>> {
  const isFile = /\.onnx$/i.test(place) && (await stat(place).catch(() => null))?.isFile() === true;
  // What else its folder says of it does not matter: the run has its description.
  if (isFile) return new Map([[await hashOf(place), place]]);
  const { card, files } = await findModel(place, modelsDir);
  return new Map(card.sha256.map((sha256, index) => [sha256, files[index] ?? '']));
}

/**
 * The file with one of these hashes at a place that a person names.
 * @throws {GigatileError} model-not-found, model-invalid; model-changed, naming both hashes, where it is another model
 */
export async function sameModelAt(
  place: string,
  wanted: readonly string[],
  modelsDir: string,
): Promise<{ path: string; sha256: string }> {
  const files = await filesAt(place, modelsDir);
  for (const [sha256, path] of files) if (wanted.includes(sha256)) return { path, sha256 };
  const short = (hashes: Iterable<string>): string => [...hashes].map((hash) => hash.slice(0, 12)).join(', ');
  throw new GigatileError('model-changed', `"${basename(place)}" is not the model that this run began with`, {
    where: basename(place),
    hint: `Their contents differ (SHA-256 ${short(files.keys())}…, the run's ${short(wanted)}…). Show a copy of the original, or start a new run with this one.`,
  });
}

/** The built-in file with this content; null where none has it. */
export async function builtInWith(sha256: string, modelsDir: string): Promise<string | null> {
  for (const { card, files } of await listModels(modelsDir)) {
    const index = card.sha256.indexOf(sha256);
    if (index >= 0) return files[index] ?? null;
  }
  return null;
}
