/**
 * Models for the QGIS plugin Deepness (and for GeoDeep): metadata with JSON values. Documented at
 * https://qgis-plugin-deepness.readthedocs.io, "Model metadata".
 */
import type { ConventionReader, Description, ManifestDraft, MissingFact } from '../convention.ts';
import { outputChoices } from '../graph-draft.ts';
import type { OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';
import { readDeepnessMetadata, type DeepnessMetadata } from './deepness-metadata.ts';
import { detector } from './deepness-detector.ts';
import { missingClasses, type DeepnessParts } from './deepness-parts.ts';
import {
  centreMargin,
  checkShape,
  contradiction,
  customaryHalo,
  imageDtype,
  onlyInput,
  outputAt,
  refused,
  shapeText,
} from './tell.ts';

/** What the plugin's form starts with where the metadata is silent. */
const defaults = { segmentThreshold: 0.5 };

export const deepness: ConventionReader = {
  name: 'Deepness',
  read: async (facts) => {
    const metadata = readDeepnessMetadata(facts);
    return metadata === null ? null : describe(facts, metadata);
  },
};

function describe(facts: OnnxFacts, metadata: DeepnessMetadata): Description {
  const { modelType } = metadata;
  if (modelType === 'Recognition' || modelType === 'Superresolution') {
    throw refused(
      facts,
      modelType === 'Recognition'
        ? 'This Deepness model (Recognition) compares an image with a picture of what is looked for, and that picture is not part of it'
        : 'This Deepness model (Superresolution) makes larger pictures, and finds nothing that could be shown as a result',
      'Models that classify, detect, segment or measure can be used.',
    );
  }
  const input = inputOf(facts, metadata);
  const halo = haloOf(facts, metadata, input.draft.tileSize);
  const parts = partsOf(facts, metadata, input.draft);
  const cm = metadata.resolution;
  return {
    convention: 'Deepness',
    manifest: {
      description: facts.description,
      mpp: null,
      metresPerPixel: cm === null ? null : cm / 100,
      imageTypes: ['uint8'],
      ...parts.manifest,
      input: input.draft,
      halo: halo.pixels,
    },
    missing: [...input.missing, ...parts.missing],
    readFrom: {
      task: 'metadata model_type',
      resolution: cm === null ? 'not stated: pixels are used as they are' : 'metadata resolution',
      ...input.readFrom,
      halo: halo.readFrom,
      ...parts.readFrom,
    },
    notes: [
      ...(cm === null
        ? [
            'Nothing says for which resolution the model was made: the pixels of the image are used as they are.',
          ]
        : []),
      ...parts.notes,
    ],
  };
}

function partsOf(facts: OnnxFacts, metadata: DeepnessMetadata, input: ManifestDraft['input']): DeepnessParts {
  if (metadata.modelType === 'Segmentor') return segmentor(facts, metadata, input);
  if (metadata.modelType === 'Regressor') return regressor(facts, metadata);
  if (metadata.modelType === 'Detector') return detector(facts, metadata);
  const classes = metadata.classNames[0];
  return {
    manifest: {
      outputs: {},
      ...(classes === undefined ? {} : { classes: classes.map((name) => ({ name })) }),
    },
    missing: [
      { fact: 'outputs', question: 'What does the model answer?', choices: outputChoices(facts) },
      ...(classes === undefined ? [missingClasses] : []),
    ],
    readFrom: classes === undefined ? {} : { classes: metadata.classKey },
    notes: [],
  };
}

/** NCHW; bands in the order of the layer, 0-1, then standardised where the metadata says so. */
function inputOf(
  facts: OnnxFacts,
  metadata: DeepnessMetadata,
): {
  draft: ManifestDraft['input'];
  readFrom: Record<string, string>;
  missing: MissingFact[];
  notes: string[];
} {
  const input = onlyInput(facts, 'Deepness');
  const { dims } = input;
  if (dims !== null && dims.length !== 4) {
    throw contradiction(
      facts,
      'a model of Deepness takes N x C x H x W',
      `${input.name} is ${shapeText(dims)}`,
    );
  }
  const [, channels, height, width] = dims ?? [];
  const isFixed = typeof height === 'number' && typeof width === 'number';
  // The plugin cuts tiles of the graph's size and does not ask the metadata where the graph says it.
  const tileSize = isFixed ? width : metadata.tileSize;
  const bands = typeof channels === 'number' && channels <= 1000 ? bandsOf(channels) : null;
  const missing: MissingFact[] = [];
  if (bands === null)
    missing.push({
      fact: 'input.bands',
      question: 'Which bands of the image does the model take, in which order?',
    });
  if (tileSize === null)
    missing.push({ fact: 'input.tileSize', question: 'How many pixels wide are the tiles that it takes?' });
  const { mean, std } = metadata;
  for (const [key, values] of Object.entries({ standardization_mean: mean, standardization_std: std })) {
    if (values !== null && bands !== null && values.length !== bands.length) {
      throw contradiction(
        facts,
        `the metadata has ${values.length} numbers of ${key}`,
        `${input.name} takes ${bands.length} bands`,
      );
    }
  }
  return {
    draft: {
      name: input.name,
      layout: 'NCHW',
      dtype: imageDtype(facts, input),
      ...(bands === null ? {} : { bands }),
      ...(tileSize === null ? {} : { tileSize }),
      ...(isFixed && height !== width ? { tileHeight: height } : {}),
      fixedSize: isFixed,
      scale: 1 / 255,
      ...(mean === null ? {} : { mean }),
      ...(std === null ? {} : { std }),
      padValue: 0,
    },
    readFrom: {
      input: 'graph',
      'input.tileSize': isFixed ? 'graph' : 'metadata tile_size',
      'input.bands': 'graph, in the order of the image',
      'input.scale': 'Deepness (pixels / 255)',
      ...(mean === null ? {} : { 'input.mean': 'metadata standardization_mean' }),
      ...(std === null ? {} : { 'input.std': 'metadata standardization_std' }),
    },
    missing,
    notes:
      isFixed && metadata.tileSize !== null && metadata.tileSize !== width
        ? [
            `The metadata says tiles of ${metadata.tileSize} px, and the graph takes ${width} px only: that is used.`,
          ]
        : [],
  };
}

/** The plugin hands over the layer's bands in their order; three of them are a picture. */
function bandsOf(channels: number): string[] {
  if (channels === 3) return ['red', 'green', 'blue'];
  return Array.from({ length: channels }, (_, i) => `band-${i + 1}`);
}

/** Tiles overlap by `tiles_overlap` per cent; half of it on each side is the context that a result has. */
function haloOf(
  facts: OnnxFacts,
  { overlap, modelType }: DeepnessMetadata,
  tileSize: number | undefined,
): { pixels: number; readFrom: string } {
  if (tileSize === undefined) return { pixels: 0, readFrom: 'not known without a tile size' };
  const margin =
    modelType === 'Detector' ? 0 : centreMargin((facts.outputs[0]?.dims ?? []).slice(-2), tileSize);
  const [wanted, readFrom] =
    overlap === null
      ? [customaryHalo(tileSize), 'a tenth of the tile']
      : [Math.round((tileSize * overlap) / 200), 'metadata tiles_overlap'];
  return margin > wanted
    ? { pixels: margin, readFrom: 'graph: its output is the centre' }
    : { pixels: wanted, readFrom };
}

function segmentor(
  facts: OnnxFacts,
  metadata: DeepnessMetadata,
  input: ManifestDraft['input'],
): DeepnessParts {
  const said = 'the metadata says Segmentor';
  const output = outputAt(facts, 0, said);
  const dims = output.dims;
  if (dims !== null && dims.length !== 3 && dims.length !== 4) {
    throw contradiction(facts, `${said} (N x C x H x W)`, `${output.name} is ${shapeText(dims)}`);
  }
  const named = metadata.classNames[0];
  const threshold = metadata.segmentThreshold ?? defaults.segmentThreshold;
  const notes: string[] = [];
  if (facts.outputs.length > 1) {
    const others = facts.outputs.slice(1).map(({ name }) => name);
    notes.push(
      `Of its ${facts.outputs.length} outputs only ${output.name} is used; for ${others.join(' or ')}, name it in a gigatile.json.`,
    );
  }
  const isTwo = dims !== null && (dims.length === 3 || dims[1] === 1);
  const classes = isTwo && named?.length === 1 ? ['_background', ...named] : named;
  if (!isTwo && classes !== undefined)
    checkShape(facts, output, [null, classes.length, null, null], `${said} with ${classes.length} classes`);
  if (isTwo && classes !== undefined && classes.length !== 2) {
    throw contradiction(
      facts,
      `the metadata names ${classes.length} classes`,
      `${output.name} tells two apart`,
    );
  }
  const size = metadata.smallSegment ?? 0;
  if (size > 1) {
    notes.push(
      `Regions that a median of ${oddSize(size)} px (seg_small_segment) would remove are left out; outlines are not smoothed.`,
    );
  }
  checkCentre(facts, output, input);
  return {
    manifest: {
      task: 'segment',
      outputs: isTwo
        ? { probability: { name: output.name, activation: 'none' } }
        : // Deepness sets what is below seg_thresh to 0 and takes the highest: class 0 where nothing is left.
          { classMap: { name: output.name, layout: 'NCHW', activation: 'none', needsThreshold: true } },
      ...(classes === undefined ? {} : { classes: classes.map((name) => ({ name })) }),
      backgroundClass: backgroundOf(classes),
      threshold,
      keepFrom: 0,
      ...(size > 1 ? { smallestRegion: Math.ceil(oddSize(size) ** 2 / 2) } : {}),
    },
    missing: classes === undefined ? [missingClasses] : [],
    readFrom: {
      outputs: 'metadata model_type, graph',
      ...(classes === undefined ? {} : { classes: metadata.classKey }),
      threshold: metadata.segmentThreshold === null ? 'Deepness (0.5)' : 'metadata seg_thresh',
      ...(size > 1 ? { smallestRegion: 'metadata seg_small_segment' } : {}),
    },
    notes,
  };
}

/** The size of a median filter is odd; the plugin rounds an even one up. */
const oddSize = (size: number): number => Math.floor(size / 2) * 2 + 1;

/** Class 0 is nothing where it says so. */
function backgroundOf(classes: readonly string[] | undefined): number | null {
  return /^_?background$/i.test(classes?.[0] ?? '') ? 0 : null;
}

/** An output smaller than the input is its centre; one that is larger, or off by an odd number, is none. */
function checkCentre(facts: OnnxFacts, output: OnnxValue, input: ManifestDraft['input']): void {
  const wide = output.dims?.at(-1);
  const { tileSize, fixedSize } = input;
  if (fixedSize !== true || tileSize === undefined || typeof wide !== 'number') return;
  if (wide <= tileSize && (tileSize - wide) % 2 === 0) return;
  throw contradiction(
    facts,
    `the output of a Segmentor is the centre of its ${tileSize} px wide input`,
    `${output.name} is ${shapeText(output.dims)}`,
  );
}

function regressor(facts: OnnxFacts, metadata: DeepnessMetadata): DeepnessParts {
  const said = 'the metadata says Regressor';
  const output = outputAt(facts, 0, said);
  checkShape(facts, output, [null, null, null, null], said);
  const channels = output.dims?.[1];
  const count = typeof channels === 'number' ? channels : 1;
  const named = metadata.classNames[0] ?? [];
  // Another number of names than of outputs does not name them.
  const isNamed = named.length === count;
  const names = isNamed
    ? named
    : Array.from({ length: count }, (_, i) => (count === 1 ? 'value' : `value ${i + 1}`));
  return {
    manifest: {
      task: 'regress',
      outputs: { valueMap: { name: output.name, names: [...names], factor: metadata.outputScaling ?? 1 } },
      classes: names.map((name) => ({ name })),
      backgroundClass: null,
      threshold: 0,
      keepFrom: 0,
      tileColor: { by: 'value', value: names[0] ?? 'value', full: metadata.outputScaling ?? 1 },
    },
    missing: [],
    readFrom: {
      outputs:
        metadata.outputScaling === null ? 'metadata model_type' : 'metadata model_type, reg_output_scaling',
      classes: isNamed ? metadata.classKey : 'not stated',
      threshold: 'none is needed',
    },
    notes:
      isNamed || named.length === 0
        ? []
        : [
            `The metadata names ${named.length} classes and the model gives ${count} of values: they are not used as names.`,
          ],
  };
}
