/** A model file as the screen shows it when a person has chosen it, and what they say of it. */
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { ModelDescription } from '../contract/model-description.ts';
import { shapeLine } from '../models/graph-draft.ts';
import { readOnnx } from '../models/onnx-file/read-onnx.ts';
import { describeModel } from '../models/read-manifest.ts';
import { writeManifest } from '../models/write-manifest.ts';
import type { FileRegistry } from './file-registry.ts';
import type { ModelShelf } from './model-shelf.ts';

/** @throws {GigatileError} model-not-found, model-invalid */
export async function describeModelFile(
  files: FileRegistry,
  shelf: ModelShelf,
  fileId: string,
): Promise<ModelDescription> {
  const path = files.resolve(fileId);
  const { found, convention, file } = await describeModel(path);
  if (file?.problem != null) throw GigatileError.fromPlain(file.problem);
  if (found !== null) shelf.remember(path);
  const facts = file?.facts ?? (/\.onnx$/i.test(path) ? readOnnx(path) : null);
  return {
    fileId,
    file: basename(path),
    card: found === null ? null : { ...found.card, fileId },
    convention,
    inputs: facts?.inputs.map(shapeLine) ?? [],
    outputs: facts?.outputs.map(shapeLine) ?? [],
    missing: file?.missing ?? [],
    readFrom: found?.card.readFrom ?? file?.readFrom ?? {},
    notes: file?.notes ?? [],
  };
}

/**
 * Written to a gigatile.json beside the model, which is then ready.
 * @param answers by the names of the facts that are missing
 * @throws {GigatileError} usage for an answer that is none, conflict where there is a gigatile.json, not-writable
 */
export async function answerModelFile(
  files: FileRegistry,
  shelf: ModelShelf,
  fileId: string,
  answers: Record<string, string>,
): Promise<ModelDescription> {
  await writeManifest(files.resolve(fileId), answers);
  return describeModelFile(files, shelf, fileId);
}
