/** A model file as the screen shows it when a person has chosen it. */
import { basename } from 'node:path';
import type { ModelDescription } from '../contract/model-description.ts';
import { readModel } from '../models/read-manifest.ts';
import type { FileRegistry } from './file-registry.ts';
import type { ModelShelf } from './model-shelf.ts';

/** @throws {GigatileError} model-not-found, model-invalid */
export async function describeModelFile(
  files: FileRegistry,
  shelf: ModelShelf,
  fileId: string,
): Promise<ModelDescription> {
  const path = files.resolve(fileId);
  const { card } = await readModel(path);
  shelf.remember(path);
  return {
    fileId,
    file: basename(path),
    card: { ...card, fileId },
    convention: null,
    inputs: [],
    outputs: [],
    missing: [],
    readFrom: card.readFrom,
    notes: [],
  };
}
