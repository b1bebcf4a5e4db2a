/** What a model's outputs say about each tile of a batch. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import { coreModelRect, modelSize } from '../core/grid.ts';
import type { TileResult } from '../core/worker-protocol.ts';
import { notFinite, output, type Outputs, type OutputTensor } from './outputs.ts';
import { detectionsByTile, packDetections } from './tile-detections.ts';
import { labelFractions, probabilityFractions } from './tile-fractions.ts';

/** One batch: the tiles, and what part of the image each of them saw (model pixels of the whole image). */
export interface BatchTiles {
  plan: GridPlan;
  tiles: readonly number[];
  rects: readonly Rect[];
  /** Also detections whose centre another tile owns. */
  keepAll: boolean;
}

/** Area of a core is given in mm² or, on maps, km²; in million pixels where neither is known. */
export type AreaOf = (modelPixels: number) => number;

export const noClass = 255;

/**
 * The results, in the order of the tiles; an error in place of a result where a tile's numbers are unusable.
 *
 * @throws {GigatileError} model-invalid where an output as a whole has not the stated form
 */
export function tileResults(
  manifest: ModelManifest,
  outputs: Outputs,
  batch: BatchTiles,
  areaOf: AreaOf,
): (TileResult | GigatileError)[] {
  const detections = manifest.outputs.detections;
  const rows =
    detections === undefined ? null : detectionsByTile(output(outputs, detections.name), batch.tiles.length);
  return batch.tiles.map((tile, i) => {
    try {
      return tileResult(manifest, outputs, batch, i, rows?.[i] ?? null, areaOf);
    } catch (error) {
      if (error instanceof GigatileError && error.code === 'model-invalid') throw error;
      if (error instanceof GigatileError) return error;
      throw error;
    }
  });
}

function tileResult(
  manifest: ModelManifest,
  outputs: Outputs,
  batch: BatchTiles,
  i: number,
  rows: readonly number[] | null,
  areaOf: AreaOf,
): TileResult {
  const tile = batch.tiles[i] ?? 0;
  const rect = batch.rects[i] ?? { x: 0, y: 0, width: 0, height: 0 };
  const core = coreModelRect(batch.plan, tile);
  const size = modelSize(batch.plan);
  const named = manifest.outputs;
  const packed =
    rows === null || named.detections === undefined
      ? { detections: new Float32Array(0), counts: [] }
      : packDetections(manifest, output(outputs, named.detections.name), rows, {
          plan: batch.plan,
          rect,
          core,
          size,
          keepAll: batch.keepAll,
        });
  const coreInTile = { x: core.x - rect.x, y: core.y - rect.y, width: core.width, height: core.height };
  const values = tileNumbers(manifest, outputs, i, batch.tiles.length, rect, coreInTile);
  const [score, classIndex] = color(manifest, values, packed.counts, areaOf(core.width * core.height));
  return { tile, score, classIndex, values, detections: packed.detections };
}

/** Tile values, or class fractions over the core where the model says something about each pixel. */
function tileNumbers(
  manifest: ModelManifest,
  outputs: Outputs,
  i: number,
  count: number,
  rect: Rect,
  core: Rect,
): Float32Array {
  const { labels, probability, classFractions, tileValues } = manifest.outputs;
  const classes = manifest.classes.length;
  if (manifest.task === 'segment' || manifest.task === 'classify') {
    if (labels !== undefined)
      return labelFractions(output(outputs, labels.name), i, count, rect, core, classes);
    if (probability !== undefined) {
      return probabilityFractions(
        output(outputs, probability.name),
        i,
        count,
        rect,
        core,
        manifest.threshold,
      );
    }
    if (classFractions !== undefined) {
      return numbersOf(output(outputs, classFractions.name), i, count, classes, classFractions.name);
    }
  }
  if (tileValues === undefined) return new Float32Array(0);
  return numbersOf(output(outputs, tileValues.name), i, count, tileValues.names.length, tileValues.name);
}

function numbersOf(
  tensor: OutputTensor,
  i: number,
  count: number,
  length: number,
  name: string,
): Float32Array {
  if (tensor.data.length !== count * length) {
    throw new GigatileError(
      'model-invalid',
      `Output "${name}" has the shape ${tensor.dims.join(' x ')}; gigatile.json says ${length} numbers a tile, for ${count}`,
      { hint: 'Correct outputs or classes in gigatile.json.' },
    );
  }
  const values = new Float32Array(length);
  for (let v = 0; v < length; v++) values[v] = tensor.data[i * length + v] ?? Number.NaN;
  if (!values.every(Number.isFinite)) throw notFinite(name);
  return values;
}

/** Score (0-1) and class by which the tile is painted. */
function color(
  manifest: ModelManifest,
  values: Float32Array,
  counts: readonly number[],
  area: number,
): [number, number] {
  const by = manifest.tileColor;
  if (by.by === 'density') {
    const total = counts.reduce((sum, n) => sum + n, 0);
    return [clamp(total / area / by.full), strongest(counts, null)];
  }
  if (by.by === 'value') {
    const at = manifest.outputs.tileValues?.names.indexOf(by.value) ?? -1;
    return [clamp((values[at] ?? 0) / by.full), strongest(counts, null)];
  }
  const classIndex = strongest([...values], manifest.backgroundClass);
  return [classIndex === noClass ? 0 : clamp(values[classIndex] ?? 0), classIndex];
}

function strongest(amounts: readonly number[], except: number | null): number {
  let best: number = noClass;
  let most = 0;
  amounts.forEach((amount, i) => {
    if (i === except || amount <= most) return;
    best = i;
    most = amount;
  });
  return best;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
