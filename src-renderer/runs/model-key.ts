import type { ModelCard } from '../../src-main/contract/model.ts';

/** What a model is named by to the engine: a built-in one by its id, others by their file. */
export function keyOf({ fileId, manifest }: ModelCard): string {
  return fileId ?? manifest.id;
}
