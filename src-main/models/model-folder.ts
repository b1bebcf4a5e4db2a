/** The folder that a model lies in, as the readers of conventions see it. */
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { ModelFolder } from './convention.ts';

/** Sidecars are some kilobytes; what is larger is something else. */
const largestText = 4 * 2 ** 20;

/** A folder of downloads may be long; sidecars of one model are found by their names. */
const mostNames = 10_000;

/** @param file absolute path of the .onnx file. @throws {GigatileError} model-invalid where the folder cannot be listed */
export async function openModelFolder(file: string): Promise<ModelFolder> {
  const path = dirname(file);
  const names = await readdir(path).catch((cause: unknown) => {
    throw new GigatileError('model-invalid', "The model's folder cannot be listed", { where: path, cause });
  });
  return {
    path,
    modelFile: basename(file),
    names: names.sort().slice(0, mostNames),
    readText: (name) => readTextFile(join(path, basename(name))),
  };
}

/**
 * @returns null where there is no such file
 * @throws {GigatileError} model-invalid where it cannot be read, is no UTF-8 or is larger than 4 MB
 */
export async function readTextFile(path: string): Promise<string | null> {
  const wrong = (message: string, cause?: unknown): GigatileError =>
    new GigatileError('model-invalid', `${basename(path)} ${message}`, { where: path, cause });
  const file = await open(path, 'r').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return null;
    throw wrong('cannot be read', cause);
  });
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw wrong('is no file');
    if (stat.size > largestText) throw wrong(`has ${stat.size} bytes; at most ${largestText} are read`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (cause) {
    if (cause instanceof GigatileError) throw cause;
    throw wrong(cause instanceof TypeError ? 'is no text (UTF-8)' : 'cannot be read', cause);
  } finally {
    await file.close();
  }
}
