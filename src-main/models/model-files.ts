/** A model's files on the disk: where they are, what they hash to. */
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { manifestName } from './parse-manifest.ts';

export interface ModelPlace {
  /** Absolute path of the folder. */
  folder: string;
  /** Absolute path of gigatile.json, which may not be there. */
  manifestPath: string;
  /** Absolute path of the .onnx file that was named, or that is alone in the folder that was; null where gigatile.json was named or none. */
  modelFile: string | null;
}

/**
 * @param path a folder, a gigatile.json or an .onnx file
 * @throws {GigatileError} model-not-found
 */
export async function placeOf(path: string): Promise<ModelPlace> {
  const given = resolve(path);
  const entry = await stat(given).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', 'There is no such model file or folder', {
      where: path,
      hint: 'Name a built-in model (gigatile models lists them), an .onnx file, or a folder with one.',
      cause,
    });
  });
  const folder = entry.isDirectory() ? given : dirname(given);
  const manifestPath = join(folder, manifestName);
  if (!entry.isDirectory()) return { folder, manifestPath, modelFile: given === manifestPath ? null : given };
  const models = (await readdir(folder)).filter((name) => /\.onnx$/i.test(name));
  const [only] = models;
  return {
    folder,
    manifestPath,
    modelFile: models.length === 1 && only !== undefined ? join(folder, only) : null,
  };
}

/** What was hashed already: a list of models is asked for again and again, and some have gigabytes. */
const known = new Map<string, string>();
const mostKnown = 200;

/** Bytes. @throws {GigatileError} model-not-found, model-invalid where it is a folder */
export async function fileSize(path: string): Promise<number> {
  return (await fileStat(path)).size;
}

async function fileStat(path: string): Promise<Stats> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', `A file that ${manifestName} names is not there`, {
      where: path,
      hint: `Put it beside ${manifestName}, or correct files[].file.`,
      cause,
    });
  });
  if (!entry.isFile()) {
    throw new GigatileError('model-invalid', 'This is no ONNX file but a folder', { where: path });
  }
  return entry;
}

/**
 * SHA-256, hex; read in a stream, and once as long as the file stays as it is (by size, time and place on the disk: a worker hashes
 * what it loads itself).
 *
 * @throws {GigatileError} model-not-found, model-invalid
 */
export async function fileSha256(path: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino, dev } = await fileStat(path);
  const key = [resolve(path), size, mtimeMs, ctimeMs, ino, dev].join('\n');
  const before = known.get(key);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }))
      hash.update(chunk as Buffer);
  } catch (cause) {
    throw new GigatileError('model-invalid', 'The model file cannot be read', { where: path, cause });
  }
  const digest = hash.digest('hex');
  const [oldest] = known.keys();
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
  known.set(key, digest);
  return digest;
}
