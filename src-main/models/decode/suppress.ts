/** Which of a tile's candidates are one object: non-maximum suppression as the reference implementations do it. */
import type { BoxesOutput, Candidate } from './tile-tensor.ts';

/** Of more than these only the best are looked at (Ultralytics' max_nms). */
const mostCandidates = 30_000;

/** Best first; equal ones in the order of the tensor. */
function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || a.row - b.row || a.classIndex - b.classIndex;
}

/** What is left, best first, `maxDetections` at most. */
export function suppress(candidates: readonly Candidate[], boxes: BoxesOutput): Candidate[] {
  const sorted = [...candidates].sort(byScore);
  const { iou, maxDetections = Infinity } = boxes;
  if (iou === undefined) return sorted.slice(0, maxDetections);
  const best = sorted.slice(0, mostCandidates);
  if (boxes.oriented !== true) return suppressUpright(best, iou, boxes.classAgnostic === true, maxDetections);
  return suppressRotated(best.map(spreadOf), iou, boxes.classAgnostic === true, maxDetections);
}

/** As torchvision's nms: suppressed above the threshold, not at it. */
function suppressUpright(
  sorted: readonly Candidate[],
  iou: number,
  isAgnostic: boolean,
  most: number,
): Candidate[] {
  const kept: Candidate[] = [];
  const rivals = new Map<number, Candidate[]>();
  for (const candidate of sorted) {
    if (kept.length >= most) break;
    const others = listOf(rivals, isAgnostic ? 0 : candidate.classIndex);
    if (others.some((other) => overlapsMore(other, candidate, iou))) continue;
    kept.push(candidate);
    others.push(candidate);
  }
  return kept;
}

function overlapsMore(a: Candidate, b: Candidate, iou: number): boolean {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return false;
  const shared = width * height;
  return shared > iou * ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared);
}

/** As Ultralytics': those that are suppressed suppress others all the same; at the threshold too. */
function suppressRotated(
  sorted: readonly Spread[],
  iou: number,
  isAgnostic: boolean,
  most: number,
): Candidate[] {
  const kept: Candidate[] = [];
  const rivals = new Map<number, Spread[]>();
  // 1 - sqrt(1 - exp(-d)) >= iou as a bound on d.
  const farthest = 1.01 * -Math.log(1 - (1 - iou) ** 2) + 1e-3;
  for (const spread of sorted) {
    if (kept.length >= most) break;
    const others = listOf(rivals, isAgnostic ? 0 : spread.candidate.classIndex);
    const isLost = others.some(
      (other) => mayBeNear(other, spread, farthest) && probabilisticIou(other, spread) >= iou,
    );
    if (!isLost) kept.push(spread.candidate);
    others.push(spread);
  }
  return kept;
}

function listOf<T>(lists: Map<number, T[]>, key: number): T[] {
  const list = lists.get(key) ?? [];
  if (list.length === 0) lists.set(key, list);
  return list;
}

const epsilon = 1e-7;

/** A rotated box as the normal distribution with its centre and covariance [a c; c b]. */
interface Spread {
  candidate: Candidate;
  x: number;
  y: number;
  a: number;
  b: number;
  c: number;
  shortSide: number;
  longSide: number;
}

function spreadOf(candidate: Candidate): Spread {
  const { x1, y1, x2, y2, angle } = candidate;
  const [width, height] = [x2 - x1, y2 - y1];
  const [w, h] = [(width * width) / 12, (height * height) / 12];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    candidate,
    x: (x1 + x2) / 2,
    y: (y1 + y2) / 2,
    a: w * cos * cos + h * sin * sin,
    b: w * sin * sin + h * cos * cos,
    c: (w - h) * cos * sin,
    shortSide: Math.min(width, height),
    longSide: Math.max(width, height),
  };
}

/**
 * No distance of centres whose part of the whole distance, at least 3 d² / (longest sides squared), is already too much. Of boxes
 * thinner than half a pixel that is not sure: `epsilon` counts there.
 */
function mayBeNear(p: Spread, q: Spread, farthest: number): boolean {
  const squared = (q.x - p.x) ** 2 + (q.y - p.y) ** 2;
  const isThin = Math.min(p.shortSide, q.shortSide) < 0.5;
  return isThin || 3 * squared <= farthest * (p.longSide ** 2 + q.longSide ** 2);
}

/**
 * The likeness of rotated boxes by which Ultralytics suppresses (batch_probiou): 1 - Hellinger distance of the distributions, of
 * Llerena et al. 2021, arXiv:2106.06072.
 */
function probabilisticIou(p: Spread, q: Spread): number {
  const [a, b, c] = [p.a + q.a, p.b + q.b, p.c + q.c];
  const [dx, dy] = [q.x - p.x, p.y - q.y];
  const determinant = a * b - c * c;
  const places = (0.25 * (a * dy * dy + b * dx * dx) + 0.5 * c * dx * dy) / (determinant + epsilon);
  const each = Math.sqrt(Math.max(0, p.a * p.b - p.c * p.c) * Math.max(0, q.a * q.b - q.c * q.c));
  const forms = 0.5 * Math.log(determinant / (4 * each + epsilon) + epsilon);
  const distance = Math.min(100, Math.max(epsilon, places + forms));
  return 1 - Math.sqrt(1 - Math.exp(-distance) + epsilon);
}
