/** Models of bioimage.io: an rdf.yaml or bioimageio.yaml (format 0.4 or 0.5) whose ONNX weights are the file. */
import { join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { ConventionReader, Description, MissingFact } from '../convention.ts';
import { checkShape, customaryHalo, imageDtype, onlyInput, outputAt } from '../conventions/tell.ts';
import { fileSha256 } from '../model-files.ts';
import type { OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';
import { bandsOf, haloOf, tileOf } from './bioimageio-input.ts';
import { outputsOf } from './bioimageio-output.ts';
import { parseYaml, readRdf, type Axis, type Rdf, type RdfTensor } from './bioimageio-rdf.ts';
import { foldPreprocessing } from './bioimageio-steps.ts';
import { lastPart, refusedBySidecar, sidecarAt, type Sidecar } from './read-sidecar.ts';

/** Also of packages whose names carry the model's (`package.rdf.yaml`). */
const sidecarName = /^(?:.*\.)?(?:rdf|bioimageio)\.ya?ml$/i;
const mostSidecars = 20;

export interface FoundRdf {
  rdf: Rdf;
  sidecar: Sidecar;
}

export const bioimageio: ConventionReader = {
  name: 'bioimage.io',
  read: async (facts, folder) => {
    const found = await findRdf(folder);
    return found === null ? null : describe(facts, found);
  },
};

/** @returns the description whose ONNX weights are this file; null where there is none. @throws {GigatileError} model-invalid */
export async function findRdf(folder: {
  path: string;
  modelFile: string;
  names: readonly string[];
  readText(name: string): Promise<string | null>;
}): Promise<FoundRdf | null> {
  for (const name of folder.names.filter((each) => sidecarName.test(each)).slice(0, mostSidecars)) {
    const sidecar = sidecarAt({ ...folder }, name);
    const text = await folder.readText(name);
    if (text === null) continue;
    const rdf = readRdf(await parseYaml(text, sidecar), sidecar);
    if (rdf !== null && lastPart(rdf.onnx.source) === folder.modelFile) return { rdf, sidecar };
  }
  return null;
}

async function describe(facts: OnnxFacts, { rdf, sidecar }: FoundRdf): Promise<Description> {
  await checkWeights(facts, rdf, sidecar);
  const [tensor, ...more] = rdf.inputs;
  if (tensor === undefined || more.length > 0) {
    throw refusedBySidecar(sidecar, 'inputs', `${rdf.inputs.length} inputs`);
  }
  const input = onlyInput(facts, 'bioimage.io');
  const layout = layoutOf(tensor, sidecar);
  const dtype = imageDtype(facts, input);
  const said = `${sidecar.name} says of ${tensor.name}`;
  checkAxes(facts, input, tensor.axes, said);
  const channels = countOf(tensor, input, layout);
  if (channels === null) throw refusedBySidecar(sidecar, 'inputs.0', 'an input of any number of channels');
  const folded = foldPreprocessing(tensor, rdf.format, channels, dtype, sidecar);
  const tile = tileOf(tensor, input, layout, sidecar);
  const bands = bandsOf(tensor, channels);
  const output = rdf.outputs[0];
  const value = outputAt(facts, 0, `${sidecar.name} says ${rdf.outputs.length} outputs`);
  if (output === undefined) throw refusedBySidecar(sidecar, 'outputs', 'no output');
  checkAxes(facts, value, output.axes, `${sidecar.name} says of ${output.name}`);
  const outputs = outputsOf(rdf, output, value, sidecar);
  const halo = haloOf(output, tile, sidecar);
  const mpp = mppOf(tensor);
  const isTile = !output.axes.some(({ kind }) => kind === 'y');
  const missing: MissingFact[] = [...bands.missing, ...outputs.missing];
  return {
    convention: 'bioimage.io',
    manifest: {
      name: rdf.name,
      ...(rdf.version === null ? {} : { version: rdf.version }),
      license: rdf.license,
      description: rdf.description,
      references: rdf.references,
      ...(outputs.task === undefined ? {} : { task: outputs.task }),
      ...imageTypesOf(rdf, tensor, dtype),
      mpp,
      input: {
        name: input.name,
        layout,
        dtype,
        ...(bands.bands === null ? {} : { bands: bands.bands }),
        ...tile,
        ...folded.fields,
      },
      halo: isTile ? 0 : (halo ?? customaryHalo(Math.min(tile.tileSize, tile.tileHeight ?? tile.tileSize))),
      outputs: outputs.outputs,
      ...(outputs.classes === null ? {} : { classes: outputs.classes.map((name) => ({ name })) }),
      ...(outputs.backgroundClass === null ? {} : { backgroundClass: outputs.backgroundClass }),
      threshold: outputs.threshold ?? 0.5,
    },
    missing,
    readFrom: {
      ...(outputs.task === undefined ? {} : { task: `${sidecar.name} ${outputs.taskFrom}` }),
      ...(outputs.classes === null ? {} : { classes: `${sidecar.name} outputs` }),
      resolution:
        mpp === null ? 'not stated: pixels are used as they are' : `${sidecar.name} axes scale, unit`,
      input: `${sidecar.name} inputs, graph`,
      'input.tileSize': `${sidecar.name} inputs, graph`,
      ...(bands.bands === null ? {} : { 'input.bands': `${sidecar.name} channel_names` }),
      'input.scale': `${sidecar.name} preprocessing (${folded.names.join(', ') || 'none'})`,
      outputs: `${sidecar.name} outputs, postprocessing (${outputs.steps.join(', ') || 'none'})`,
      threshold: outputs.threshold === null ? 'customary' : `${sidecar.name} binarize`,
      ...(isTile ? {} : { halo: halo === null ? 'a tenth of the tile' : `${sidecar.name} halo` }),
    },
    notes: [
      ...(mpp === null
        ? [
            'Nothing says for which resolution the model was made: the pixels of the image are used as they are.',
          ]
        : []),
      ...(folded.fields.tileStatistics === undefined
        ? []
        : ['The statistics of each tile are used where bioimage.io takes those of a whole picture.']),
      ...(rdf.outputs.length > 1
        ? [`Of its ${rdf.outputs.length} outputs only ${output.name} is used.`]
        : []),
      ...(rdf.onnx.sha256 === null ? [`${sidecar.name} does not say the SHA-256 of the weights.`] : []),
    ],
  };
}

/** @throws {GigatileError} model-invalid where the file is not the one that is described */
async function checkWeights(facts: OnnxFacts, { onnx }: Rdf, sidecar: Sidecar): Promise<void> {
  if (onnx.sha256 === null) return;
  const has = await fileSha256(facts.file);
  if (has === onnx.sha256.toLowerCase()) return;
  throw new GigatileError('model-invalid', `This file is not the one that ${sidecar.name} describes`, {
    where: `${sidecar.path}, weights.onnx.sha256`,
    hint: `It says ${onnx.sha256}, the file has ${has}: download it again.`,
  });
}

function layoutOf({ axes }: RdfTensor, sidecar: Sidecar): 'NCHW' | 'NHWC' {
  const order = axes.map(({ kind, name }) => (kind === 'other' ? name : kind)).join(' ');
  if (order === 'batch channel y x') return 'NCHW';
  if (order === 'batch y x channel') return 'NHWC';
  throw refusedBySidecar(sidecar, 'inputs.0.axes', `an input of the axes ${order}`);
}

/** What is fixed on both sides must be the same; the number of axes in any case. */
function checkAxes(facts: OnnxFacts, value: OnnxValue, axes: readonly Axis[], said: string): void {
  const expected = axes.map(({ kind, size }) =>
    kind === 'batch' || size.kind !== 'fixed' ? null : size.size,
  );
  checkShape(facts, value, expected, said);
}

function countOf({ axes }: RdfTensor, { dims }: OnnxValue, layout: 'NCHW' | 'NHWC'): number | null {
  const axis = axes.find(({ kind }) => kind === 'channel');
  if (axis?.size.kind === 'fixed') return axis.size.size;
  const has = dims?.[layout === 'NCHW' ? 1 : 3];
  return typeof has === 'number' ? has : null;
}

function mppOf({ axes }: RdfTensor): number | null {
  const [y, x] = (['y', 'x'] as const).map((kind) => axes.find((axis) => axis.kind === kind)?.mpp ?? null);
  return y != null && x != null && Math.abs(y - x) <= 0.01 * x ? x : null;
}

/** 0.5 says what people have; 0.4 only what the model takes. */
function imageTypesOf(
  rdf: Rdf,
  tensor: RdfTensor,
  dtype: ModelManifest['input']['dtype'],
): { imageTypes?: ModelManifest['files'][number]['imageTypes'] } {
  if (!dtype.startsWith('float')) return {};
  if (tensor.dtype === 'uint8' || tensor.dtype === 'uint16') return { imageTypes: [tensor.dtype] };
  return { imageTypes: ['uint8', 'uint16', 'float32'] };
}

/** Where a file of the model's lies, beside the description only. @throws {GigatileError} model-invalid */
export function fileBeside(folder: string, source: string, sidecar: Sidecar, field: string): string {
  const name = lastPart(source);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) || name === source.replace(/^\.\//, ''))
    return join(folder, name);
  throw refusedBySidecar(sidecar, field, `the file ${source} in another folder`);
}
