/** Folders with a model and its sidecars, and what is read of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GigatileError, type PlainError } from '../../../../src-main/contract/errors.ts';
import { describeFile, type FileDescription } from '../../../../src-main/models/describe-model.ts';
import { writeOnnx, type OnnxSpec } from '../../../support/onnx-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** @returns the .onnx file's path */
export function modelFolder(
  spec: OnnxSpec,
  sidecars: Readonly<Record<string, string | object>>,
  name = 'model.onnx',
): string {
  const folder = temporaryFolder('sidecar');
  for (const [file, content] of Object.entries(sidecars)) {
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return writeOnnx(folder, spec, name);
}

export function described(
  spec: OnnxSpec,
  sidecars: Readonly<Record<string, string | object>>,
  name?: string,
): Promise<FileDescription> {
  return describeFile(modelFolder(spec, sidecars, name));
}

/** What is wrong with a description, which must be said. */
export async function problemOf(
  spec: OnnxSpec,
  sidecars: Readonly<Record<string, string | object>>,
): Promise<PlainError> {
  const { problem, manifest, convention } = await described(spec, sidecars);
  if (problem === null)
    throw new GigatileError('internal', `Read as ${convention}: ${JSON.stringify(manifest)}`);
  return problem;
}
