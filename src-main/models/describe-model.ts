/**
 * What is known about any .onnx file, in this order: a gigatile.json beside it that names it, metadata inside it, a known sidecar;
 * where none is there, what its graph says. Nothing is guessed: what a person must say is listed.
 */
import { basename } from 'node:path';
import { GigatileError, toPlainError, type PlainError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import { completeManifest, firstGap } from './complete-manifest.ts';
import type { Description, ManifestDraft, MissingFact, ModelFolder } from './convention.ts';
import { insideConventions } from './conventions/all.ts';
import { draftOfGraph } from './graph-draft.ts';
import { openModelFolder } from './model-folder.ts';
import { checkOnnx, type ExternalFile } from './onnx-file/check-onnx.ts';
import type { OnnxFacts } from './onnx-file/facts.ts';
import { readOnnx } from './onnx-file/read-onnx.ts';
import { manifestName, validManifest } from './parse-manifest.ts';
import { sidecarConventions } from './sidecars/all.ts';

export interface FileDescription {
  /** Absolute path. */
  file: string;
  /** As people know it; null where nobody describes the model. */
  convention: string | null;
  /** Complete; null where something is missing. */
  manifest: ModelManifest | null;
  draft: ManifestDraft;
  missing: MissingFact[];
  readFrom: Record<string, string>;
  notes: string[];
  /** What a convention says wrongly, where one was there and could not be used; `draft` is the graph's then. */
  problem: PlainError | null;
  facts: OnnxFacts;
  externalData: ExternalFile[];
}

/**
 * Without a gigatile.json, which `describeModel` and `readModel` ask first.
 * @param file absolute path of an .onnx file
 * @throws {GigatileError} model-not-found, model-invalid where the file may not be loaded at all
 */
export async function describeFile(file: string): Promise<FileDescription> {
  const facts = readOnnx(file);
  const externalData = await checkOnnx(facts);
  const folder = await openModelFolder(file);
  const base = { file, facts, externalData };
  let problem: PlainError | null = null;
  try {
    const description = await firstDescription(facts, folder);
    if (description !== null) return { ...base, ...complete(description, file), problem };
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
    problem = toPlainError(error);
  }
  const { manifest: draft, missing, readFrom } = draftOfGraph(facts);
  return { ...base, convention: null, manifest: null, draft, missing, readFrom, notes: [], problem };
}

/** The first that says all; where none does, the first that says something. */
async function firstDescription(facts: OnnxFacts, folder: ModelFolder): Promise<Description | null> {
  let incomplete: Description | null = null;
  for (const convention of [...insideConventions, ...sidecarConventions]) {
    const description = await convention.read(facts, folder);
    if (description === null) continue;
    if (description.missing.length === 0 && firstGap(description.manifest) === null) return description;
    incomplete ??= description;
  }
  return incomplete;
}

function complete(
  description: Description,
  file: string,
): Pick<FileDescription, 'convention' | 'manifest' | 'draft' | 'missing' | 'readFrom' | 'notes'> {
  const { convention, manifest: draft, readFrom, notes } = description;
  const missing = [...description.missing];
  const gap = firstGap(draft);
  if (gap !== null && missing.length === 0) {
    missing.push({ fact: gap, question: `What is ${gap}? ${convention} does not say it.` });
  }
  const manifest =
    missing.length > 0
      ? null
      : validManifest(completeManifest(draft, file), file, `What ${convention} says of ${basename(file)}`);
  return { convention, manifest, draft, missing, readFrom, notes };
}

/** The one error that says what must be told, and how. */
export function undescribed(description: FileDescription): GigatileError {
  const { file, convention, missing, problem, draft } = description;
  if (problem !== null) return GigatileError.fromPlain(problem);
  const input = draft.input.name === undefined ? '' : ` Its input is ${draft.input.name}.`;
  return new GigatileError(
    'model-invalid',
    convention === null
      ? `There is no ${manifestName} beside this model and nothing inside it that says what it takes and gives`
      : `This model (${convention}) does not say all that must be known: ${missing.map(({ fact }) => fact).join(', ')}`,
    {
      where: file,
      hint: `${input} Say ${missing.map(({ fact }) => fact).join(', ')}: in the window, with "gigatile models ${basename(file)} --set fact=answer", or write ${file.slice(0, -basename(file).length)}${manifestName} (input, outputs, classes …); models/he-nuclei/${manifestName} of this application is an example.`.trim(),
    },
  );
}
