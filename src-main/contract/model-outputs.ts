/** What a model answers: which output tensor holds what, in which form. Shapes with N tiles in a batch, H x W input pixels, C classes. */
import { z } from 'zod';

/** What is still to be done to numbers before they are probabilities. */
export const activationSchema = z.enum(['none', 'sigmoid', 'softmax']);

/**
 * Boxes in the form of a family of detectors; all float32, places in input pixels unless the form says otherwise.
 *
 * - `yolov5`: [N, B, 5 + C (+ M)] = cx, cy, w, h, objectness, class probabilities (score = objectness * class)
 * - `yolov8`: [N, 4 + C (+ K or M or angle), B] = cx, cy, w, h, class probabilities
 * - `yolo-end2end`, `yolo-nms`: [N, B, 6 (+ K or M)] = x1, y1, x2, y2, score, class; oriented: cx, cy, w, h, score, class, angle.
 *   Nothing overlaps any more; unused rows have a score of 0
 * - `detr-normalised`: [N, B, 4 + C] = cx, cy, w, h as parts of the input's size, class probabilities
 * - `boxes-scores-classes`: three tensors: boxes [N, B, 4] x1, y1, x2, y2; `scores` [N, B]; `labels` [N, B]
 * - `dets-labels`: `dets` [N, B, 5] x1, y1, x2, y2, score; `labels` [N, B] integers; `masks` [N, B, H, W] where there are any
 * - `rf-detr`: [N, B, 4] = cx, cy, w, h as parts of the input's size; `labels` [N, B, C] logits, one sigmoid each; `masks` [N, B, h, w]
 *   logits of any size, where there are any
 * - `priors-normalised`: boxes [N, B, 4] x1, y1, x2, y2 as parts of the input's size; `scores` [N, B, C], softmaxed, class 0 is nothing
 *
 * M mask coefficients go with `protos` [N, M, H/4, W/4]; K = 3 numbers a key point (x, y, confidence).
 */
export const boxFormSchema = z.enum([
  'yolov5',
  'yolov8',
  'yolo-end2end',
  'yolo-nms',
  'detr-normalised',
  'boxes-scores-classes',
  'dets-labels',
  'rf-detr',
  'priors-normalised',
]);

export const boxesOutputSchema = z.object({
  name: z.string().min(1),
  form: boxFormSchema,
  scores: z.string().min(1).optional(),
  labels: z.string().min(1).optional(),
  protos: z.string().min(1).optional(),
  masks: z.string().min(1).optional(),
  /** The box is rotated; the angle (radians, clockwise on the screen, about the centre) stands in the last column. */
  oriented: z.boolean().optional(),
  /** Key points a detection, with x, y (2) or x, y, confidence (3) each. */
  keypoints: z
    .object({ count: z.number().int().positive(), numbers: z.union([z.literal(2), z.literal(3)]) })
    .optional(),
  /** IoU from which, in one tile, the weaker of two boxes of one class is the same object; absent: nothing is suppressed. */
  iou: z.number().min(0).max(1).optional(),
  /** Among boxes of all classes, not of one. */
  classAgnostic: z.boolean().optional(),
  /** Most detections a tile that the reference implementation keeps; absent: all. */
  maxDetections: z.number().int().positive().optional(),
});

export const modelOutputsSchema = z.object({
  /**
   * Point-like detections with a box: float32 [K, 7] = tile index in the batch, x1, y1, x2, y2 in input pixels,
   * confidence 0-1, class index.
   */
  detections: z.object({ name: z.string() }).optional(),
  boxes: boxesOutputSchema.optional(),
  /** float32 [N, V]: V numbers a tile, named in order; multiplied by `factor` where there is one. */
  tileValues: z
    .object({ name: z.string(), names: z.array(z.string()).min(1), factor: z.number().optional() })
    .optional(),
  /** float32 [N, C]: area fraction (segment) or probability (classify) a class, 0-1. */
  classFractions: z.object({ name: z.string(), activation: activationSchema.optional() }).optional(),
  /** uint8 (or int64) [N, H, W]: class index a pixel. */
  labels: z.object({ name: z.string() }).optional(),
  /** float32 [N, H, W, 1], [N, 1, H, W] or [N, H, W]: probability a pixel, for two-class segmenters; class 1 where above `threshold`. */
  probability: z.object({ name: z.string(), activation: activationSchema.optional() }).optional(),
  /**
   * float32 [N, C, H, W] (or [N, H, W, C]): a number a class and pixel, the highest is the pixel's class. An output smaller than the
   * input is its centre, unless `upsample` says that it is the whole input with fewer pixels. With `sigmoid` and one class fewer than
   * `classes`, class 0 is where none of the others is above `threshold`; with `needsThreshold`, where none at all reaches it.
   */
  classMap: z
    .object({
      name: z.string(),
      layout: z.enum(['NHWC', 'NCHW']),
      activation: activationSchema,
      upsample: z.enum(['nearest', 'bilinear']).optional(),
      needsThreshold: z.boolean().optional(),
    })
    .optional(),
  /** float32 [N, V, H, W]: V quantities a pixel (regression), each multiplied by `factor`; a tile's value is the mean over its core. */
  valueMap: z
    .object({ name: z.string(), names: z.array(z.string()).min(1), factor: z.number().optional() })
    .optional(),
});
