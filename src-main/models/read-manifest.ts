/** Reads what a model is from the gigatile.json beside it; nothing is guessed. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { modelManifestSchema, type ModelCard, type ModelManifest } from '../contract/model.ts';
import { manifestProblem } from './check-manifest.ts';

export const manifestName = 'gigatile.json';

/** The facts about a model whose source is recorded with it. */
const stated = ['task', 'classes', 'resolution', 'input', 'outputs', 'threshold'] as const;

/** A model that was found on the disk. */
export interface FoundModel {
  card: ModelCard;
  /** Absolute path of each of the manifest's files, in order. */
  files: string[];
}

/** Larger files are refused before they are read: 2 GB is what one ONNX file can hold. */
const largestModel = 2 ** 31;

/**
 * @param path a folder with gigatile.json, that gigatile.json itself, or an .onnx file that one beside it names
 * @throws {GigatileError} model-not-found, model-invalid
 */
export async function readModel(path: string, options: { builtIn?: boolean } = {}): Promise<FoundModel> {
  const given = resolve(path);
  const entry = await stat(given).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', 'There is no such model file or folder', {
      where: path,
      hint: 'Name a built-in model (gigatile models lists them), a folder with gigatile.json, or an .onnx file.',
      cause,
    });
  });
  const folder = entry.isDirectory() ? given : dirname(given);
  const manifest = await readManifest(join(folder, manifestName), entry.isDirectory() ? null : given);
  const chosen = basename(given);
  if (
    !entry.isDirectory() &&
    chosen !== manifestName &&
    !manifest.files.some((f) => resolve(folder, f.file) === given)
  ) {
    throw new GigatileError('model-invalid', `The ${manifestName} beside this file does not name it`, {
      where: path,
      hint: `It names ${manifest.files.map((f) => f.file).join(', ')}: add { "file": "${chosen}", "imageTypes": ["uint8"] } to its files, or give the model a folder of its own.`,
    });
  }
  const files = manifest.files.map((f) => join(folder, f.file));
  const sha256: string[] = [];
  for (const file of files) sha256.push(await fileSha256(file));
  const readFrom = Object.fromEntries(stated.map((fact) => [fact, manifestName]));
  return { card: { manifest, builtIn: options.builtIn ?? false, sha256, readFrom }, files };
}

async function readManifest(path: string, model: string | null): Promise<ModelManifest> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!missing)
      throw new GigatileError('model-invalid', `${manifestName} cannot be read`, { where: path, cause });
    throw new GigatileError(
      'model-invalid',
      model === null
        ? `This folder has no ${manifestName}, so it is unknown what its model takes and gives`
        : `There is no ${manifestName} beside this model, so it is unknown what it takes and gives`,
      {
        where: model ?? dirname(path),
        hint: `Write ${path} with: schema 1, id, name, version, task, files, input (name, layout, dtype, bands, tileSize), mpp, halo, outputs, classes, threshold; models/he-nuclei/${manifestName} of this application is an example.`,
        cause,
      },
    );
  });
  return parseManifest(text, path);
}

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
  const parsed = modelManifestSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw new GigatileError('model-invalid', `${manifestName} is not valid: ${issue?.message ?? 'unknown'}`, {
      where: field === '' ? where : `${where}, field ${field}`,
      hint: 'Correct this field; a model folder of this application shows the form.',
    });
  }
  const problem = manifestProblem(parsed.data);
  if (problem !== null) {
    throw new GigatileError('model-invalid', `${manifestName} contradicts itself: ${problem.message}`, {
      where: `${where}, field ${problem.field}`,
      hint: problem.hint,
    });
  }
  return parsed.data;
}

/** SHA-256 (hex) of a model file. @throws {GigatileError} model-not-found, model-invalid */
async function fileSha256(path: string): Promise<string> {
  const size = await stat(path).then(
    (s) => (s.isFile() ? s.size : -1),
    (cause: unknown) => {
      throw new GigatileError('model-not-found', `A file that ${manifestName} names is not there`, {
        where: path,
        hint: `Put it beside ${manifestName}, or correct files[].file.`,
        cause,
      });
    },
  );
  if (size < 0 || size > largestModel) {
    throw new GigatileError('model-invalid', 'This is no ONNX file: a folder, or more than 2 GB', {
      where: path,
    });
  }
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
