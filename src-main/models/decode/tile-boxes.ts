/** The `boxes` output of a detector, in any form, to packed detections and outlines of one tile. */
import { GigatileError } from '../../contract/errors.ts';
import type { Shape } from '../../contract/finding.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { encodeShape } from '../../core/shape.ts';
import { inputSize, placeTile } from '../input/letterbox.ts';
import { notFinite, type Outputs } from '../outputs.ts';
import { owns, type TilePlace } from '../tile-detections.ts';
import { maskPolygons, protoPolygons, type Area } from './masks.ts';
import { decodeDetsLabels, decodePriors, decodeSeparate } from './separate.ts';
import { suppress } from './suppress.ts';
import {
  protoTensor,
  tileTensor,
  type BoxesOutput,
  type Candidate,
  type Decoded,
  type TileOutputs,
} from './tile-tensor.ts';
import { decodeDetr, decodeRfDetr } from './transformers.ts';
import { decodeYolov5, decodeYolov8, decodeYoloRows } from './yolo.ts';

const decoders: Record<BoxesOutput['form'], (tile: TileOutputs) => Decoded> = {
  yolov5: decodeYolov5,
  yolov8: decodeYolov8,
  'yolo-end2end': decodeYoloRows,
  'yolo-nms': decodeYoloRows,
  'detr-normalised': decodeDetr,
  'rf-detr': decodeRfDetr,
  'boxes-scores-classes': decodeSeparate,
  'dets-labels': decodeDetsLabels,
  'priors-normalised': decodePriors,
};

/** Beyond this an answer is no list of objects in a tile, and outlines would fill the memory. */
const mostDetections = 100_000;
const mostOutlines = 10_000;

/** Rounding of half floats. */
const roundedOne = 1.001;

export interface TileBoxes {
  /** As core/worker-protocol.ts packs them; best first. */
  detections: Float32Array;
  /** Outlines of the detections, one after the other (core/shape.ts); absent where the model gives boxes only. */
  shapes?: Float32Array;
  /** Owned detections at or above the model's threshold, by class. */
  counts: number[];
}

/**
 * What the tile holds, level-0 pixels: what scores keepFrom or more, suppressed within the tile as the reference implementation does,
 * and cut to the part of the image that the tile saw.
 *
 * @throws {GigatileError} model-invalid where the output has not the stated form or names no class; internal where its numbers are
 * no detections
 */
export function tileBoxes(
  manifest: ModelManifest,
  outputs: Outputs,
  i: number,
  count: number,
  place: TilePlace,
): TileBoxes {
  const { boxes } = manifest.outputs;
  if (boxes === undefined) throw new RangeError('the model has no boxes');
  const input = inputSize(manifest.input, place.rect);
  const keepFrom = Math.fround(manifest.keepFrom);
  const tile: TileOutputs = {
    boxes,
    classes: manifest.classes.length,
    outputs,
    i,
    count,
    keepFrom,
    ...input,
  };
  const { candidates, extra } = decoders[boxes.form](tile);
  for (const candidate of candidates) check(candidate, boxes, manifest.classes.length);
  const found = suppress(
    candidates.filter(({ classIndex }) => classIndex !== manifest.backgroundClass),
    boxes,
  );
  const mapped = mapping(manifest, place);
  const outline = outliner(tile, extra, mapped);
  const most = outline === null ? mostDetections : mostOutlines;
  if (found.length > most) {
    throw new GigatileError('internal', `The model found ${found.length} objects in one tile`, {
      where: `output ${boxes.name}`,
      hint: `Up to ${most} are taken. Raise keepFrom, or state maxDetections, in gigatile.json.`,
    });
  }
  return pack(manifest, found, place, mapped, outline);
}

function check(
  { x1, y1, x2, y2, score, classIndex }: Candidate,
  { name }: BoxesOutput,
  classes: number,
): void {
  if (!(x2 >= x1 && y2 >= y1)) {
    throw new GigatileError('internal', 'The model found a box of a negative width or height in this tile', {
      where: `output ${name}`,
      hint: 'Check that outputs.boxes.form is what the model answers with.',
    });
  }
  if (score > roundedOne) {
    throw new GigatileError('model-invalid', `The model gave a score of ${score}: it must be 0 to 1`, {
      where: `output ${name}`,
      hint: 'Check that outputs.boxes.form is what the model answers with.',
    });
  }
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= classes) {
    throw new GigatileError('model-invalid', `The model found class ${classIndex}, which has no name`, {
      where: `output ${name}`,
      hint: `Name it under classes in gigatile.json, which has ${classes}.`,
    });
  }
}

/** From input pixels to model pixels of the image, and the part of the input that shows some of the image. */
interface Mapping {
  seen: Area;
  x: (inInput: number) => number;
  y: (inInput: number) => number;
}

function mapping(manifest: ModelManifest, { rect, size }: TilePlace): Mapping {
  const placed = placeTile(rect, inputSize(manifest.input, rect), manifest.input.resize);
  const { left, top, scaleX, scaleY, width, height } = placed;
  return {
    seen: {
      x1: left,
      y1: top,
      x2: Math.min(left + width, left + (size.width - rect.x) * scaleX),
      y2: Math.min(top + height, top + (size.height - rect.y) * scaleY),
    },
    x: (inInput) => rect.x + (inInput - left) / scaleX,
    y: (inInput) => rect.y + (inInput - top) / scaleY,
  };
}

/** Outline of a candidate in input pixels, x, y alternating in rings and x, y, confidence in key points. */
type Outline = (candidate: Candidate, cut: Area) => Shape;

function outliner(tile: TileOutputs, extra: Decoded['extra'], { seen }: Mapping): Outline | null {
  const { form, oriented, protos, masks, keypoints } = tile.boxes;
  if (oriented === true) return (candidate) => ({ polygons: [[cornersOf(candidate)]], keypoints: [] });
  if (keypoints !== undefined) {
    const { count, numbers } = keypoints;
    return ({ row }) => {
      const points: number[] = [];
      for (let k = 0; k < count; k++) {
        const at = k * numbers;
        points.push(extra(row, at), extra(row, at + 1), numbers === 3 ? extra(row, at + 2) : 1);
      }
      return { polygons: [], keypoints: points };
    };
  }
  if (protos !== undefined) {
    const prototypes = protoTensor(tile);
    const coefficients = new Float64Array(prototypes.dims[0]!);
    return ({ row }, cut) => {
      for (let m = 0; m < coefficients.length; m++) coefficients[m] = extra(row, m);
      return { polygons: protoPolygons(coefficients, prototypes, cut, tile), keypoints: [] };
    };
  }
  if (masks === undefined) return null;
  if (form === 'rf-detr') {
    const logits = tileTensor(tile, masks, [null, null, null], 'masks');
    const [rows = 0, height = 0, width = 0] = logits.dims;
    return ({ row }) => {
      if (row >= rows) throw notFinite(`${masks} (no mask ${row})`);
      const own = logits.data.subarray(row * height * width, (row + 1) * height * width);
      // Above 0 once enlarged, and not cropped to the box: as RF-DETR's own post-processing has it.
      const plane = { ...logits, dims: [1, height, width], data: own };
      return { polygons: protoPolygons(Float64Array.of(1), plane, seen, tile), keypoints: [] };
    };
  }
  const full = tileTensor(tile, masks, [null, tile.height, tile.width], 'masks');
  return ({ row }) => {
    if (row >= full.dims[0]!) throw notFinite(`${masks} (no mask ${row})`);
    return { polygons: maskPolygons(full, row, seen, tile), keypoints: [] };
  };
}

/** Clockwise on the screen. */
function cornersOf({ x1, y1, x2, y2, angle }: Candidate): number[] {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    [x1 - x, y1 - y],
    [x2 - x, y1 - y],
    [x2 - x, y2 - y],
    [x1 - x, y2 - y],
  ].flatMap(([dx = 0, dy = 0]) => [x + dx * cos - dy * sin, y + dx * sin + dy * cos]);
}

function pack(
  manifest: ModelManifest,
  found: readonly Candidate[],
  { plan, core, size, keepAll }: TilePlace,
  mapped: Mapping,
  outline: Outline | null,
): TileBoxes {
  const { seen } = mapped;
  const isOriented = manifest.outputs.boxes?.oriented === true;
  const counts = manifest.classes.map(() => 0);
  const threshold = Math.fround(manifest.threshold);
  const packed: number[] = [];
  const shapes: Float32Array[] = [];
  for (const candidate of found) {
    const around = isOriented ? envelope(cornersOf(candidate)) : candidate;
    const cut = intersection(around, seen);
    if (cut === null) continue;
    // As Ultralytics: upright boxes end where the picture does, rotated ones go on.
    const box = isOriented ? around : cut;
    const owned =
      owns(core.x, core.width, size.width, mapped.x((box.x1 + box.x2) / 2)) &&
      owns(core.y, core.height, size.height, mapped.y((box.y1 + box.y2) / 2));
    const score = Math.min(1, candidate.score);
    if (owned && score >= threshold) counts[candidate.classIndex]!++;
    if (!owned && !keepAll) continue;
    const [left, top] = [mapped.x(box.x1) * plan.scaleX, mapped.y(box.y1) * plan.scaleY];
    const [right, bottom] = [mapped.x(box.x2) * plan.scaleX, mapped.y(box.y2) * plan.scaleY];
    packed.push(left, top, right - left, bottom - top, candidate.classIndex, score);
    if (outline !== null) shapes.push(encodeShape(onImage(outline(candidate, cut), mapped, plan)));
  }
  return { detections: Float32Array.from(packed), counts, ...(outline && { shapes: joined(shapes) }) };

  function onImage(
    { polygons, keypoints }: Shape,
    { x, y }: Mapping,
    { scaleX, scaleY }: typeof plan,
  ): Shape {
    const place = (value: number, axis: number): number =>
      axis === 0 ? x(value) * scaleX : y(value) * scaleY;
    return {
      polygons: polygons.map((rings) => rings.map((ring) => ring.map((value, k) => place(value, k % 2)))),
      keypoints: keypoints.map((value, k) => (k % 3 === 2 ? value : place(value, k % 3))),
    };
  }
}

function envelope(ring: readonly number[]): Area {
  const xs = ring.filter((_, k) => k % 2 === 0);
  const ys = ring.filter((_, k) => k % 2 === 1);
  return { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
}

/** null where nothing of a box lies in the area: padding shows nothing. A box without an area stays where it is. */
function intersection(box: Area, area: Area): Area | null {
  const cut = {
    x1: Math.max(box.x1, area.x1),
    y1: Math.max(box.y1, area.y1),
    x2: Math.min(box.x2, area.x2),
    y2: Math.min(box.y2, area.y2),
  };
  const isEmpty = (from: number, to: number, before: number, after: number): boolean =>
    to < from || (to === from && after > before);
  if (isEmpty(cut.x1, cut.x2, box.x1, box.x2) || isEmpty(cut.y1, cut.y2, box.y1, box.y2)) return null;
  return cut;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
