/**
 * One process of the benchmark of pixels for inference: reads tiles through the worker's own reader, as the model's input, and
 * runs no model. Told what to read by its parent; answers how long it took and what was decoded.
 */
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';
import { openImage } from '../../src-main/images/open-image.ts';
import { tensorFiller, type InputArray } from '../../src-main/models/fill-tensor.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { tileReader } from '../../src-main/workers/inference/tile-reader.ts';

export interface PixelsOrder {
  image: string;
  plan: GridPlan;
  tiles: number[];
  /** uint8 NHWC as the built-in models take it, or float32 NCHW as most others do. */
  input: 'uint8' | 'float32';
}

/** Of the second pass over all tiles: libjpeg-turbo alone is given one before it is measured, too. */
export interface PixelsAnswer {
  seconds: number;
  cpuSeconds: number;
  /** Of the first pass: the code is not compiled yet, and memory is touched for the first time. */
  firstSeconds: number;
  /** Stored tiles that were decoded. */
  decoded: number;
  peakMb: number;
}

async function run({ image, plan, tiles, input }: PixelsOrder): Promise<PixelsAnswer> {
  const codecs = await createCodecs();
  let decoded = 0;
  const source = await openImage(image, {
    ...codecs,
    decodeJpeg: (bytes, options) => {
      decoded++;
      return codecs.decodeJpeg(bytes, options);
    },
  });
  const length = plan.tileWidth * plan.tileHeight * 3;
  const target = source.memory(input, length) as InputArray;
  const taken: ModelManifest['input'] = {
    name: 'image',
    layout: input === 'uint8' ? 'NHWC' : 'NCHW',
    dtype: input,
    bands: ['red', 'green', 'blue'],
    tileSize: plan.tileWidth,
    fixedSize: false,
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
  const reader = tileReader(source, plan, { input: taken, mpp: null });
  const fill = tensorFiller(taken, input, [0, 1, 2]);
  const pass = async (which: number[]): Promise<void> => {
    for (const tile of which) {
      if (input === 'uint8') await reader.read(tile, target);
      else fill(await reader.read(tile), target, 0);
    }
  };
  const first = performance.now();
  await pass(tiles);
  const firstSeconds = (performance.now() - first) / 1000;
  decoded = 0;
  const start = performance.now();
  const before = process.cpuUsage();
  await pass(tiles);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  source.close();
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    firstSeconds,
    decoded,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

process.on('message', (order: PixelsOrder) => {
  run(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
