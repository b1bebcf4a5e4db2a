/** gigatile.json: text to manifest, with the first wrong field named. */
import { GigatileError } from '../contract/errors.ts';
import { modelManifestSchema, type ModelManifest } from '../contract/model.ts';
import { manifestProblem } from './check-manifest.ts';

export const manifestName = 'gigatile.json';

/**
 * @param where the file, for error messages
 * @throws {GigatileError} model-invalid, naming the first wrong field
 */
export function parseManifest(text: string, where: string): ModelManifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new GigatileError('model-invalid', `${manifestName} is no JSON`, {
      where,
      hint: cause instanceof Error ? `${cause.message}.` : undefined,
      cause,
    });
  }
  return validManifest(data, where, manifestName);
}

/**
 * @param source what the data was made from, for error messages: `gigatile.json`, `its metadata (Deepness)`
 * @throws {GigatileError} model-invalid, naming the first wrong field
 */
export function validManifest(data: unknown, where: string, source: string): ModelManifest {
  const parsed = modelManifestSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw new GigatileError('model-invalid', `${source} is not valid: ${issue?.message ?? 'unknown'}`, {
      where: field === '' ? where : `${where}, field ${field}`,
      hint: 'Correct this field; a model folder of this application shows the form.',
    });
  }
  const problem = manifestProblem(parsed.data);
  if (problem !== null) {
    throw new GigatileError('model-invalid', `${source} contradicts itself: ${problem.message}`, {
      where: `${where}, field ${problem.field}`,
      hint: problem.hint,
    });
  }
  return parsed.data;
}
