/** How sure the numbers of a report are: counts and areas by unit of the grid, and bootstrap intervals over them. */
import type { FindingView } from '../contract/finding.ts';
import { tileStateCode } from '../contract/run.ts';
import { withinImage, type AreaMeasure } from '../core/areas.ts';
import { bootstrapUnits, ratioIntervals, type Interval } from '../core/bootstrap.ts';
import { coreRect, tileCount } from '../core/grid.ts';
import type { ReportData } from './report-data.ts';

export interface ReportIntervals {
  /** Findings per unit of analysed area: all, and by class. */
  density: Interval | null;
  densityByClass: (Interval | null)[];
  /** The same without what was rejected. */
  densityAfterReview: Interval | null;
  /** Of all findings, those of a class. */
  shares: (Interval | null)[];
  /** For segmenters: of the analysed area, that of a class. */
  fractions: (Interval | null)[];
  /** Tiles along the edge of the squares that were drawn; 1: single tiles. */
  edge: number;
}

/** Filled in the one pass over the findings. */
export class IntervalCounter {
  readonly #data: ReportData;
  readonly #unit: ReturnType<typeof bootstrapUnits>;
  readonly #byClass: Float64Array[];
  readonly #all: Float64Array;
  readonly #kept: Float64Array;

  constructor(data: ReportData) {
    this.#data = data;
    this.#unit = bootstrapUnits(data.plan);
    const zeros = () => new Float64Array(this.#unit.count);
    this.#byClass = data.model.manifest.classes.map(zeros);
    this.#all = zeros();
    this.#kept = zeros();
  }

  /** A finding at or above the threshold. */
  add({ tile, classIndex, verdict }: FindingView): void {
    const unit = this.#unit.of(tile);
    this.#all[unit]!++;
    if (verdict !== 'rejected') this.#kept[unit]!++;
    const counts = this.#byClass[classIndex];
    if (counts) counts[unit]!++;
  }

  /** @param measure null: no areas, and no densities */
  intervals(measure: AreaMeasure | null): ReportIntervals {
    const { plan, tiles, image, model } = this.#data;
    const classes = model.manifest.classes.length;
    const hasFractions = model.manifest.task === 'segment' && tiles.values !== null;
    const area = new Float64Array(this.#unit.count);
    const covered = hasFractions ? model.manifest.classes.map(() => new Float64Array(this.#unit.count)) : [];
    for (let tile = 0; tile < tileCount(plan); tile++) {
      if (tiles.states[tile] !== tileStateCode.done) continue;
      const core = withinImage(coreRect(plan, tile), image);
      const weight = measure === null ? core.width * core.height : measure.of(core);
      const unit = this.#unit.of(tile);
      area[unit]! += weight;
      for (const [c, sums] of covered.entries())
        sums[unit]! += weight * (tiles.values?.[tile * classes + c] ?? 0);
    }
    const [density = null, densityAfterReview = null, ...densityByClass] = ratioIntervals(
      [this.#all, this.#kept, ...this.#byClass],
      measure === null ? new Float64Array(0) : area,
    );
    return {
      density,
      densityByClass,
      densityAfterReview,
      shares: ratioIntervals(this.#byClass, this.#all),
      fractions: ratioIntervals(covered, area),
      edge: this.#unit.edge,
    };
  }
}
