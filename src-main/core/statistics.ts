/** Numbers about a run: how many, how dense, how much of the area. Pure sums over tiles and findings. */
import { tileStateCode, type GridPlan } from '../contract/run.ts';
import { withinImage, type AreaMeasure, type AreaUnit } from './areas.ts';
import { coreRect, tileCount } from './grid.ts';

export interface Quantity {
  value: number;
  unit: AreaUnit;
}

/** Area of the cores of all tiles in a state (by default, done: the analysed area). The cores partition the image. */
export function areaOfTiles(
  plan: GridPlan,
  states: ArrayLike<number>,
  measure: AreaMeasure | null,
  state: number = tileStateCode.done,
): Quantity | null {
  if (measure === null) return null;
  const image = { width: plan.imageWidth, height: plan.imageHeight };
  let value = 0;
  for (let tile = 0; tile < tileCount(plan); tile++) {
    if (states[tile] === state) value += measure.of(withinImage(coreRect(plan, tile), image));
  }
  return { value, unit: measure.unit };
}

/** Findings per mm² or km²; null without an area. */
export function density(count: number, area: Quantity | null): number | null {
  return area === null || area.value === 0 ? null : count / area.value;
}

/**
 * Fraction of the analysed area that each class covers: the fractions of the done tiles, weighted by the area of their cores.
 * @param fractions `classes` numbers a tile (tile * classes + class)
 * @returns a number from 0 to 1 for each class; null where no tile is done
 */
export function areaFractions(
  plan: GridPlan,
  states: ArrayLike<number>,
  fractions: ArrayLike<number>,
  classes: number,
  measure: AreaMeasure | null,
): number[] | null {
  const image = { width: plan.imageWidth, height: plan.imageHeight };
  const sums = Array.from({ length: classes }, () => 0);
  let whole = 0;
  for (let tile = 0; tile < tileCount(plan); tile++) {
    if (states[tile] !== tileStateCode.done) continue;
    const core = withinImage(coreRect(plan, tile), image);
    // Without a physical size, pixels count alike.
    const weight = measure === null ? core.width * core.height : measure.of(core);
    whole += weight;
    for (let c = 0; c < classes; c++) sums[c]! += weight * (fractions[tile * classes + c] ?? 0);
  }
  return whole === 0 ? null : sums.map((sum) => sum / whole);
}

export interface FindingCounts {
  total: number;
  accepted: number;
  rejected: number;
  undecided: number;
  /** By class index. */
  byClass: number[];
  acceptedByClass: number[];
  rejectedByClass: number[];
  /** Findings in 20 equal bins of score, 0 to 1, whatever the threshold. */
  histogram: number[];
}

const histogramBins = 20;

/** Counts findings one by one, so that millions need no list. */
export class FindingCounter {
  readonly #threshold: number;
  readonly counts: FindingCounts;

  /** @param threshold findings at or above it count; the histogram takes all */
  constructor(classes: number, threshold: number) {
    const zeros = (length: number) => Array.from({ length }, () => 0);
    this.#threshold = threshold;
    this.counts = {
      total: 0,
      accepted: 0,
      rejected: 0,
      undecided: 0,
      byClass: zeros(classes),
      acceptedByClass: zeros(classes),
      rejectedByClass: zeros(classes),
      histogram: zeros(histogramBins),
    };
  }

  add(finding: { score: number; classIndex: number; verdict: 'accepted' | 'rejected' | null }): void {
    const { counts } = this;
    const bin = Math.min(histogramBins - 1, Math.max(0, Math.floor(finding.score * histogramBins)));
    counts.histogram[bin]!++;
    if (finding.score < this.#threshold) return;
    counts.total++;
    counts[finding.verdict ?? 'undecided']++;
    const c = finding.classIndex;
    counts.byClass[c] = (counts.byClass[c] ?? 0) + 1;
    if (finding.verdict === 'accepted') counts.acceptedByClass[c] = (counts.acceptedByClass[c] ?? 0) + 1;
    if (finding.verdict === 'rejected') counts.rejectedByClass[c] = (counts.rejectedByClass[c] ?? 0) + 1;
  }
}
