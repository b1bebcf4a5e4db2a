/** What exports of Ultralytics and of YOLOv5 have in common: the input, and what `predict` does where nobody says otherwise. */
import type { ModelManifest } from '../../contract/model.ts';
import type { Description, ManifestDraft, MissingFact } from '../convention.ts';
import type { OnnxFacts } from '../onnx-file/facts.ts';
import { checkShape, contradiction, customaryHalo, imageDtype, onlyInput } from './tell.ts';
import type { UltralyticsMetadata } from './ultralytics-metadata.ts';

/** What `yolo predict` uses where nobody says otherwise. */
export const ultralyticsDefaults = {
  confidence: 0.25,
  iou: 0.45,
  maxDetections: 300,
  imageSize: 640,
  padValue: 114,
};

/** Lower than what counts, so that the threshold can be moved; weaker boxes change nothing about the stronger ones in NMS. */
const keptBelow = 0.1;

export interface Parts {
  task: ModelManifest['task'];
  outputs: ModelManifest['outputs'];
  input: { draft: ManifestDraft['input']; readFrom: Record<string, string>; missing: MissingFact[] };
  readFrom?: Record<string, string>;
  missing?: MissingFact[];
  /** Boxes below the confidence that was built in do not come out. */
  suppressedInside?: boolean;
}

/** What all tasks have in common; of YOLOv5 too. */
export function finish(facts: OnnxFacts, metadata: UltralyticsMetadata, parts: Parts): Description {
  const confidence = metadata.confidence ?? ultralyticsDefaults.confidence;
  const isBoxes = parts.outputs.boxes !== undefined;
  // Neither is the model's own version: nothing says that.
  const version = metadata.date ?? metadata.version;
  const tileSize = parts.input.draft.tileSize ?? ultralyticsDefaults.imageSize;
  return {
    convention: 'Ultralytics',
    manifest: {
      task: parts.task,
      ...(version === null ? {} : { version }),
      license: metadata.license ?? '',
      description: metadata.description,
      imageTypes: ['uint8'],
      mpp: null,
      input: parts.input.draft,
      halo: parts.task === 'classify' ? 0 : customaryHalo(tileSize),
      outputs: parts.outputs,
      classes: metadata.names.map((name) => ({ name })),
      threshold: isBoxes ? confidence : 0.5,
      keepFrom: isBoxes
        ? parts.suppressedInside === true
          ? confidence
          : Math.min(confidence, keptBelow)
        : 0,
    },
    missing: [...parts.input.missing, ...(parts.missing ?? [])],
    readFrom: {
      task: 'metadata task',
      classes: 'metadata names',
      resolution: 'not stated: pixels are used as they are',
      ...parts.input.readFrom,
      outputs: metadata.end2end === null ? 'metadata task, args' : 'metadata task, end2end, args',
      threshold: metadata.confidence === null ? 'Ultralytics (conf)' : 'metadata args.conf',
      halo: 'a tenth of the tile',
      ...parts.readFrom,
    },
    notes: [
      'Nothing says for which resolution the model was made: the pixels of the image are used as they are.',
      ...(facts.outputs.length > 2
        ? [`Of its ${facts.outputs.length} outputs only the first two are used.`]
        : []),
    ],
  };
}

/** NCHW, RGB, 0-1; a fixed size as the graph says, any multiple of the stride where it leaves it open. */
export function ultralyticsInput(
  facts: OnnxFacts,
  metadata: UltralyticsMetadata,
  resize: 'letterbox' | 'stretch' | null,
): Parts['input'] {
  const input = onlyInput(facts, 'Ultralytics');
  const { dims } = input;
  const size = metadata.imageSize;
  checkShape(
    facts,
    input,
    [null, metadata.channels, null, null],
    `the metadata says ${metadata.channels ?? 'any'} channels`,
  );
  const [, channelsOf, heightOf, widthOf] = dims ?? [];
  const isFixed = typeof heightOf === 'number' && typeof widthOf === 'number';
  if (isFixed && size !== null && (size.height !== heightOf || size.width !== widthOf)) {
    throw contradiction(
      facts,
      `the metadata says images of ${size.width} x ${size.height} px`,
      `the input ${input.name} takes ${widthOf} x ${heightOf}`,
    );
  }
  const height = isFixed ? heightOf : (size?.height ?? ultralyticsDefaults.imageSize);
  const width = isFixed ? widthOf : (size?.width ?? ultralyticsDefaults.imageSize);
  const channels = metadata.channels ?? (typeof channelsOf === 'number' ? channelsOf : 3);
  const bands =
    channels === 3 ? (['red', 'green', 'blue'] as const) : channels === 1 ? (['gray'] as const) : null;
  return {
    draft: {
      name: input.name,
      layout: 'NCHW',
      dtype: imageDtype(facts, input),
      ...(bands === null ? {} : { bands: [...bands] }),
      tileSize: width,
      ...(height === width ? {} : { tileHeight: height }),
      fixedSize: isFixed,
      ...(isFixed || metadata.stride === null ? {} : { multipleOf: metadata.stride }),
      ...(resize === null || !isFixed ? {} : { resize }),
      padValue: ultralyticsDefaults.padValue,
      scale: 1 / 255,
    },
    readFrom: {
      input: 'graph',
      'input.tileSize': isFixed ? 'graph' : size === null ? 'Ultralytics (imgsz 640)' : 'metadata imgsz',
      'input.bands': metadata.channels === null ? 'graph' : 'metadata channels',
      'input.scale': 'Ultralytics (pixels / 255)',
    },
    missing:
      bands === null
        ? [
            {
              fact: 'input.bands',
              question: `Which ${channels} bands of the image does the model take, in which order?`,
            },
          ]
        : [],
  };
}
