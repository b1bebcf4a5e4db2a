/**
 * `session.run` and nothing else: reads its tiles into tensors first, says that it is ready, and then runs the model over
 * all of them one by one, with the same session options as an inference worker. Or the bare loop: each tile is read, as a worker
 * reads it, when its turn comes; nothing is made of the outputs, nobody is told, nothing is stored.
 */
import * as ort from 'onnxruntime-node';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';
import { tileModelRect } from '../../src-main/core/grid.ts';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import { tileReader } from '../../src-main/workers/inference/tile-reader.ts';

export interface RunAloneOrder {
  image: string;
  modelPath: string;
  plan: GridPlan;
  /** In the order in which they are computed. */
  tiles: number[];
  /** The bare loop. */
  reads: boolean;
}

export interface RunAloneAnswer {
  seconds: number;
  cpuSeconds: number;
}

let runAll: (() => Promise<void>) | null = null;

async function prepare({ image, modelPath, plan, tiles, reads }: RunAloneOrder): Promise<void> {
  const session = await ort.InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const source = await openImage(image, await createCodecs());
  const { tileWidth, tileHeight } = plan;
  if (reads) {
    const input = {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: tileWidth,
      tileHeight,
      fixedSize: true,
    } as const satisfies ModelManifest['input'];
    const reader = tileReader(source, plan, { input: { ...input, bands: [...input.bands] }, mpp: null });
    const pixels = source.memory('uint8', tileWidth * tileHeight * 3) as Uint8Array;
    runAll = async () => {
      for (const tile of tiles) {
        await reader.read(tile, pixels);
        await session.run({ image: new ort.Tensor('uint8', pixels, [1, tileHeight, tileWidth, 3]) });
      }
    };
  } else {
    const tensors: ort.Tensor[] = [];
    for (const tile of tiles) {
      const region = { level: 0, ...tileModelRect(plan, tile) };
      const { data, width, height, bands } = await source.readRegion(region);
      if (!(data instanceof Uint8Array)) throw new Error('The benchmark is for 8-bit images');
      tensors.push(new ort.Tensor('uint8', Uint8Array.from(data), [1, height, width, bands]));
    }
    source.close();
    runAll = async () => {
      for (const image of tensors) await session.run({ image });
    };
  }
  process.send?.({ ready: true });
}

async function timed(): Promise<void> {
  if (!runAll) throw new Error('Not prepared');
  const start = performance.now();
  const before = process.cpuUsage();
  await runAll();
  const { user, system } = process.cpuUsage(before);
  const answer: RunAloneAnswer = {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
  process.send?.(answer);
}

process.on('message', (message: RunAloneOrder | 'go') => {
  const work = message === 'go' ? timed() : prepare(message);
  work.catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
