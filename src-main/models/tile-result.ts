/** What a model's outputs say about each tile of a batch. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import { coreModelRect, modelSize } from '../core/grid.ts';
import type { TileResult } from '../core/worker-protocol.ts';
import { activate, type Activation } from './decode/activation.ts';
import { tileBoxes, type TileBoxes } from './decode/tile-boxes.ts';
import { notFinite, output, type Outputs, type OutputTensor } from './outputs.ts';
import type { TilePixels } from './segment/tile-pixels.ts';
import { segmentTile } from './segment/tile-mask.ts';
import { mapMeans, valueNames } from './segment/value-map.ts';
import { detectionsByTile, packDetections, type TilePlace } from './tile-detections.ts';

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

const noBoxes: TileBoxes = { detections: new Float32Array(0), counts: [] };

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
  const count = batch.tiles.length;
  const place = { plan: batch.plan, rect, core, size, keepAll: batch.keepAll };
  const found = detectionsOf(manifest, outputs, i, count, rows, place);
  const segment =
    manifest.task === 'segment'
      ? segmentTile(manifest, outputs, batch.plan, tile, { seen: rect, i, count })
      : null;
  const values = segment?.values ?? tileNumbers(manifest, outputs, { seen: rect, wanted: core, i, count });
  const [score, classIndex] = color(manifest, values, found.counts, areaOf(core.width * core.height));
  return {
    tile,
    score,
    classIndex,
    values,
    detections: found.detections,
    ...(found.shapes && { shapes: found.shapes }),
    ...(segment && { mask: segment.mask }),
  };
}

function detectionsOf(
  manifest: ModelManifest,
  outputs: Outputs,
  i: number,
  count: number,
  rows: readonly number[] | null,
  place: TilePlace,
): TileBoxes {
  const { boxes, detections } = manifest.outputs;
  if (boxes !== undefined) return tileBoxes(manifest, outputs, i, count, place);
  if (rows === null || detections === undefined) return noBoxes;
  return packDetections(manifest, output(outputs, detections.name), rows, place);
}

/** Tile values and means of the value map over the core, or class fractions as the model gives them. */
function tileNumbers(manifest: ModelManifest, outputs: Outputs, tile: TilePixels): Float32Array {
  const { classFractions, tileValues, valueMap } = manifest.outputs;
  const { i, count } = tile;
  if ((manifest.task === 'segment' || manifest.task === 'classify') && classFractions !== undefined) {
    const classes = manifest.classes.length;
    const { name, activation = 'none' } = classFractions;
    return numbersOf(output(outputs, name), i, count, classes, { name, activation });
  }
  const numbers =
    tileValues === undefined
      ? new Float32Array(0)
      : numbersOf(output(outputs, tileValues.name), i, count, tileValues.names.length, tileValues);
  if (valueMap === undefined) return numbers;
  return Float32Array.of(...numbers, ...mapMeans(valueMap, output(outputs, valueMap.name), tile));
}

function numbersOf(
  tensor: OutputTensor,
  i: number,
  count: number,
  length: number,
  {
    name,
    activation = 'none',
    factor = 1,
  }: { name: string; activation?: Activation; factor?: number | undefined },
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
  if (!areFinite(values)) throw notFinite(name);
  activate(values, activation);
  if (factor !== 1) values.forEach((value, v) => (values[v] = value * factor));
  return values;
}

function areFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
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
    const at = valueNames(manifest).indexOf(by.value);
    return [clamp((values[at] ?? 0) / by.full), strongest(counts, null)];
  }
  const classIndex = strongest(values, manifest.backgroundClass);
  return [classIndex === noClass ? 0 : clamp(values[classIndex] ?? 0), classIndex];
}

function strongest(amounts: ArrayLike<number>, except: number | null): number {
  let best: number = noClass;
  let most = 0;
  for (let i = 0; i < amounts.length; i++) {
    const amount = amounts[i] ?? 0;
    if (i === except || amount <= most) continue;
    best = i;
    most = amount;
  }
  return best;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
