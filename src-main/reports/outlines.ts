/** What a finding covers, for the formats: its outline where it has one, else its box. Level-0 pixels. */
import type { FindingView } from '../contract/finding.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { AreaMeasure } from '../core/areas.ts';
import { shapeArea } from '../core/shape.ts';

/** A ring as x0, y0, x1, y1 …, without repeating the first point; the first of a polygon is its outer border. */
export type FlatPolygon = readonly (readonly number[])[];

export function polygonsOf({ box, shape }: Pick<FindingView, 'box' | 'shape'>): readonly FlatPolygon[] {
  if (shape !== undefined && shape.polygons.length > 0) return shape.polygons;
  const [x1, y1, x2, y2] = [box.x, box.y, box.x + box.width, box.y + box.height];
  return [[[x1, y1, x2, y1, x2, y2, x1, y2]]];
}

/** Square level-0 pixels. */
export function findingArea({ box, shape }: Pick<FindingView, 'box' | 'shape'>): number {
  return shape !== undefined && shape.polygons.length > 0 ? shapeArea(shape) : box.width * box.height;
}

/** In the unit of the measure; a pixel is taken to be as large everywhere in the box as it is on average. */
export function physicalArea(finding: Pick<FindingView, 'box' | 'shape'>, measure: AreaMeasure): number {
  const { box } = finding;
  const pixels = box.width * box.height;
  return pixels === 0 ? 0 : (measure.of(box) / pixels) * findingArea(finding);
}

/** Whether a model's findings have areas of their own, not those of their boxes. */
export function hasOutlines({ task, outputs }: ModelManifest): boolean {
  const { boxes } = outputs;
  const isShaped = boxes?.oriented === true || boxes?.protos !== undefined || boxes?.masks !== undefined;
  return task === 'segment' || (task === 'detect' && isShaped);
}
