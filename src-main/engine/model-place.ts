/**
 * Where the model of a run is now. A run keeps its model's path and hash; the path may mean nothing any more (the file was moved,
 * Gigatile was installed elsewhere, the case came from another machine), the hash always tells.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { builtInWith, sameModelAt } from '../models/find-same.ts';
import type { CaseFile } from '../store/case-file.ts';

const locate = 'show where it is now ("Locate the model…", or "gigatile resume <case> --model <path>")';

/** Models of a run that lie in files: its own, and its content gate's. */
function modelsOf(caseFile: CaseFile, no: number): { path: string; sha256: string }[] {
  const { manifest, modelPath, modelSha256, fit } = caseFile.runs.get(no);
  const own = manifest.remote === undefined ? [{ path: modelPath, sha256: modelSha256 }] : [];
  const { gate } = fit;
  return gate === undefined ? own : [...own, { path: gate.modelPath, sha256: gate.modelSha256 }];
}

function move(caseFile: CaseFile, no: number, sha256: string, path: string): void {
  caseFile.transaction(() => {
    caseFile.runs.setModelPath(no, sha256, path);
    caseFile.events.append(no, 'model-relocated', { name: basename(path), sha256 });
  });
}

/**
 * Looks for the run's models; built-in ones that lie elsewhere now are found by themselves. Whether a file that is there has the
 * right content, whoever loads it checks.
 * @throws {GigatileError} model-not-found, with what to do
 */
export async function findModels(caseFile: CaseFile, no: number, modelsDir: string): Promise<void> {
  for (const { path, sha256 } of modelsOf(caseFile, no)) {
    if (existsSync(path)) continue;
    const builtIn = await builtInWith(sha256, modelsDir);
    if (builtIn === null) {
      throw new GigatileError('model-not-found', `The model "${basename(path)}" is not where it was`, {
        where: path,
        hint: `Put it back, or ${locate}. What the run has found is safe.`,
      });
    }
    move(caseFile, no, sha256, builtIn);
  }
}

/**
 * The run's model, or its content gate's, is at this place now.
 * @param place path of an .onnx file or a model folder, or id of a built-in model
 * @throws {GigatileError} model-changed where another model lies there; nothing is changed then
 */
export async function relocateModel(
  caseFile: CaseFile,
  no: number,
  place: string,
  modelsDir: string,
): Promise<void> {
  const known = modelsOf(caseFile, no);
  const { path, sha256 } = await sameModelAt(
    place,
    known.map((model) => model.sha256),
    modelsDir,
  );
  if (known.some((model) => model.sha256 === sha256 && model.path === path)) return;
  move(caseFile, no, sha256, path);
}

/** Errors after which a run goes on as soon as its model is shown again. */
export function isAboutModel(code: string | undefined): boolean {
  return code === 'model-not-found' || code === 'model-changed';
}
