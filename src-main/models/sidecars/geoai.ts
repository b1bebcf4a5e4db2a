/**
 * `<model>.onnx.json`, which geoai's `export_to_onnx` writes: the first three bands, pixels / 255, resized to the size of the
 * input; logits of classes. (Its own code gives other pixel types by percentiles of the whole picture, which tiles don't have.)
 */
import { z } from 'zod';
import type { ConventionReader, Description } from '../convention.ts';
import {
  checkShape,
  classNames,
  contradiction,
  customaryHalo,
  imageDtype,
  onlyInput,
  outputAt,
  shapeText,
} from '../conventions/tell.ts';
import type { OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';
import { checked, isRecord, parseJson, refusedBySidecar, sidecarAt, type Sidecar } from './read-sidecar.ts';

const size = z.number().int().min(1).max(65_536);
const metadataSchema = z.object({
  model_name: z.string().max(500).nullish(),
  task: z.string().min(1).max(100),
  input_height: size,
  input_width: size,
  input_channels: size.nullish(),
  num_labels: z.number().int().min(1).max(100_000).nullish(),
  id2label: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
});
type Metadata = z.infer<typeof metadataSchema>;

export const geoai: ConventionReader = {
  name: 'geoai',
  read: async (facts, folder) => {
    const name = `${folder.modelFile}.json`;
    const text = await folder.readText(name);
    if (text === null) return null;
    const sidecar = sidecarAt(folder, name);
    const data = parseJson(text, sidecar);
    // Others may name a file like this.
    if (!isRecord(data) || !('task' in data) || !('input_height' in data)) return null;
    return describe(facts, checked(metadataSchema, data, sidecar), sidecar);
  },
};

function describe(facts: OnnxFacts, metadata: Metadata, sidecar: Sidecar): Description {
  const { task, input_height: height, input_width: width } = metadata;
  const isSegment = task === 'semantic-segmentation' || task === 'segmentation';
  const isClassify = task === 'image-classification' || task === 'classification';
  if (!isSegment && !isClassify) throw refusedBySidecar(sidecar, 'task', `the task ${task}`);
  const input = onlyInput(facts, 'geoai');
  const channels = metadata.input_channels ?? 3;
  if (channels !== 3)
    throw refusedBySidecar(sidecar, 'input_channels', `${channels} bands: geoai gives three`);
  checkShape(
    facts,
    input,
    [null, 3, height, width],
    `${sidecar.name} says images of ${width} x ${height} px`,
  );
  const output = outputAt(facts, 0, `${sidecar.name} says ${task}`);
  const names = namesOf(facts, metadata, output, sidecar);
  const expected = isSegment ? [null, names?.length ?? null, null, null] : [null, names?.length ?? null];
  checkShape(facts, output, expected, `${sidecar.name} says ${task} with ${names?.length ?? 'some'} classes`);
  const upsample = isSegment && !isSameSize(facts, output, height, width);
  return {
    convention: 'geoai',
    manifest: {
      ...(metadata.model_name ? { description: metadata.model_name } : {}),
      task: isSegment ? 'segment' : 'classify',
      imageTypes: ['uint8'],
      mpp: null,
      input: {
        name: input.name,
        layout: 'NCHW',
        dtype: imageDtype(facts, input),
        bands: ['red', 'green', 'blue'],
        tileSize: width,
        ...(height === width ? {} : { tileHeight: height }),
        fixedSize: true,
        scale: 1 / 255,
      },
      halo: isSegment ? customaryHalo(Math.min(width, height)) : 0,
      outputs: isSegment
        ? {
            classMap: {
              name: output.name,
              layout: 'NCHW',
              activation: 'softmax',
              ...(upsample ? { upsample: 'nearest' } : {}),
            },
          }
        : { classFractions: { name: output.name, activation: 'softmax' } },
      ...(names === null ? {} : { classes: names.map((name) => ({ name })) }),
      threshold: 0.5,
    },
    missing:
      names === null
        ? [{ fact: 'classes', question: 'What are the classes called, in the order of their numbers?' }]
        : [],
    readFrom: {
      task: `${sidecar.name} task`,
      ...(names === null ? {} : { classes: `${sidecar.name} id2label` }),
      resolution: 'not stated: pixels are used as they are',
      input: 'graph',
      'input.tileSize': `${sidecar.name} input_width, input_height`,
      'input.bands': 'geoai (the first three, as red, green, blue)',
      'input.scale': 'geoai (pixels / 255)',
      outputs: 'graph, geoai (softmax)',
      threshold: 'customary',
      ...(isSegment ? { halo: 'a tenth of the tile' } : {}),
    },
    notes: [
      'Nothing says for which resolution the model was made: the pixels of the image are used as they are.',
      ...(upsample
        ? [
            'Its answer may have fewer pixels than its input: each takes the class of the nearest, as geoai does it.',
          ]
        : []),
    ],
  };
}

function namesOf(
  facts: OnnxFacts,
  { id2label, num_labels: count }: Metadata,
  output: OnnxValue,
  sidecar: Sidecar,
): string[] | null {
  if (id2label === null || id2label === undefined) return null;
  const names = classNames(facts, `${sidecar.name} id2label`, id2label);
  if (typeof count === 'number' && count !== names.length) {
    throw contradiction(
      facts,
      `${sidecar.name} names ${names.length} classes`,
      `num_labels is ${count} (${output.name})`,
    );
  }
  return names;
}

/**
 * SegFormer and others answer at a quarter of the resolution, and geoai resizes the classes of their pixels (cv2.INTER_NEAREST). Where
 * the graph leaves the size open this does nothing to an answer of the input's size.
 */
function isSameSize(facts: OnnxFacts, output: OnnxValue, height: number, width: number): boolean {
  const [, , h, w] = output.dims ?? [];
  if ((typeof h === 'number' && h > height) || (typeof w === 'number' && w > width)) {
    throw contradiction(
      facts,
      `the input has ${width} x ${height} pixels`,
      `${output.name} is ${shapeText(output.dims)}: more than that`,
    );
  }
  return h === height && w === width;
}
