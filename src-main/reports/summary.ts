/** The numbers of a report, from one pass over the findings. */
import type { FindingView } from '../contract/finding.ts';
import { skipReasons, tileStateCode, type Rect, type SkipReason } from '../contract/run.ts';
import { areaMeasure, type AreaUnit } from '../core/areas.ts';
import { coreRect, tileCount, tilesIn } from '../core/grid.ts';
import { findHotspots, sceneHotspotArea, slideHotspotArea, windowFor } from '../core/hotspots.ts';
import {
  areaFractions,
  areaOfTiles,
  density,
  FindingCounter,
  type FindingCounts,
  type Quantity,
} from '../core/statistics.ts';
import { IntervalCounter, type ReportIntervals } from './intervals.ts';
import { findingArea } from './outlines.ts';
import type { ReportData } from './report-data.ts';
import { Turn } from './turn.ts';

export interface ReportHotspot {
  rect: Rect;
  count: number;
  /** Findings per mm² or km² of the window. */
  density: number;
  /** Tiles in the window without a result: failed, or not reached. */
  gaps: number;
}

export interface ReportSummary {
  counts: FindingCounts;
  /** By class, as the model said it, before reviewers gave other classes. */
  reportedByClass: number[];
  /** Findings that have another class than the model gave them. */
  relabelled: number;
  /** Area of the done tiles; null without a physical size. */
  analysed: Quantity | null;
  failedArea: Quantity | null;
  /** Findings per unit of analysed area. */
  density: number | null;
  densityByClass: (number | null)[];
  /** 95 % bootstrap intervals of densities, shares and fractions. */
  intervals: ReportIntervals;
  /** For segmenters: a class and its fraction of the analysed area; else empty. */
  fractions: { name: string; fraction: number }[];
  /** Mean over the done tiles of each tile value, for models that give such. */
  meanValues: { name: string; mean: number }[];
  hotspots: ReportHotspot[];
  hotspotArea: Quantity | null;
  /** The findings with the highest scores; the largest ones of segmenters, whose scores say little. */
  first: FindingView[];
  skipped: { reason: SkipReason; count: number }[];
  /** Cells of the failed tiles (level-0 pixels), the first `mostListed`. */
  failedTiles: { index: number; column: number; row: number; core: Rect }[];
  /** Tiles that no attempt has reached: the run was stopped. */
  unreached: number;
}

export const mostListed = 50;
const mostHotspots = 3;

/**
 * @param mostFindings so many of the findings are listed
 * @throws the signal's reason
 */
export async function summarise(
  data: ReportData,
  mostFindings = mostListed,
  signal?: AbortSignal,
): Promise<ReportSummary> {
  const { plan, tiles, model, image } = data;
  const { manifest } = model;
  const measure = areaMeasure(image, data.run.parameters.mpp);
  const counter = new FindingCounter(manifest.classes.length, data.threshold);
  const spread = new IntervalCounter(data);
  const isSegmenter = manifest.task === 'segment';
  const classNames = manifest.classes.map(({ name }) => name);
  const reportedByClass = classNames.map(() => 0);
  let relabelled = 0;
  const first: FindingView[] = [];
  const centres: number[] = [];
  const turn = new Turn();
  for await (const finding of data.findings()) {
    if (turn.isOver) {
      await turn.giveWay();
      signal?.throwIfAborted();
    }
    counter.add(finding);
    if (finding.score < data.threshold) continue;
    spread.add(finding);
    const reported = finding.modelClassName === undefined ? -1 : classNames.indexOf(finding.modelClassName);
    if (finding.modelClassName !== undefined) relabelled++;
    const modelClass = reported < 0 ? finding.classIndex : reported;
    reportedByClass[modelClass] = (reportedByClass[modelClass] ?? 0) + 1;
    if (isSegmenter) keepLargest(first, finding, mostFindings);
    else if (first.length < mostFindings) first.push(finding);
    // What a reviewer has rejected makes no hotspot.
    if (finding.verdict === 'rejected' || finding.kind !== 'detection') continue;
    centres.push(finding.box.x + finding.box.width / 2, finding.box.y + finding.box.height / 2);
  }

  const { counts } = counter;
  const analysed = areaOfTiles(plan, tiles.states, measure);
  const fractions =
    isSegmenter && tiles.values !== null
      ? areaFractions(plan, tiles.states, tiles.values, manifest.classes.length, measure)
      : null;
  const failedTiles = tilesInState(data, tileStateCode.failed).slice(0, mostListed);
  const hotspotArea: Quantity | null =
    measure === null || centres.length === 0
      ? null
      : { value: measure.unit === 'mm²' ? slideHotspotArea : sceneHotspotArea, unit: measure.unit };

  return {
    counts,
    reportedByClass,
    relabelled,
    analysed,
    failedArea: areaOfTiles(plan, tiles.states, measure, tileStateCode.failed),
    density: density(counts.total, analysed),
    densityByClass: counts.byClass.map((count) => density(count, analysed)),
    intervals: spread.intervals(measure),
    fractions:
      fractions?.map((fraction, c) => ({ name: manifest.classes[c]?.name ?? `class ${c}`, fraction })) ?? [],
    meanValues: isSegmenter ? [] : meanValues(data),
    hotspots: hotspotArea === null ? [] : hotspotsOf(data, centres, hotspotArea),
    hotspotArea,
    first,
    skipped: skippedByReason(data),
    failedTiles: failedTiles.map((index) => ({
      index,
      column: index % plan.columns,
      row: Math.floor(index / plan.columns),
      core: coreRect(plan, index),
    })),
    unreached: [tileStateCode.pending, tileStateCode.running, tileStateCode.waiting].reduce<number>(
      (sum, state) => sum + tilesInState(data, state).length,
      0,
    ),
  };
}

/** Into a list that has the largest first, and the earlier one first of two as large. */
function keepLargest(list: FindingView[], finding: FindingView, most: number): void {
  const area = findingArea(finding);
  const last = list.at(-1);
  if (list.length === most && (last === undefined || findingArea(last) >= area)) return;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (findingArea(list[middle]!) >= area) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, finding);
  if (list.length > most) list.pop();
}

export function tilesInState({ plan, tiles }: Pick<ReportData, 'plan' | 'tiles'>, state: number): number[] {
  const found: number[] = [];
  for (let tile = 0; tile < tileCount(plan); tile++) if (tiles.states[tile] === state) found.push(tile);
  return found;
}

function skippedByReason({ tiles }: ReportData): { reason: SkipReason; count: number }[] {
  const counts = skipReasons.map(() => 0);
  for (const [tile, state] of tiles.states.entries()) {
    const reason = tiles.skipReasons[tile] ?? 0;
    if (state === tileStateCode.skipped) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return skipReasons
    .map((reason, code) => ({ reason, count: counts[code] ?? 0 }))
    .filter(({ count }) => count > 0);
}

function meanValues({ plan, tiles }: ReportData): { name: string; mean: number }[] {
  const { values, valueNames } = tiles;
  const done = tilesInState({ plan, tiles }, tileStateCode.done);
  if (values === null || done.length === 0) return [];
  return valueNames.map((name, v) => ({
    name,
    mean: done.reduce((sum, tile) => sum + (values[tile * valueNames.length + v] ?? 0), 0) / done.length,
  }));
}

function hotspotsOf(
  data: ReportData,
  centres: number[],
  area: { value: number; unit: AreaUnit },
): ReportHotspot[] {
  const { plan, tiles, image } = data;
  const measure = areaMeasure(image, data.run.parameters.mpp);
  const middle = { x: image.width / 2, y: image.height / 2 };
  if (measure === null) return [];
  // Pixels need not be square: one of width and height each in the unit of length.
  const pixel = pixelEdges(data, measure.of({ ...middle, width: 1, height: 1 }));
  const window = windowFor(area.value, pixel);
  const found = findHotspots(centres, {
    imageWidth: image.width,
    imageHeight: image.height,
    windowWidth: window.width,
    windowHeight: window.height,
    most: mostHotspots,
  });
  return found.map(({ rect, count }) => ({
    rect,
    count,
    density: count / measure.of(rect),
    gaps: tilesIn(plan, rect).filter(
      (tile) => tiles.states[tile] !== tileStateCode.done && tiles.states[tile] !== tileStateCode.skipped,
    ).length,
  }));
}

/** Edges of a level-0 pixel in mm (slides) or km (scenes). */
function pixelEdges(data: ReportData, area: number): { width: number; height: number } {
  const ownMpp = data.run.parameters.mpp;
  const mpp = ownMpp === undefined ? data.image.mpp : { x: ownMpp, y: ownMpp };
  if (mpp !== null) return { width: mpp.x / 1000, height: mpp.y / 1000 };
  const metres = data.image.geo?.metersPerPixel;
  const ratio = metres ? metres.x / metres.y : 1;
  return { width: Math.sqrt(area * ratio), height: Math.sqrt(area / ratio) };
}
