/**
 * STAC items with the Machine Learning Model extension, version 1.4: `mlm:input`, `mlm:output` and the asset that is the file.
 * An item describes a model here where one of its assets with the role `mlm:model` has the file's name.
 */
import type { ModelManifest } from '../../contract/model.ts';
import type { ConventionReader, Description, MissingFact, ModelFolder } from '../convention.ts';
import { checkShape, contradiction, customaryHalo, imageDtype, onlyInput } from '../conventions/tell.ts';
import type { OnnxFacts } from '../onnx-file/facts.ts';
import {
  checked,
  isRecord,
  lastPart,
  parseJson,
  refusedBySidecar,
  sidecarAt,
  wrongSidecar,
  type Sidecar,
} from './read-sidecar.ts';
import { bandsOf, resolutionOf, scalingOf } from './stac-mlm-input.ts';
import { outputsOf } from './stac-mlm-output.ts';
import { itemSchema, type StacItem } from './stac-mlm-schema.ts';

/** Of a folder with many JSON files only as many are opened. */
const mostItems = 200;

export const stacMlm: ConventionReader = {
  name: 'STAC MLM',
  read: async (facts, folder) => {
    const found = await findItem(folder);
    return found === null ? null : describe(facts, found.item, found.sidecar);
  },
};

async function findItem(folder: ModelFolder): Promise<{ item: StacItem; sidecar: Sidecar } | null> {
  const stem = folder.modelFile.replace(/\.onnx$/i, '').toLowerCase();
  const isNear = (name: string): number => (name.toLowerCase().startsWith(stem) ? 0 : 1);
  const names = folder.names
    .filter((name) => /\.json$/i.test(name))
    .sort((a, b) => isNear(a) - isNear(b))
    .slice(0, mostItems);
  for (const name of names) {
    const sidecar = sidecarAt(folder, name);
    const text = await textOf(folder, name);
    if (text === null || !text.includes('"mlm:input"') || !text.includes('"stac_version"')) continue;
    const data = parseJson(text, sidecar);
    if (!isRecord(data) || !isOf(data, folder.modelFile)) continue;
    return { item: checked(itemSchema, data, sidecar), sidecar };
  }
  return null;
}

/** What cannot be read beside the model may be anything, and says nothing about the model. */
async function textOf(folder: ModelFolder, name: string): Promise<string | null> {
  try {
    return await folder.readText(name);
  } catch {
    return null;
  }
}

function isOf({ assets }: Record<string, unknown>, file: string): boolean {
  if (!isRecord(assets)) return false;
  return Object.values(assets).some((asset) => {
    if (!isRecord(asset)) return false;
    const { href, roles } = asset;
    const isModel = Array.isArray(roles) && roles.includes('mlm:model');
    return isModel && typeof href === 'string' && lastPart(href) === file;
  });
}

function describe(facts: OnnxFacts, item: StacItem, sidecar: Sidecar): Description {
  const { properties } = item;
  const [input, ...moreInputs] = properties['mlm:input'];
  if (input === undefined || moreInputs.length > 0) {
    throw refusedBySidecar(sidecar, 'mlm:input', `${properties['mlm:input'].length} inputs`);
  }
  if (input.pre_processing_function != null) {
    throw refusedBySidecar(
      sidecar,
      'mlm:input.0.pre_processing_function',
      'code of its own before the model',
    );
  }
  const layout = layoutOf(input.input.dim_order, sidecar);
  const graphInput = onlyInput(facts, 'STAC MLM');
  const size = (axis: string): number | null => {
    const at = input.input.dim_order.findIndex((each) => axisName(each) === axis);
    const value = input.input.shape[at] ?? -1;
    return value > 0 ? value : null;
  };
  if (input.input.shape.length !== 4) {
    throw wrongSidecar(sidecar, 'mlm:input.0.input.shape', 'has not one number for each name in dim_order');
  }
  const count = size('channel') ?? input.bands.length;
  if (input.bands.length > 0 && input.bands.length !== count) {
    throw wrongSidecar(
      sidecar,
      'mlm:input.0.bands',
      `names ${input.bands.length} bands for ${count} channels`,
    );
  }
  const [height, width] = [size('height'), size('width')];
  const expected = layout === 'NCHW' ? [null, count, height, width] : [null, height, width, count];
  checkShape(facts, graphInput, expected, `${sidecar.name} says ${expected.slice(1).join(' x ')}`);
  const dtype = imageDtype(facts, graphInput);
  if (input.input.data_type !== dtype) {
    throw contradiction(
      facts,
      `${sidecar.name} says that the input is ${input.input.data_type}`,
      `the graph takes ${dtype}`,
    );
  }
  const bands = bandsOf(item, input, sidecar, count);
  const scaling = scalingOf(input, sidecar, count, dtype);
  const resolution = resolutionOf(item);
  const outputs = outputsOf(facts, item, sidecar);
  const tile = tileOf(facts, layout, width, height);
  const missing: MissingFact[] = [...bands.missing, ...tile.missing, ...outputs.missing];
  const { tileSize = 512, tileHeight = tileSize } = tile.fields;
  const isTile = outputs.task === 'classify';
  return {
    convention: 'STAC MLM',
    manifest: {
      name: properties['mlm:name'],
      description: properties.description ?? '',
      license: properties.license ?? '',
      ...(outputs.task === undefined ? {} : { task: outputs.task }),
      ...(dtype.startsWith('float')
        ? {
            imageTypes: [
              'uint8',
              'uint16',
              'int16',
              'float32',
            ] satisfies ModelManifest['files'][number]['imageTypes'],
          }
        : {}),
      mpp: null,
      metresPerPixel: resolution,
      input: {
        name: graphInput.name,
        layout,
        dtype,
        ...(bands.bands === null ? {} : { bands: bands.bands }),
        ...tile.fields,
        ...scaling,
      },
      halo: isTile ? 0 : customaryHalo(Math.min(tileSize, tileHeight)),
      outputs: outputs.outputs,
      ...(outputs.classes === null ? {} : { classes: outputs.classes }),
      threshold: 0.5,
      background: 'nodata',
    },
    missing,
    readFrom: {
      ...(outputs.task === undefined ? {} : { task: `${sidecar.name} mlm:output tasks` }),
      ...(outputs.classes === null ? {} : { classes: `${sidecar.name} classification:classes` }),
      resolution: resolution === null ? 'not stated: pixels are used as they are' : `${sidecar.name} gsd`,
      input: `${sidecar.name} mlm:input, graph`,
      'input.tileSize': tile.readFrom ?? `${sidecar.name} mlm:input input.shape`,
      ...(bands.bands === null ? {} : { 'input.bands': `${sidecar.name} bands, common_name` }),
      'input.scale':
        Object.keys(scaling).length === 0
          ? `${sidecar.name} (no value_scaling)`
          : `${sidecar.name} value_scaling`,
      outputs: `${sidecar.name} mlm:output, graph`,
      threshold: 'customary',
      ...(isTile ? {} : { halo: 'a tenth of the tile' }),
    },
    notes: [
      ...(resolution === null
        ? [
            'Nothing says for which resolution the model was made: the pixels of the image are used as they are.',
          ]
        : []),
      ...(input.resize_type == null
        ? []
        : [
            `${sidecar.name} resizes by ${input.resize_type}; tiles are cut in the size of the input instead.`,
          ]),
      ...outputs.notes,
    ],
  };
}

/** `bchw` and the full names are both in use. */
function axisName(name: string): string {
  const short: Record<string, string> = {
    b: 'batch',
    c: 'channel',
    h: 'height',
    w: 'width',
    y: 'height',
    x: 'width',
    band: 'channel',
    bands: 'channel',
    channels: 'channel',
  };
  return short[name.toLowerCase()] ?? name.toLowerCase();
}

function layoutOf(order: readonly string[], sidecar: Sidecar): 'NCHW' | 'NHWC' {
  const axes = order.map(axisName).join(' ');
  if (axes === 'batch channel height width') return 'NCHW';
  if (axes === 'batch height width channel') return 'NHWC';
  throw refusedBySidecar(sidecar, 'mlm:input.0.input.dim_order', `an input of ${order.join(', ')}`);
}

/** As the item says, else as the graph does; else the person is asked. */
function tileOf(
  facts: OnnxFacts,
  layout: 'NCHW' | 'NHWC',
  width: number | null,
  height: number | null,
): {
  fields: { tileSize?: number; tileHeight?: number; fixedSize: boolean };
  missing: MissingFact[];
  readFrom?: string;
} {
  const dims = facts.inputs[0]?.dims ?? [];
  const at = layout === 'NCHW' ? 2 : 1;
  const [graphHeight, graphWidth] = [dims[at], dims[at + 1]];
  const isFixed = typeof graphHeight === 'number' && typeof graphWidth === 'number';
  const w = width ?? (typeof graphWidth === 'number' ? graphWidth : null);
  const h = height ?? (typeof graphHeight === 'number' ? graphHeight : null);
  if (w === null || h === null) {
    return {
      fields: { fixedSize: false },
      missing: [
        { fact: 'input.tileSize', question: 'How many pixels wide should a tile be?', suggestion: '512' },
      ],
      readFrom: 'not stated',
    };
  }
  return {
    fields: { tileSize: w, ...(h === w ? {} : { tileHeight: h }), fixedSize: isFixed || width !== null },
    missing: [],
    ...(width === null ? { readFrom: 'graph' } : {}),
  };
}
