/** An ONNX session over a model whose file and graph were checked against what was promised. */
import { basename } from 'node:path';
import type * as Runtime from 'onnxruntime-node';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { ExecutionProvider } from '../../contract/run.ts';
import { unmixing } from '../../core/stains.ts';
import type { ModelInit } from '../../core/worker-protocol.ts';
import type { InputArray } from '../../models/fill-tensor.ts';
import { setWeights } from '../../models/onnx-file/set-weights.ts';
import { splitFront, tableShape, type Front } from '../../models/onnx-file/split-front.ts';
import type { Outputs } from '../../models/outputs.ts';
import { planesOf, type FrontWork } from './front.ts';
import { loadModelFile } from './load-model-file.ts';
import { numbersOf } from './output-numbers.ts';

type GraphFacts = Pick<Runtime.InferenceSession, 'inputNames' | 'outputNames' | 'inputMetadata'>;

export interface ModelSession {
  provider: string;
  /** Most tiles that the graph takes at once. */
  maxBatch: number;
  /** One at a time. @throws whatever onnxruntime says about this input */
  run(input: InputArray, dims: readonly number[]): Promise<Outputs>;
}

/** @throws {GigatileError} codec-missing, model-not-found, model-invalid */
export async function openModel(init: ModelInit): Promise<ModelSession> {
  const runtime = await loadRuntime();
  const where = basename(init.modelPath);
  const file = withStains(await loadModelFile(init.modelPath, init.modelSha256), init.manifest);
  const front = frontOf(file, init);
  const session = await createSession(runtime, front?.bytes ?? file, init);
  const maxBatch = checkGraph(front === null ? session : withFront(session, front, init), init, where);
  const names = outputNames(init.manifest);
  const toTensor = tensorMaker(runtime, inputDtype(init));
  const planes = front === null ? null : planesMaker(runtime, await workOf(runtime, front, init));
  const extra = extraInputs(runtime, init.manifest);
  return {
    provider: init.provider,
    maxBatch,
    run: async (input, dims) => {
      const feeds: Record<string, Runtime.Tensor> = {};
      if (planes !== null && front !== null) feeds[front.name] = planes(input, dims);
      if (front === null || front.keepsBytes) feeds[init.manifest.input.name] = toTensor(input, dims);
      return numbersOf(await session.run(extra === null ? feeds : { ...feeds, ...extra(dims) }, names));
    },
  };
}

/** On the processor only: to others bytes are brought sooner than floats, and they have enough hands for the rest. */
function frontOf(file: Uint8Array | string, init: ModelInit): Front | null {
  const { name, layout, bands } = init.manifest.input;
  if (typeof file === 'string' || init.provider !== 'cpu') return null;
  if (layout !== 'NHWC' || bands.length !== 3 || inputDtype(init) !== 'uint8') return null;
  return splitFront(file, name);
}

/** What becomes of each byte, made by onnxruntime's own operators where it is no factor and term. @throws as createSession does */
async function workOf(runtime: typeof Runtime, { work, name }: Front, init: ModelInit): Promise<FrontWork> {
  if (!('graph' in work)) return work;
  const session = await createSession(runtime, work.graph, init);
  const [, height, width, colours] = tableShape;
  const bytes = Uint8Array.from({ length: height * width * colours }, (_, i) => Math.floor(i / colours));
  const input = new runtime.Tensor('uint8', bytes, tableShape);
  const { [name]: made } = await session.run({ [init.manifest.input.name]: input });
  await session.release();
  // The planes of the three colours lie one after the other, as in a table.
  return Float32Array.from(made?.data as Float32Array);
}

/** What the graph takes together with its front: what the file says, and what is checked. */
function withFront(session: GraphFacts, { name, keepsBytes }: Front, { manifest }: ModelInit): GraphFacts {
  const outer = manifest.input.name;
  const others = session.inputNames.filter((each) => each !== name && each !== outer);
  return {
    inputNames: [outer, ...others],
    outputNames: session.outputNames,
    inputMetadata: session.inputMetadata.flatMap((each) => {
      if (each.name !== name || !each.isTensor) return [each];
      if (keepsBytes) return [];
      const [batch = 'N', bands = 3, height = 'height', width = 'width'] = each.shape;
      return [{ name: outer, isTensor: true, type: 'uint8', shape: [batch, height, width, bands] }];
    }),
  };
}

/** The slide's own stains in the place of the model's. @throws {GigatileError} model-invalid */
function withStains(file: Uint8Array | string, { stains }: ModelManifest): Uint8Array | string {
  if (stains?.estimated === undefined) return file;
  if (typeof file === 'string') {
    throw new GigatileError(
      'model-invalid',
      'A model with weights in other files cannot be given other stains',
    );
  }
  return setWeights(file, stains.weights, Float32Array.from(unmixing(...stains.vectors).flat()));
}

/** Providers that onnxruntime loads a driver for: what they need is said where one of them cannot be had. */
const needs: Record<Exclude<ExecutionProvider, 'cpu'>, string> = {
  webgpu: 'a graphics driver with Vulkan, Metal or Direct3D 12',
  cuda: 'an NVIDIA driver with CUDA 12 and cuDNN 9, and the CUDA libraries of onnxruntime beside it',
  dml: 'Windows with a Direct3D 12 driver',
  coreml: 'macOS',
};

/**
 * On the provider that was asked for, or not at all: onnxruntime refuses a provider that it cannot have. (Single operators that a
 * provider lacks are computed by the processor; that is how onnxruntime works, and no other result.)
 */
async function createSession(
  runtime: typeof Runtime,
  file: Uint8Array | string,
  { modelPath, provider, threads }: ModelInit,
): Promise<Runtime.InferenceSession> {
  const options: Runtime.InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Fatal only: every error comes back as an exception, and is told to the person once, not on the worker's stderr too.
    logSeverityLevel: 4,
  };
  try {
    return await (typeof file === 'string'
      ? runtime.InferenceSession.create(file, options)
      : runtime.InferenceSession.create(file, options));
  } catch (cause) {
    const said = inShort(cause);
    if (provider === 'cpu') {
      throw new GigatileError('model-invalid', 'This file cannot be loaded as an ONNX model', {
        where: basename(modelPath),
        hint: `onnxruntime says: ${said}`,
        cause,
      });
    }
    throw new GigatileError('provider-unusable', `The model cannot be run on ${provider} here: ${said}`, {
      where: basename(modelPath),
      hint: `It takes ${needs[provider]}. "gigatile doctor" tries what there is; with --provider cpu the model runs on the processor.`,
      cause,
    });
  }
}

/** What onnxruntime says, without the place in its source that it puts in front. */
function inShort(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = message] = message.split('\n');
  return line.replace(/^\/onnxruntime_src\/.*? was false\. /, '').trim();
}

async function loadRuntime(): Promise<typeof Runtime> {
  // Its builds for Linux and macOS report their use to their maker; nothing leaves this machine unasked. Read when it is loaded.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  try {
    const runtime = await import('onnxruntime-node');
    // A library that a provider misses is told by the exception too, and need not be on stderr.
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (cause) {
    throw new GigatileError('codec-missing', 'onnxruntime, which runs the models, cannot be loaded', {
      where: 'onnxruntime-node',
      hint: `${cause instanceof Error ? cause.message : String(cause)}. "gigatile doctor" says what is needed.`,
      cause,
    });
  }
}

export function inputDtype(init: ModelInit): ModelManifest['input']['dtype'] {
  return init.manifest.files[init.fileIndex]?.dtype ?? init.manifest.input.dtype;
}

function outputNames({ outputs }: ModelManifest): string[] {
  const { boxes, ...others } = outputs;
  const named = Object.values(others).flatMap((output) => (output === undefined ? [] : [output.name]));
  const { name, scores, labels, protos, masks } = boxes ?? {};
  return [...named, ...[name, scores, labels, protos, masks].filter((each) => each !== undefined)];
}

/** @returns the most tiles a batch. @throws {GigatileError} model-invalid where gigatile.json and graph differ */
function checkGraph(session: GraphFacts, init: ModelInit, where: string): number {
  const { input } = init.manifest;
  const mismatch = (message: string): GigatileError =>
    new GigatileError('model-invalid', message, { where, hint: 'Correct gigatile.json or the ONNX file.' });
  const given = [input.name, ...(input.extra ?? []).map(({ name }) => name)];
  const described = session.inputMetadata.find((entry) => entry.name === input.name);
  const isSame =
    given.length === session.inputNames.length && given.every((n) => session.inputNames.includes(n));
  if (described === undefined || !isSame) {
    throw mismatch(
      `The graph takes ${session.inputNames.join(', ')}, gigatile.json says ${given.join(', ')}`,
    );
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
  const width = input.tileSize;
  const height = input.tileHeight ?? width;
  const expected = nhwc ? [null, height, width, bands] : [null, bands, height, width];
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
        input.fixedSize ? `${width} x ${height} px only` : 'any size'
      }`,
    );
  }
  if (typeof shape[0] !== 'number') return Number.POSITIVE_INFINITY;
  if (shape[0] === 1) return 1;
  throw mismatch(`The graph takes exactly ${shape[0]} tiles at once: it must take any number, or one`);
}

type MakeTensor = (input: InputArray, dims: readonly number[]) => Runtime.Tensor;

/** The input as onnxruntime takes it; half floats are given as their bits. */
function tensorMaker(runtime: typeof Runtime, dtype: ModelManifest['input']['dtype']): MakeTensor {
  return (input, dims) => {
    const tensor = new runtime.Tensor(dtype, input, dims);
    // Where the language has a Float16Array, onnxruntime's own JavaScript makes one of the bits, and its native part, which knows
    // only the bits, then finds no bytes in it ("not enough space: expected 12288, got 0").
    if (dtype === 'float16') Object.defineProperty(tensor, 'data', { value: input });
    return tensor;
  };
}

/** Planes of the bytes, where the front was taken off. */
function planesMaker(runtime: typeof Runtime, work: FrontWork): MakeTensor {
  const toPlanes = planesOf(work);
  return (input, [count = 1, height = 0, width = 0, bands = 0]) =>
    new runtime.Tensor('float32', toPlanes(input as Uint8Array, count), [count, bands, height, width]);
}

/** Further inputs, made anew for each batch; null where there are none. */
function extraInputs(
  runtime: typeof Runtime,
  { input }: ModelManifest,
): ((dims: readonly number[]) => Record<string, Runtime.Tensor>) | null {
  const { extra = [], layout } = input;
  if (extra.length === 0) return null;
  return (dims) => {
    const [count = 0] = dims;
    const [height = 0, width = 0] = layout === 'NHWC' ? dims.slice(1) : dims.slice(2);
    const sizes = BigInt64Array.from({ length: count * 2 }, (_, i) => BigInt(i % 2 === 0 ? width : height));
    return Object.fromEntries(
      extra.map(({ name }) => [name, new runtime.Tensor('int64', sizes, [count, 2])]),
    );
  };
}
