/**
 * WSInfer's config.json (spec_version 1.0): a patch of `patch_size_pixels` at `spacing_um_px` is cut from the slide, resized by
 * torchvision's `Resize` (Pillow, bilinear, antialiased), made a tensor of 0-1, normalised and classified.
 */
import { z } from 'zod';
import type { ConventionReader, Description, ModelFolder } from '../convention.ts';
import { checkShape, imageDtype, onlyInput, outputAt, refused } from '../conventions/tell.ts';
import type { OnnxFacts } from '../onnx-file/facts.ts';
import {
  checked,
  isRecord,
  modelsIn,
  parseJson,
  refusedBySidecar,
  sidecarAt,
  wrongSidecar,
  type Sidecar,
} from './read-sidecar.ts';

const configName = 'config.json';
const largestPatch = 65_536;

const three = z.array(z.number()).length(3);
const configSchema = z.object({
  spec_version: z.string(),
  architecture: z.string().min(1).max(200).optional(),
  num_classes: z.number().int().min(1).max(100_000),
  patch_size_pixels: z.number().int().min(1).max(largestPatch),
  spacing_um_px: z.number().positive().max(1000),
  class_names: z.array(z.string().min(1)).min(1).max(100_000),
  transform: z
    .array(
      z.object({
        name: z.string().min(1),
        arguments: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .max(100),
});
type Config = z.infer<typeof configSchema>;

export const wsinfer: ConventionReader = {
  name: 'WSInfer',
  read: async (facts, folder) => {
    const sidecar = sidecarAt(folder, configName);
    const text = await folder.readText(configName);
    // Many libraries write a config.json: these two fields are WSInfer's alone.
    if (text === null || !text.includes('spacing_um_px') || !text.includes('patch_size_pixels')) return null;
    const data = parseJson(text, sidecar);
    if (!isRecord(data) || !('spacing_um_px' in data) || !('patch_size_pixels' in data)) return null;
    return describe(facts, folder, checked(configSchema, data, sidecar), sidecar);
  },
};

function describe(facts: OnnxFacts, folder: ModelFolder, config: Config, sidecar: Sidecar): Description {
  const models = modelsIn(folder);
  if (models.length > 1) {
    throw wrongSidecar(
      sidecar,
      'its folder',
      `holds ${models.length} .onnx files, and it describes one`,
      'Give each model a folder of its own with its config.json.',
    );
  }
  if (config.spec_version !== '1.0') {
    throw wrongSidecar(sidecar, 'spec_version', `is ${config.spec_version}; 1.0 is read`);
  }
  const classes = config.num_classes;
  if (config.class_names.length !== classes) {
    throw wrongSidecar(
      sidecar,
      'class_names',
      `has ${config.class_names.length} names for num_classes ${classes}`,
    );
  }
  const { target, mean, std } = readTransform(config, sidecar);
  const input = onlyInput(facts, 'WSInfer');
  const dtype = imageDtype(facts, input);
  if (dtype !== 'float32' && dtype !== 'float16') {
    throw refused(
      facts,
      `The input ${input.name} is ${dtype}; WSInfer gives floats`,
      'Export it with float32.',
    );
  }
  checkShape(
    facts,
    input,
    [null, 3, target, target],
    `${configName} says patches of ${target} x ${target} px`,
  );
  const said = `${configName} says ${classes} classes`;
  const output = outputAt(facts, 0, said);
  checkShape(facts, output, [null, classes], said);
  return {
    convention: 'WSInfer',
    manifest: {
      ...(config.architecture === undefined
        ? {}
        : { description: `Patch classifier (${config.architecture})` }),
      task: 'classify',
      imageTypes: ['uint8'],
      mpp: (config.spacing_um_px * config.patch_size_pixels) / target,
      input: {
        name: input.name,
        layout: 'NCHW',
        dtype,
        bands: ['red', 'green', 'blue'],
        tileSize: target,
        fixedSize: true,
        resample: 'bilinear',
        scale: 1 / 255,
        ...(mean === null || std === null ? {} : { mean, std }),
      },
      halo: 0,
      outputs: { classFractions: { name: output.name, activation: classes > 1 ? 'softmax' : 'sigmoid' } },
      classes: config.class_names.map((name) => ({ name })),
      threshold: 0.5,
      keepFrom: 0,
      background: 'tissue',
    },
    missing: [],
    readFrom: {
      task: 'WSInfer (patch classification)',
      classes: `${configName} class_names`,
      resolution: `${configName} spacing_um_px, patch_size_pixels, transform Resize`,
      input: 'graph',
      'input.tileSize': `${configName} transform Resize`,
      'input.scale': `${configName} transform ToTensor`,
      ...(mean === null ? {} : { 'input.mean': `${configName} transform Normalize` }),
      'input.resample': 'WSInfer (Pillow, bilinear, antialiased)',
      outputs: `graph, WSInfer (${classes > 1 ? 'softmax' : 'sigmoid'})`,
      threshold: 'customary',
    },
    notes: facts.outputs.length > 1 ? [`Of its ${facts.outputs.length} outputs only the first is used.`] : [],
  };
}

/** Resize to one size, ToTensor, Normalize, in this order; whatever else there is changes the pixels and is refused by name. */
function readTransform(
  { transform, patch_size_pixels: patch }: Config,
  sidecar: Sidecar,
): { target: number; mean: number[] | null; std: number[] | null } {
  let target = patch;
  let mean: number[] | null = null;
  let std: number[] | null = null;
  let step = 0;
  const order = ['Resize', 'ToTensor', 'Normalize'];
  transform.forEach(({ name, arguments: given }, i) => {
    const field = `transform.${i}`;
    const place = order.indexOf(name) + 1;
    if (place === 0) throw refusedBySidecar(sidecar, field, `the transform ${name}`);
    if (place <= step)
      throw refusedBySidecar(sidecar, field, `the transform ${name} after ${order[step - 1]}`);
    step = place;
    if (name === 'Resize') target = resizeTarget(given ?? {}, sidecar, field);
    if (name === 'Normalize') ({ mean, std } = normalise(given ?? {}, sidecar, field));
  });
  if (!transform.some(({ name }) => name === 'ToTensor')) {
    throw wrongSidecar(
      sidecar,
      'transform',
      'has no ToTensor: nobody knows in which range the model takes pixels',
    );
  }
  return { target, mean, std };
}

function resizeTarget(given: Record<string, unknown>, sidecar: Sidecar, field: string): number {
  const size = z
    .union([
      z.number().int().min(1).max(largestPatch),
      z.array(z.number().int().min(1).max(largestPatch)).min(1).max(2),
    ])
    .safeParse(given['size']);
  if (!size.success) throw wrongSidecar(sidecar, `${field}.arguments.size`, 'is no size in pixels');
  const [height = 0, width = height] = Array.isArray(size.data) ? size.data : [size.data];
  if (width !== height) throw refusedBySidecar(sidecar, field, `a Resize to ${width} x ${height} px`);
  const { interpolation = 'bilinear', antialias = true } = given;
  // torchvision's InterpolationMode.BILINEAR, or Pillow's number of it.
  const isBilinear =
    interpolation === 2 || (typeof interpolation === 'string' && /(?:^|\.)bilinear$/i.test(interpolation));
  if (!isBilinear)
    throw refusedBySidecar(sidecar, field, `a Resize with interpolation ${String(interpolation)}`);
  if (antialias === false) throw refusedBySidecar(sidecar, field, 'a Resize without antialiasing');
  return width;
}

function normalise(
  given: Record<string, unknown>,
  sidecar: Sidecar,
  field: string,
): { mean: number[]; std: number[] } {
  const { mean, std } = checked(
    z.object({ mean: three, std: three }),
    { mean: given['mean'], std: given['std'] },
    { ...sidecar, path: `${sidecar.path}, ${field}` },
  );
  if (std.some((v) => !(v > 0))) throw wrongSidecar(sidecar, `${field}.arguments.std`, 'is not above 0');
  return { mean, std };
}
