/**
 * `session.run` and nothing else: reads its tiles into tensors first, says that it is ready, and then runs the model over
 * all of them one by one, with the same session options as an inference worker.
 */
import * as ort from 'onnxruntime-node';
import type { GridPlan } from '../../src-main/contract/run.ts';
import { tileModelRect } from '../../src-main/core/grid.ts';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';

export interface RunAloneOrder {
  image: string;
  modelPath: string;
  plan: GridPlan;
  tiles: number[];
}

export interface RunAloneAnswer {
  seconds: number;
  cpuSeconds: number;
}

const tensors: ort.Tensor[] = [];
let session: ort.InferenceSession | null = null;

async function prepare({ image, modelPath, plan, tiles }: RunAloneOrder): Promise<void> {
  session = await ort.InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const source = await openImage(image, await createCodecs());
  for (const tile of tiles) {
    const { data, width, height, bands } = await source.readRegion({
      level: 0,
      ...tileModelRect(plan, tile),
    });
    if (!(data instanceof Uint8Array)) throw new Error('The benchmark is for 8-bit images');
    tensors.push(new ort.Tensor('uint8', Uint8Array.from(data), [1, height, width, bands]));
  }
  source.close();
  process.send?.({ ready: true });
}

async function runAll(): Promise<void> {
  if (!session) throw new Error('Not prepared');
  const start = performance.now();
  const before = process.cpuUsage();
  for (const image of tensors) await session.run({ image });
  const { user, system } = process.cpuUsage(before);
  const answer: RunAloneAnswer = {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
  process.send?.(answer);
}

process.on('message', (message: RunAloneOrder | 'go') => {
  const work = message === 'go' ? runAll() : prepare(message);
  work.catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
