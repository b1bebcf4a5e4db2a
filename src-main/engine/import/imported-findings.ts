/** What another program found, before it is a run of this case. */
import type { Shape } from '../../contract/finding.ts';
import type { Rect } from '../../contract/run.ts';

export interface ImportedFinding extends Rect {
  classIndex: number;
  /** 0-1. */
  score: number;
  shape?: Shape;
  /** Of tiles: the probability of each class. */
  probabilities?: number[];
}

export interface ImportedFindings {
  format: 'coco' | 'wsinfer';
  kind: 'detection' | 'tile';
  /** Names; `classIndex` counts in them. */
  classes: string[];
  /** Level-0 pixels. */
  findings: ImportedFinding[];
  /** Sentences for a person about what was not taken over. */
  notes: string[];
}
