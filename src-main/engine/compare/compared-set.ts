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

type Row = readonly [number, number, number, number, number, number, number];

export interface OrdinalSet extends ComparedSet {
  /** By position in the set. */
  ordinals: Int32Array;
}

/** In the order of their ordinals: strongest first. */
export function comparedSet(run: RunToCompare, withRejected: boolean): OrdinalSet {
  const most = run.findings.countFrom(run.no, run.threshold);
  const packed = new Float32Array(most * stride);
  const ordinals = new Int32Array(most);
  const decided = new Map(run.findings.decided(run.no).map((row) => [row.ordinal, row]));
  let count = 0;
  for (const row of run.findings.asFound(run.no, run.threshold)) {
    const [ordinal, x, y, width, height, modelClass, score] = row as Row;
    const decision = decided.get(ordinal);
    if (decision?.verdict === 'rejected' && !withRejected) continue;
    const classIndex = decision?.classIndex ?? modelClass;
    const p = count * stride;
    packed[p] = x;
    packed[p + 1] = y;
    packed[p + 2] = width;
    packed[p + 3] = height;
    packed[p + 4] = run.classes[classIndex] ?? classIndex;
    packed[p + 5] = score;
    ordinals[count++] = ordinal;
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
