/** Reads what a model is: from the gigatile.json beside it, from itself, or from a known sidecar; nothing is guessed. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { ModelCard, ModelManifest } from '../contract/model.ts';
import { describeFile, undescribed, type FileDescription } from './describe-model.ts';
import { fileSha256, fileSize, placeOf, type ModelPlace } from './model-files.ts';
import { hashWeights, modelHash, type WeightsFile } from './model-hash.ts';
import { checkOnnx, type ExternalFile } from './onnx-file/check-onnx.ts';
import { readOnnx } from './onnx-file/read-onnx.ts';
import { manifestName, parseManifest } from './parse-manifest.ts';
import { torchScriptOnly } from './sidecars/torchscript-only.ts';

export { manifestName, parseManifest } from './parse-manifest.ts';

/** The facts about a model whose source is recorded with it. */
const stated = ['task', 'classes', 'resolution', 'input', 'outputs', 'threshold'] as const;

/** A model that was found on the disk. */
export interface FoundModel {
  card: ModelCard;
  /** Absolute path of each of the manifest's files, in order. */
  files: string[];
  /** For each of them, the files beside it that hold weights of its own; most models have none. */
  externalData: ExternalFile[][];
}

/** What is known about a model, whether or not that is enough to run it. */
export interface ModelDescription {
  /** The model, ready to run; null where something is missing. */
  found: FoundModel | null;
  /** `gigatile.json`, Ultralytics, Deepness …; null where nobody describes it. */
  convention: string | null;
  /** What is known of the .onnx file; null where a gigatile.json says all. */
  file: FileDescription | null;
}

/**
 * @param path an .onnx file, a folder with one, or a gigatile.json
 * @throws {GigatileError} model-not-found, model-invalid
 */
export async function readModel(path: string, options: { builtIn?: boolean } = {}): Promise<FoundModel> {
  const { found, file } = await describeModel(path, options);
  if (found !== null) return found;
  if (file === null) throw new RangeError('A model that is neither found nor described');
  throw undescribed(file);
}

/**
 * The same, without an error where only a person can say what is missing.
 * @throws {GigatileError} model-not-found; model-invalid for a file that may not be loaded and for a wrong gigatile.json
 */
export async function describeModel(
  path: string,
  options: { builtIn?: boolean } = {},
): Promise<ModelDescription> {
  const place = await placeOf(path);
  const stated = await manifestBeside(place);
  if (stated.manifest !== null) {
    return { found: await byManifest(place, stated.manifest, options), convention: manifestName, file: null };
  }
  if (place.modelFile === null) throw (await torchScriptOnly(place.folder)) ?? nothingThere(place, path);
  const file = await describeFile(place.modelFile);
  // A gigatile.json for another model says nothing about one that describes itself.
  if (stated.others !== null && file.convention === null) throw notNamed(place.modelFile, stated.others);
  return {
    found: file.manifest === null ? null : await byFile(file, file.manifest),
    convention: file.convention,
    file,
  };
}

/** The manifest that names the model; or, where there is one that does not, the files that it names. */
async function manifestBeside({
  folder,
  manifestPath,
  modelFile,
}: ModelPlace): Promise<{ manifest: ModelManifest | null; others: string[] | null }> {
  const text = await readFile(manifestPath, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new GigatileError('model-invalid', `${manifestName} cannot be read`, {
      where: manifestPath,
      cause,
    });
  });
  if (text === null) return { manifest: null, others: null };
  const manifest = parseManifest(text, manifestPath);
  if (modelFile === null || manifest.files.some((f) => resolve(folder, f.file) === modelFile)) {
    return { manifest, others: null };
  }
  return { manifest: null, others: manifest.files.map((f) => f.file) };
}

async function byManifest(
  { folder }: ModelPlace,
  manifest: ModelManifest,
  options: { builtIn?: boolean },
): Promise<FoundModel> {
  const files = manifest.files.map((f) => join(folder, f.file));
  const externalData: ExternalFile[][] = [];
  for (const file of files) {
    // The first thing to say of a file is whether it is there.
    await fileSize(file);
    // A model on another computer names its gigatile.json as its file: there is no graph to look into.
    externalData.push(manifest.remote === undefined ? await checkOnnx(readOnnx(file)) : []);
  }
  const readFrom = Object.fromEntries(stated.map((fact) => [fact, manifestName]));
  const card = { manifest, builtIn: options.builtIn ?? false, readFrom };
  return { card: { ...card, ...(await hashes(files, externalData)) }, files, externalData };
}

async function byFile(file: FileDescription, manifest: ModelManifest): Promise<FoundModel> {
  const files = [file.file];
  const externalData = [file.externalData];
  const card: ModelCard = {
    manifest,
    builtIn: false,
    readFrom: file.readFrom,
    ...(file.notes.length === 0 ? {} : { notes: file.notes }),
    ...(await hashes(files, externalData)),
  };
  return { card, files, externalData };
}

/** A model is its weights, wherever they are. */
async function hashes(
  files: readonly string[],
  externalData: ExternalFile[][],
): Promise<Pick<ModelCard, 'sha256' | 'externalData'>> {
  const sha256: string[] = [];
  const all: WeightsFile[] = [];
  for (const [i, file] of files.entries()) {
    const weights = await hashWeights(externalData[i] ?? []);
    sha256.push(modelHash(await fileSha256(file), weights));
    all.push(...weights);
  }
  return { sha256, ...(all.length === 0 ? {} : { externalData: all }) };
}

function notNamed(file: string, others: readonly string[]): GigatileError {
  return new GigatileError('model-invalid', `The ${manifestName} beside this file does not name it`, {
    where: file,
    hint: `It names ${others.join(', ')}: add { "file": "${basename(file)}", "imageTypes": ["uint8"] } to its files, or give the model a folder of its own.`,
  });
}

function nothingThere({ folder, manifestPath }: ModelPlace, path: string): GigatileError {
  return new GigatileError(
    'model-invalid',
    `This folder has no ${manifestName} and not one .onnx file only, so it is unknown what its model takes and gives`,
    { where: path === folder ? path : folder, hint: `Name the .onnx file itself, or write ${manifestPath}.` },
  );
}
