/** A detector's manifest, a grid and a batch of one tile for tests of what a model answers. */
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import { modelManifestSchema, type ModelManifest } from '../../../../src-main/contract/model.ts';
import type { GridPlan } from '../../../../src-main/contract/run.ts';
import type { Shape } from '../../../../src-main/contract/finding.ts';
import { planGrid, tileModelRect } from '../../../../src-main/core/grid.ts';
import { decodeShape } from '../../../../src-main/core/shape.ts';
import { detectionStride, type TileResult } from '../../../../src-main/core/worker-protocol.ts';
import type { Outputs } from '../../../../src-main/models/outputs.ts';
import { tileResults } from '../../../../src-main/models/tile-result.ts';

export type Boxes = NonNullable<ModelManifest['outputs']['boxes']>;

export function detector(
  boxes: Partial<Boxes> & Pick<Boxes, 'form'>,
  more: { classes?: number; input?: Partial<ModelManifest['input']>; manifest?: Partial<ModelManifest> } = {},
): ModelManifest {
  return modelManifestSchema.parse({
    schema: 1,
    id: 'detector',
    name: 'Detector',
    version: '1',
    task: 'detect',
    license: 'MIT',
    description: '',
    limits: [],
    references: [],
    files: [{ file: 'detector.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'images',
      layout: 'NCHW',
      dtype: 'float32',
      bands: ['red', 'green', 'blue'],
      tileSize: 64,
      fixedSize: true,
      ...more.input,
    },
    halo: 0,
    outputs: { boxes: { name: 'out', ...boxes } },
    classes: Array.from({ length: more.classes ?? 3 }, (_, i) => ({ name: `class ${i}`, color: [1, 2, 3] })),
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0.25,
    tileColor: { by: 'density', full: 1 },
    background: 'none',
    ...more.manifest,
  });
}

export const plan = planGrid({
  imageWidth: 64,
  imageHeight: 64,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 64,
  tileHeight: 64,
  overlap: 0,
});

export const floats = (dims: number[], values: ArrayLike<number>): Outputs[string] => ({
  dims,
  data: Float32Array.from(values),
});

export function decode(
  manifest: ModelManifest,
  outputs: Outputs,
  options: { plan?: GridPlan; tiles?: number[]; keepAll?: boolean } = {},
): (TileResult | GigatileError)[] {
  const grid = options.plan ?? plan;
  const tiles = options.tiles ?? [0];
  const rects = tiles.map((tile) => tileModelRect(grid, tile));
  const batch = { plan: grid, tiles, rects, keepAll: options.keepAll ?? true };
  return tileResults(manifest, outputs, batch, (pixels) => pixels);
}

export interface Found {
  box: number[];
  classIndex: number;
  score: number;
  shape?: Shape;
}

export function found(result: TileResult | GigatileError | undefined): Found[] {
  if (result instanceof GigatileError) throw result;
  if (result === undefined) throw new Error('no result');
  let at = 0;
  return Array.from({ length: result.detections.length / detectionStride }, (_, i) => {
    const row = result.detections.subarray(i * detectionStride, (i + 1) * detectionStride);
    const detection: Found = { box: [...row.subarray(0, 4)], classIndex: row[4]!, score: row[5]! };
    if (result.shapes === undefined) return detection;
    const { shape, end } = decodeShape(result.shapes, at);
    at = end;
    return { ...detection, shape };
  });
}

export function failure(act: () => unknown): GigatileError {
  let result: unknown;
  try {
    result = act();
  } catch (error) {
    result = error;
  }
  const error = Array.isArray(result)
    ? (result as unknown[]).find((r) => r instanceof GigatileError)
    : result;
  if (error instanceof GigatileError) return error;
  throw new Error(`no error but ${JSON.stringify(result)}`);
}
