/** Finds models: the built-in ones by id, other ones by path. */
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import {
  describeModel,
  manifestName,
  readModel,
  type FoundModel,
  type ModelDescription,
} from './read-manifest.ts';

/** Folders below `modelsDir` that hold a gigatile.json, by name. */
async function modelFolders(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', 'The folder of the built-in models cannot be read', {
      where: modelsDir,
      hint: 'Install the application again, or run npm run models in a checkout.',
      cause,
    });
  });
  const folders: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await exists(join(modelsDir, entry.name, manifestName)))) {
      folders.push(entry.name);
    }
  }
  return folders.sort();
}

/** The built-in models, by id. @throws {GigatileError} where one of them is broken */
export async function listModels(modelsDir: string): Promise<FoundModel[]> {
  const models: FoundModel[] = [];
  for (const folder of await modelFolders(modelsDir)) {
    models.push(await readModel(join(modelsDir, folder), { builtIn: true }));
  }
  return models;
}

/**
 * @param idOrFile id of a built-in model, or a path to a model folder or .onnx file
 * @throws {GigatileError} model-not-found, model-invalid
 */
export async function findModel(idOrFile: string, modelsDir: string): Promise<FoundModel> {
  const { path, builtIn } = await locate(idOrFile, modelsDir);
  return readModel(path, { builtIn });
}

/**
 * The same, without an error where only a person can say what is missing.
 * @throws {GigatileError} model-not-found, model-invalid
 */
export async function findDescription(idOrFile: string, modelsDir: string): Promise<ModelDescription> {
  const { path, builtIn } = await locate(idOrFile, modelsDir);
  return describeModel(path, { builtIn });
}

async function locate(idOrFile: string, modelsDir: string): Promise<{ path: string; builtIn: boolean }> {
  if (/^[a-z0-9][a-z0-9-]*$/.test(idOrFile) && (await exists(join(modelsDir, idOrFile, manifestName)))) {
    return { path: join(modelsDir, idOrFile), builtIn: true };
  }
  if (isAbsolute(idOrFile) || /[\\/.]/.test(idOrFile) || (await exists(idOrFile))) {
    return { path: idOrFile, builtIn: false };
  }
  throw new GigatileError('model-not-found', `There is no built-in model "${idOrFile}"`, {
    hint: `Built in are ${(await modelFolders(modelsDir)).join(', ')}; or give the path of a model folder or .onnx file.`,
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (
        error instanceof Error &&
        'code' in error &&
        (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      ) {
        return false;
      }
      throw error;
    },
  );
}
