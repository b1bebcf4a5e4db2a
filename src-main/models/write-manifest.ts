/** Saves what a person has said of a model as the gigatile.json beside it. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import { applyAnswers, type Answers } from './answers.ts';
import { completeManifest, firstGap } from './complete-manifest.ts';
import { describeFile, type FileDescription } from './describe-model.ts';
import { settledBy } from './families.ts';
import { placeOf } from './model-files.ts';
import { manifestName, validManifest } from './parse-manifest.ts';

/**
 * @param path an .onnx file, or a folder with one
 * @param answers texts by the names of the facts that were missing; also `name`, `threshold`, and facts that were read, to correct them
 * @param options `replace`: an existing gigatile.json is written anew
 * @returns the manifest and where it was written
 * @throws {GigatileError} usage where an answer is none or one is missing, conflict where there is a gigatile.json, not-writable
 */
export async function writeManifest(
  path: string,
  answers: Answers,
  options: { replace?: boolean } = {},
): Promise<{ manifest: ModelManifest; path: string }> {
  const { modelFile } = await placeOf(path);
  if (modelFile === null) {
    throw new GigatileError('usage', 'A model is described by its .onnx file', {
      where: path,
      hint: 'Name the .onnx file itself.',
    });
  }
  const description = await describeFile(modelFile);
  const manifest = manifestWith(description, answers);
  const target = join(dirname(modelFile), manifestName);
  await save(target, `${JSON.stringify(manifest, null, 2)}\n`, options.replace === true);
  return { manifest, path: target };
}

/** @throws {GigatileError} usage, model-invalid */
export function manifestWith(description: FileDescription, answers: Answers): ModelManifest {
  const { file, facts } = description;
  const draft = applyAnswers(description.draft, answers, facts);
  // The family is a shortcut: what it settles may as well be said one by one.
  const settled = new Set(['family', ...settledBy(answers['family'])]);
  const open = description.missing
    .map(({ fact }) => fact)
    .filter((fact) => answers[fact] === undefined && !settled.has(fact));
  const gap = open.length > 0 ? open.join(', ') : firstGap(draft);
  if (gap !== null) {
    throw new GigatileError('usage', `It is not said yet: ${gap}`, {
      where: file,
      hint: 'Answer what is asked; nothing is guessed.',
    });
  }
  return validManifest(completeManifest(draft, file), file, 'What was said of this model');
}

async function save(path: string, text: string, replace: boolean): Promise<void> {
  try {
    if (!replace) return await writeFile(path, text, { flag: 'wx' });
    const half = `${path}.${process.pid}`;
    try {
      await writeFile(half, text);
      await rename(half, path);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'EEXIST') {
      throw new GigatileError('conflict', `There is a ${manifestName} beside this model already`, {
        where: path,
        hint: 'Say that it is to be replaced (on the command line: --replace), or edit it.',
        cause,
      });
    }
    if (code === 'ENOSPC') throw new GigatileError('disk-full', 'The disk is full', { where: path, cause });
    throw new GigatileError('not-writable', `${manifestName} cannot be written beside the model`, {
      where: path,
      hint: 'Copy the model to a folder in which you may write.',
      cause,
    });
  }
}
