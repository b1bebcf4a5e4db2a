/** What an endpoint said about a tile, in the form in which every model's results are. */
import type { ModelManifest } from '../contract/model.ts';
import type { TileResult } from '../core/worker-protocol.ts';
import { packDetections, type TilePlace } from '../models/tile-detections.ts';
import { noClass, type AreaOf } from '../models/tile-result.ts';
import type { Region } from './region-answer.ts';

/** Names that a remote model's `outputs.tileValues` may have: objects at or above the threshold; the surest of them. */
export const regionValues = ['objects', 'confidence'] as const;

export function regionResult(
  manifest: ModelManifest,
  region: Region,
  tile: number,
  place: TilePlace,
  areaOf: AreaOf,
): TileResult {
  const { width, height } = place.rect;
  const rows = region.objects.map((o) => [
    0,
    o.x1 * width,
    o.y1 * height,
    o.x2 * width,
    o.y2 * height,
    o.confidence,
    o.classIndex,
  ]);
  const tensor = { dims: [rows.length, 7], data: Float32Array.from(rows.flat()) };
  const { detections, counts } = packDetections(manifest, tensor, [...rows.keys()], place);
  const objects = counts.reduce((sum, n) => sum + n, 0);
  const confidence = Math.max(0, ...region.objects.map((o) => o.confidence));
  const known: Record<string, number> = { objects, confidence };
  const names = manifest.outputs.tileValues?.names ?? [];
  const values = Float32Array.from(names, (name) => known[name] ?? 0);
  const by = manifest.tileColor;
  const score =
    by.by === 'density'
      ? objects / areaOf(place.core.width * place.core.height) / by.full
      : by.by === 'value'
        ? (known[by.value] ?? 0) / by.full
        : confidence;
  const most = Math.max(0, ...counts);
  return {
    tile,
    score: Math.min(1, Math.max(0, score)),
    classIndex: most === 0 ? noClass : counts.indexOf(most),
    values,
    detections,
    note: region.note,
  };
}
