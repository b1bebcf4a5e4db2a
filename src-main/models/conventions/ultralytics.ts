/**
 * Models that Ultralytics exported (YOLOv8 and later, RT-DETR), and YOLOv5: metadata whose values are Python literals.
 * The metadata alone says what the outputs are; their shapes are only held against it.
 */
import type { ConventionReader, Description } from '../convention.ts';
import type { OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';
import { checkShape, outputAt, wrongMetadata } from './tell.ts';
import { readUltralyticsMetadata, type UltralyticsMetadata } from './ultralytics-metadata.ts';
import { finish, ultralyticsDefaults, ultralyticsInput, type Parts } from './ultralytics-parts.ts';
import { describeYolov5 } from './yolov5.ts';

export const ultralytics: ConventionReader = {
  name: 'Ultralytics',
  read: async (facts) => {
    const metadata = readUltralyticsMetadata(facts);
    if (metadata === null) return null;
    return metadata.task === null
      ? describeYolov5(facts, metadata)
      : describe(facts, metadata, metadata.task);
  },
};

function describe(facts: OnnxFacts, metadata: UltralyticsMetadata, task: string): Description {
  const outputs = outputsOf(facts, metadata, task);
  const input = ultralyticsInput(
    facts,
    metadata,
    isDetr(metadata) ? 'stretch' : task === 'classify' ? null : 'letterbox',
  );
  return finish(facts, metadata, { ...outputs, input });
}

function isDetr({ head, description }: UltralyticsMetadata): boolean {
  return head === 'RTDETRDecoder' || /rt-?detr/i.test(description);
}

/** By what the exporter wrote; early exports of YOLOv10 say it in their description only. */
function isEnd2end({ end2end, head, description }: UltralyticsMetadata): boolean {
  return end2end ?? (head === 'v10Detect' || /yolov10/i.test(description));
}

function outputsOf(facts: OnnxFacts, metadata: UltralyticsMetadata, task: string): Omit<Parts, 'input'> {
  const said = `the metadata says ${task} with ${metadata.names.length} classes`;
  const first = outputAt(facts, 0, said);
  if (task === 'classify') {
    checkShape(facts, first, [null, metadata.names.length], said);
    return { task: 'classify', outputs: { classFractions: { name: first.name, activation: 'none' } } };
  }
  if (task === 'semantic') return semantic(facts, first, metadata, said);
  if (task === 'detect' || task === 'segment' || task === 'obb' || task === 'pose') {
    return boxes(facts, metadata, task, said);
  }
  throw wrongMetadata(
    facts,
    'task',
    `is "${task}": known are detect, segment, obb, pose, classify and semantic`,
  );
}

/** Class numbers, or numbers a class from which the highest is taken: both are exported, and the type of the tensor says which. */
function semantic(
  facts: OnnxFacts,
  output: OnnxValue,
  { names }: UltralyticsMetadata,
  said: string,
): Omit<Parts, 'input'> {
  if (/^u?int/.test(output.dtype)) {
    checkShape(facts, output, [null, null, null], said);
    return { task: 'segment', outputs: { labels: { name: output.name } } };
  }
  checkShape(facts, output, [null, names.length, null, null], said);
  return {
    task: 'segment',
    outputs: { classMap: { name: output.name, layout: 'NCHW', activation: 'softmax' } },
  };
}

function boxes(
  facts: OnnxFacts,
  metadata: UltralyticsMetadata,
  task: 'detect' | 'segment' | 'obb' | 'pose',
  said: string,
): Omit<Parts, 'input'> {
  const output = outputAt(facts, 0, said);
  const protos = task === 'segment' ? outputAt(facts, 1, said) : null;
  const { keypoints } = metadata;
  if (task === 'pose' && keypoints === null) {
    throw wrongMetadata(facts, 'kpt_shape', 'is missing: nobody knows how many key points there are');
  }
  if (protos !== null) checkShape(facts, protos, [null, null, null, null], said);
  const masks = protos?.dims?.[1];
  const extra =
    protos !== null
      ? typeof masks === 'number'
        ? masks
        : null
      : task === 'obb'
        ? 1
        : task === 'pose' && keypoints !== null
          ? keypoints.count * keypoints.numbers
          : 0;
  const classes = metadata.names.length;
  const plus = (columns: number): number | null => (extra === null ? null : columns + extra);
  const shared = {
    name: output.name,
    ...(protos === null ? {} : { protos: protos.name }),
    ...(task === 'obb' ? { oriented: true } : {}),
    ...(task === 'pose' && keypoints !== null ? { keypoints } : {}),
  };
  if (isDetr(metadata)) {
    checkShape(facts, output, [null, null, plus(4 + classes)], `${said}, RT-DETR`);
    return { task: 'detect', outputs: { boxes: { ...shared, form: 'detr-normalised' } } };
  }
  const ends = isEnd2end(metadata);
  if (ends || metadata.nms) {
    checkShape(facts, output, [null, null, plus(6)], `${said}, suppressed inside (end2end or nms)`);
    return {
      task: 'detect',
      outputs: { boxes: { ...shared, form: ends ? 'yolo-end2end' : 'yolo-nms' } },
      suppressedInside: !ends,
    };
  }
  checkShape(facts, output, [null, plus(4 + classes), null], said);
  return {
    task: 'detect',
    outputs: {
      boxes: {
        ...shared,
        form: 'yolov8',
        iou: metadata.iou ?? ultralyticsDefaults.iou,
        ...(metadata.classAgnostic ? { classAgnostic: true } : {}),
        maxDetections: metadata.maxDetections ?? ultralyticsDefaults.maxDetections,
      },
    },
  };
}
