/** Which test a model brings with it: bioimage.io's test_inputs and test_outputs (0.4), or test_tensor (0.5). */
import { readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import type { SelfTestOrder } from '../../core/worker-protocol.ts';
import { completeManifest } from '../complete-manifest.ts';
import { describeFile, undescribed } from '../describe-model.ts';
import { fileSha256, placeOf } from '../model-files.ts';
import { openModelFolder } from '../model-folder.ts';
import { fileBeside, findRdf, type FoundRdf } from '../sidecars/bioimageio.ts';
import type { SourceFile } from '../sidecars/bioimageio-rdf.ts';
import { readPostprocessing } from '../sidecars/bioimageio-steps.ts';
import { wrongSidecar } from '../sidecars/read-sidecar.ts';

/** Test arrays of more are not read. */
const largestArray = 2 ** 29;

export interface PreparedSelfTest {
  order: Omit<SelfTestOrder, 'kind'>;
  /** The output that is compared. */
  output: string;
}

/**
 * @param path an .onnx file, or a folder with one
 * @throws {GigatileError} model-not-found; model-invalid where the model brings no test, or one that cannot be run
 */
export async function prepareSelfTest(path: string): Promise<PreparedSelfTest> {
  const { modelFile } = await placeOf(path);
  const found = modelFile === null ? null : await findRdf(await openModelFolder(modelFile));
  if (modelFile === null || found === null) {
    throw new GigatileError('model-invalid', 'This model brings no test of itself', {
      where: path,
      hint: 'Models of bioimage.io do: their rdf.yaml names test inputs and outputs, which must lie beside it.',
    });
  }
  const description = await describeFile(modelFile);
  if (description.problem !== null || description.convention !== 'bioimage.io')
    throw undescribed(description);
  return prepare(modelFile, found, description);
}

async function prepare(
  modelFile: string,
  { rdf, sidecar }: FoundRdf,
  { facts, draft }: Awaited<ReturnType<typeof describeFile>>,
): Promise<PreparedSelfTest> {
  const folder = dirname(modelFile);
  const [input] = rdf.inputs;
  const [output] = rdf.outputs;
  const value = facts.outputs[0];
  if (input === undefined || output === undefined || value === undefined) {
    throw wrongSidecar(sidecar, 'inputs and outputs', 'are empty');
  }
  const array = async (file: SourceFile | null, field: string): Promise<string> => {
    if (file === null) throw wrongSidecar(sidecar, field, 'names no test array');
    const path = fileBeside(folder, file.source, sidecar, field);
    await checkArray(path, file.sha256);
    return path;
  };
  const steps = readPostprocessing(output, sidecar);
  const count = channelsOf(draft.input.layout, facts.inputs[0]?.dims, input.axes);
  // Names of classes and bands may still be asked for; the numbers don't depend on them.
  const manifest = completeManifest(
    {
      ...draft,
      task: 'classify',
      classes: [{ name: 'any' }],
      outputs: { classFractions: { name: value.name } },
      input: {
        ...draft.input,
        bands: draft.input.bands ?? Array.from({ length: count }, (_, i) => `band-${i + 1}`),
      },
    },
    modelFile,
  );
  const channelAxis = output.axes.findIndex(({ kind }) => kind === 'channel');
  return {
    output: output.name,
    order: {
      model: {
        modelPath: modelFile,
        modelSha256: await fileSha256(modelFile),
        manifest,
        fileIndex: 0,
        threads: 1,
        provider: 'cpu',
      },
      input: await array(input.test, 'test input'),
      expected: await array(output.test, 'test output'),
      output: {
        name: value.name,
        activation: steps.activation,
        factor: steps.factor ?? 1,
        threshold: steps.threshold,
        channelAxis: channelAxis < 0 ? null : channelAxis,
      },
      tolerance: rdf.tolerance,
    },
  };
}

function channelsOf(
  layout: 'NCHW' | 'NHWC' | undefined,
  dims: readonly unknown[] | null | undefined,
  axes: FoundRdf['rdf']['inputs'][number]['axes'],
): number {
  const axis = axes.find(({ kind }) => kind === 'channel');
  if (axis?.size.kind === 'fixed') return axis.size.size;
  const has = dims?.[layout === 'NHWC' ? 3 : 1];
  return typeof has === 'number' ? has : 1;
}

async function checkArray(path: string, sha256: string | null): Promise<void> {
  const size = await stat(path).then(
    (entry) => (entry.isFile() ? entry.size : -1),
    (cause: unknown) => {
      throw new GigatileError('model-invalid', 'A test array is not there', {
        where: path,
        hint: 'Download it with the model and put it beside the description.',
        cause,
      });
    },
  );
  if (size < 0 || size > largestArray) {
    throw new GigatileError(
      'model-invalid',
      `A test array is no file, or larger than ${largestArray} bytes`,
      {
        where: path,
      },
    );
  }
  if (sha256 === null) return;
  const has = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (has !== sha256.toLowerCase()) {
    throw new GigatileError('model-invalid', 'A test array is not the one that is described', {
      where: path,
      hint: `Its description says SHA-256 ${sha256}, it has ${has}: download it again.`,
    });
  }
}
