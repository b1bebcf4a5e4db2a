/** An ONNX session over a model whose file and graph were checked against what was promised. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type * as Runtime from 'onnxruntime-node';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { InferenceInit } from '../../core/worker-protocol.ts';
import type { InputArray } from '../../models/fill-tensor.ts';
import type { Outputs } from '../../models/outputs.ts';

export interface ModelSession {
  provider: string;
  /** Most tiles that the graph takes at once. */
  maxBatch: number;
  /** @throws whatever onnxruntime says about this input */
  run(input: InputArray, dims: readonly number[]): Promise<Outputs>;
}

/** @throws {GigatileError} codec-missing, model-not-found, model-invalid */
export async function openModel(init: InferenceInit): Promise<ModelSession> {
  const runtime = await loadRuntime();
  const where = basename(init.modelPath);
  const bytes = await readFile(init.modelPath).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', 'The model file cannot be read', {
      where: init.modelPath,
      hint: 'Put it back where it was, or start a new run with another model.',
      cause,
    });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== init.modelSha256) {
    throw new GigatileError('model-invalid', 'The model file is not the one that this run began with', {
      where,
      hint: `Its SHA-256 is ${found.slice(0, 12)}…, the run's ${init.modelSha256.slice(0, 12)}…: put the old file back, or start a new run.`,
    });
  }
  // From the bytes that were hashed, not from the path: what runs is what was checked, and no second file is read.
  const session = await runtime.InferenceSession.create(bytes, {
    executionProviders: [init.provider],
    intraOpNumThreads: init.threads,
    interOpNumThreads: 1,
    // Fatal only: every error comes back as an exception, and is told to the person once, not on the worker's stderr too.
    logSeverityLevel: 4,
  }).catch((cause: unknown) => {
    throw new GigatileError('model-invalid', 'This file cannot be loaded as an ONNX model', {
      where,
      hint: `onnxruntime says: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  });
  const maxBatch = checkGraph(session, init, where);
  const names = outputNames(init.manifest);
  const { name } = init.manifest.input;
  const dtype = inputDtype(init);
  return {
    provider: init.provider,
    maxBatch,
    run: async (input, dims) =>
      numbers(await session.run({ [name]: new runtime.Tensor(dtype, input, dims) }, names)),
  };
}

async function loadRuntime(): Promise<typeof Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new GigatileError('codec-missing', 'onnxruntime, which runs the models, cannot be loaded', {
      where: 'onnxruntime-node',
      hint: `${cause instanceof Error ? cause.message : String(cause)}. "gigatile doctor" says what is needed.`,
      cause,
    });
  }
}

export function inputDtype(init: InferenceInit): ModelManifest['input']['dtype'] {
  return init.manifest.files[init.fileIndex]?.dtype ?? init.manifest.input.dtype;
}

function outputNames({ outputs }: ModelManifest): string[] {
  return Object.values(outputs).flatMap((o) => (o === undefined ? [] : [o.name]));
}

/** @returns the most tiles a batch. @throws {GigatileError} model-invalid where gigatile.json and graph differ */
function checkGraph(session: Runtime.InferenceSession, init: InferenceInit, where: string): number {
  const { input } = init.manifest;
  const mismatch = (message: string): GigatileError =>
    new GigatileError('model-invalid', message, { where, hint: 'Correct gigatile.json or the ONNX file.' });
  const others = session.inputNames.filter((name) => name !== input.name);
  const described = session.inputMetadata.find((entry) => entry.name === input.name);
  if (described === undefined || others.length > 0) {
    throw mismatch(`The graph takes ${session.inputNames.join(', ')}, gigatile.json says ${input.name}`);
  }
  if (!described.isTensor) throw mismatch(`The input ${input.name} is no tensor`);
  const dtype = inputDtype(init);
  if (described.type !== dtype) {
    throw mismatch(`The input ${input.name} is ${described.type}, gigatile.json says ${dtype}`);
  }
  const missing = outputNames(init.manifest).find((name) => !session.outputNames.includes(name));
  if (missing !== undefined) {
    throw mismatch(`The graph has no output ${missing}; it gives ${session.outputNames.join(', ')}`);
  }
  const { shape } = described;
  const bands = input.bands.length;
  const nhwc = input.layout === 'NHWC';
  const edge = input.tileSize;
  const expected = nhwc ? [null, edge, edge, bands] : [null, bands, edge, edge];
  const isSize = (axis: number): boolean => axis !== 0 && axis !== (nhwc ? 3 : 1);
  const fits = expected.every((want, axis) => {
    const has = shape[axis];
    // A named dimension takes any size; a fixed one must be what the manifest says, which must then say so too.
    if (typeof has !== 'number' || want === null) return true;
    return has === want && (!isSize(axis) || input.fixedSize);
  });
  if (shape.length !== 4 || !fits) {
    throw mismatch(
      `The input ${input.name} has the shape ${shape.join(' x ')}; gigatile.json says ${input.layout}, ${bands} bands, tiles of ${
        input.fixedSize ? `${edge} px only` : 'any size'
      }`,
    );
  }
  if (typeof shape[0] !== 'number') return Number.POSITIVE_INFINITY;
  if (shape[0] === 1) return 1;
  throw mismatch(`The graph takes exactly ${shape[0]} tiles at once: it must take any number, or one`);
}

function numbers(found: Readonly<Record<string, Runtime.Tensor>>): Outputs {
  return Object.fromEntries(
    Object.entries(found).map(([name, tensor]) => {
      const { data, dims, type } = tensor;
      if (!ArrayBuffer.isView(data) || data instanceof BigInt64Array || data instanceof BigUint64Array) {
        throw new GigatileError('model-invalid', `The output ${name} is ${type}: float32 or uint8 is needed`);
      }
      return [name, { data, dims }];
    }),
  );
}
