/** May this ONNX file be given to onnxruntime? Told before it is loaded, from its facts alone. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import type { OnnxFacts } from './facts.ts';

/** What onnxruntime-node 1.30 takes (test/integration/models/onnx-limits.test.ts asks it). */
export const runtimeLimits = { irVersion: 13, opsets: { '': 26, 'ai.onnx.ml': 5 } } as const;

/** Protobuf, and with it onnxruntime, reads files of less than 2 GB. */
const largestFile = 2 ** 31 - 1;

/** Domains of the operators that onnxruntime-node brings with it; any other is code from elsewhere, which is never loaded. */
const builtIn = new Set([
  '',
  'ai.onnx.ml',
  'com.microsoft',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);

/** A file with weights that belong to the model. */
export interface ExternalFile {
  /** As the model names it; onnxruntime is given its bytes under this name. */
  location: string;
  /** Absolute path, links followed. */
  path: string;
  /** Bytes that the model says must be in it, at least. */
  needed: number;
}

/**
 * @returns the files with external weights
 * @throws {GigatileError} model-invalid: too large, newer than the runtime, operators that it lacks, external data outside the
 *   model's folder, missing or cut off
 */
export async function checkOnnx(facts: OnnxFacts): Promise<ExternalFile[]> {
  checkSize(facts);
  checkVersions(facts);
  checkOperators(facts);
  const files: ExternalFile[] = [];
  for (const [location, needed] of facts.externalData)
    files.push(await externalFile(facts, location, needed));
  return files;
}

const refusal = (facts: OnnxFacts, message: string, hint: string): GigatileError =>
  new GigatileError('model-invalid', message, { where: facts.file, hint });

function checkSize(facts: OnnxFacts): void {
  if (facts.size <= largestFile) return;
  throw refusal(
    facts,
    `This ONNX file has ${(facts.size / 2 ** 30).toFixed(1)} GB, and a single one may have less than 2 GB`,
    'Save it with its weights as external data in a file beside it (onnx.save_model with save_as_external_data=True).',
  );
}

function checkVersions(facts: OnnxFacts): void {
  if (facts.irVersion > runtimeLimits.irVersion) {
    throw refusal(
      facts,
      `The file has ONNX format version (IR) ${facts.irVersion}; this application reads up to ${runtimeLimits.irVersion}`,
      'Export the model with an older version of ONNX, or use a newer version of this application.',
    );
  }
  for (const [domain, most] of Object.entries(runtimeLimits.opsets)) {
    const version = facts.opsets[domain] ?? 0;
    if (version <= most) continue;
    throw refusal(
      facts,
      `The model uses operator set ${version}${domain === '' ? '' : ` of ${domain}`}; this application has up to ${most}`,
      `Export it with opset ${most} or lower, for instance opset_version=17 in torch.onnx.export.`,
    );
  }
}

function checkOperators(facts: OnnxFacts): void {
  for (const [domain, operators] of Object.entries(facts.operators)) {
    if (builtIn.has(domain)) continue;
    const some = operators.slice(0, 5).join(', ');
    throw refusal(
      facts,
      `The model uses operators that are no part of ONNX: ${some}${operators.length > 5 ? ' …' : ''} of the domain "${domain}"`,
      'Libraries of custom operators are never loaded: export the model with standard operators.',
    );
  }
}

async function externalFile(facts: OnnxFacts, location: string, needed: number): Promise<ExternalFile> {
  const parts = location.split(/[\\/]/);
  const isOutside =
    location === '' ||
    location.includes('\0') ||
    location.startsWith('/') ||
    location.includes('\\') ||
    /^[a-z]:/i.test(location) ||
    parts.includes('..');
  if (isOutside) throw outside(facts, location);
  const folder = dirname(facts.file);
  const path = await realpath(join(folder, location)).catch((cause: unknown) => {
    throw new GigatileError('model-invalid', `The model's weights are in "${location}", which is not there`, {
      where: facts.file,
      hint: `Put ${basename(location)} where it was beside the model: they belong together.`,
      cause,
    });
  });
  if (!path.startsWith((await realpath(folder)) + sep)) throw outside(facts, location);
  const entry = await stat(path);
  if (!entry.isFile())
    throw refusal(
      facts,
      `The model's weights are in "${location}", which is no file`,
      'Export the model again.',
    );
  if (entry.size < needed) {
    throw refusal(
      facts,
      `The file with the model's weights, "${location}", is cut off: it has ${entry.size} bytes of at least ${needed}`,
      'Copy or download it again.',
    );
  }
  return { location, path, needed };
}

function outside(facts: OnnxFacts, location: string): GigatileError {
  return refusal(
    facts,
    `The model's weights are said to be in "${location}", outside its own folder`,
    'A model may read only files beside it: copy the file there and save the model with that name (links that lead elsewhere do not count).',
  );
}
