/** Where SAHI merges in another way than it was asked to. */
import type { Merge } from '../../contract/run.ts';

/** Below this confidence of the model SAHI does not join boxes: many weak ones would grow into each other. */
const lowConfidence = 0.1;

/**
 * @param confidence from which the model's detections are looked at
 * @param oriented whether the model gives rotated boxes: SAHI suppresses those by the boxes around them, and never joins them
 * @returns how SAHI merges, and where that is not what was asked for, what to tell the person
 */
export function asSahiDoes(
  merge: Merge,
  { confidence, oriented }: { confidence: number; oriented: boolean },
): { merge: Merge; note: string | null } {
  if (merge.mode !== 'sahi' || merge.type === 'NMS') return { merge, note: null };
  // In this order, so that a weak oriented model gets IOU.
  if (confidence < lowConfidence) {
    return {
      merge: { ...merge, type: 'NMS', metric: 'IOU' },
      note: `As SAHI does at a confidence below ${lowConfidence}, NMS with IOU was used instead of ${merge.type} with ${merge.metric}.`,
    };
  }
  if (!oriented) return { merge, note: null };
  return {
    merge: { ...merge, type: 'NMS' },
    note: `As SAHI does for rotated boxes, NMS on the boxes around them was used instead of ${merge.type}: of two that lie side by side it may lose one, which --merge exact keeps.`,
  };
}
