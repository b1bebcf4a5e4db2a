/** Deepness and GeoDeep, model_type Detector: `det_type` says what the output holds. */
import type { ModelManifest } from '../../contract/model.ts';
import type { MissingFact } from '../convention.ts';
import type { OnnxFacts } from '../onnx-file/facts.ts';
import type { DeepnessMetadata } from './deepness-metadata.ts';
import { missingClasses, type DeepnessParts } from './deepness-parts.ts';
import { checkShape, outputAt, wrongMetadata } from './tell.ts';

type Boxes = NonNullable<ModelManifest['outputs']['boxes']>;

/** What is used where the metadata is silent. */
const defaults = { confidence: 0.5, iou: 0.5 };

/** Lower than what counts, so that the threshold can be moved. */
const keptBelow = 0.1;

export function detector(facts: OnnxFacts, metadata: DeepnessMetadata): DeepnessParts {
  const classes = metadata.classNames[0];
  const confidence = metadata.confidence ?? defaults.confidence;
  const { detectorType } = metadata;
  const missing: MissingFact[] = classes === undefined ? [missingClasses] : [];
  const form = detectorType === null ? null : boxesOf(facts, metadata, detectorType, classes?.length ?? null);
  if (form === null) {
    missing.push({
      fact: 'outputs.boxes.form',
      question: 'Which kind of detector is it?',
      choices: [
        { value: 'yolov5', label: 'YOLOv5, YOLOv6 or YOLOv7: N x boxes x (5 + classes)' },
        { value: 'yolov8', label: 'YOLOv8, YOLOv9 or YOLO11: N x (4 + classes) x boxes' },
      ],
    });
  }
  return {
    manifest: {
      task: 'detect',
      outputs: form === null ? {} : { boxes: form.boxes },
      ...(classes === undefined ? {} : { classes: classes.map((name) => ({ name })) }),
      backgroundClass: null,
      threshold: confidence,
      keepFrom: Math.min(confidence, keptBelow),
    },
    missing,
    readFrom: {
      outputs: 'metadata model_type, det_type',
      ...(classes === undefined ? {} : { classes: metadata.classKey }),
      threshold: metadata.confidence === null ? 'not stated: 0.5' : 'metadata det_conf',
      'outputs.boxes.iou': metadata.iou === null ? 'not stated: 0.5' : 'metadata det_iou_thresh',
    },
    notes: form?.notes ?? [],
  };
}

function boxesOf(
  facts: OnnxFacts,
  metadata: DeepnessMetadata,
  type: string,
  classes: number | null,
): { boxes: Boxes; notes: string[] } {
  const said = `the metadata says ${type}${classes === null ? '' : ` with ${classes} classes`}`;
  const output = outputAt(facts, 0, said);
  const plus = (columns: number): number | null => (classes === null ? null : classes + columns);
  // The plugin suppresses over all classes together.
  const shared = { name: output.name, iou: metadata.iou ?? defaults.iou, classAgnostic: true };
  switch (type) {
    case 'YOLO_v5_or_v7_default':
    case 'YOLO_v6':
      checkShape(facts, output, [null, null, plus(5)], said);
      return {
        boxes: { ...shared, form: 'yolov5' },
        notes:
          type === 'YOLO_v6'
            ? []
            : [
                'The score is objectness times class probability, as YOLOv5 has it; Deepness shows the objectness alone.',
              ],
      };
    case 'YOLO_v8':
    case 'YOLO_v9':
    case 'YOLO_Ultralytics':
      checkShape(facts, output, [null, plus(4), null], said);
      return { boxes: { ...shared, form: 'yolov8' }, notes: [] };
    case 'YOLO_Ultralytics_obb':
      checkShape(facts, output, [null, plus(5), null], said);
      return { boxes: { ...shared, form: 'yolov8', oriented: true }, notes: [] };
    case 'YOLO_Ultralytics_segmentation': {
      const protos = outputAt(facts, 1, said);
      checkShape(facts, protos, [null, null, null, null], said);
      const masks = protos.dims?.[1];
      checkShape(facts, output, [null, typeof masks === 'number' ? plus(4 + masks) : null, null], said);
      return { boxes: { ...shared, form: 'yolov8', protos: protos.name }, notes: [] };
    }
    case 'retinanet': {
      const [scores, labels] = [outputAt(facts, 1, said), outputAt(facts, 2, said)];
      // GeoDeep's have no dimension for the batch: one tile goes in, and its boxes come out.
      checkShape(facts, output, output.dims?.length === 2 ? [null, 4] : [null, null, 4], said);
      return {
        boxes: { ...shared, form: 'boxes-scores-classes', scores: scores.name, labels: labels.name },
        notes: [],
      };
    }
    default:
      throw wrongMetadata(
        facts,
        'det_type',
        `is "${type}": known are YOLO_v5_or_v7_default, YOLO_v6, YOLO_v8, YOLO_v9, YOLO_Ultralytics, YOLO_Ultralytics_segmentation, YOLO_Ultralytics_obb and retinanet`,
      );
  }
}
