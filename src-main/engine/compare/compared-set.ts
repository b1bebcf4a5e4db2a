/** The findings of a run that are to be compared, as columns. */
import type { Outlines } from '../../core/merge/outlines.ts';
import type { ComparedSet } from '../../core/compare/match-findings.ts';
import { detectionStride as stride } from '../../core/worker-protocol.ts';
import type { FindingStore } from '../../store/finding-store.ts';

export interface RunToCompare {
  no: number;
  findings: FindingStore;
  threshold: number;
  /** By class of the run: the number that it has in both runs. */
  classes: readonly number[];
}

export interface OrdinalSet extends ComparedSet {
  /** By position in the set. */
  ordinals: Int32Array;
}

/** In the order of their ordinals: strongest first. */
export function comparedSet(run: RunToCompare, withRejected: boolean): OrdinalSet {
  const most = run.findings.countFrom(run.no, run.threshold);
  const packed = new Float32Array(most * stride);
  const ordinals = new Int32Array(most);
  let count = 0;
  for (const row of run.findings.boxes(run.no)) {
    // What comes after is weaker still.
    if (row.score < run.threshold) break;
    if (row.verdict === 'rejected' && !withRejected) continue;
    const { x, y, width, height, score, classIndex } = row;
    packed.set([x, y, width, height, run.classes[classIndex] ?? classIndex, score], count * stride);
    ordinals[count++] = row.ordinal;
  }
  const set = { packed: packed.slice(0, count * stride), ordinals: ordinals.slice(0, count) };
  const outlines = outlinesOf(run, set.ordinals);
  return outlines === null ? set : { ...set, outlines };
}

function outlinesOf({ findings, no }: RunToCompare, ordinals: Int32Array): Outlines | null {
  const starts = new Uint32Array(ordinals.length + 1);
  const parts: Float32Array[] = [];
  let length = 0;
  let i = 0;
  for (const { ordinal, numbers } of findings.outlines(no)) {
    for (; i < ordinals.length && ordinals[i]! < ordinal; i++) starts[i + 1] = length;
    if (i === ordinals.length) break;
    if (ordinals[i] !== ordinal) continue;
    parts.push(numbers);
    length += numbers.length;
    starts[++i] = length;
  }
  if (parts.length === 0) return null;
  for (; i < ordinals.length; i++) starts[i + 1] = length;
  const numbers = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    numbers.set(part, at);
    at += part.length;
  }
  return { numbers, starts };
}
