/** A convolutional classifier of about 0.3 GFLOP for a tile of 224 px, as people have them; its weights are noise. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder } from '../../models/builder/graph.ts';
import { benchFolder } from './bench-sample.ts';

export const smallTile = 224;

/** [channels, stride] of its 3 x 3 convolutions, each with a ReLU. */
const layers = [
  [16, 2],
  [32, 2],
  [64, 2],
  [64, 1],
  [64, 1],
  [64, 1],
  [64, 1],
] as const;

/** Operations (2 a multiplication and addition) for one tile, 10^9. */
export function smallModelGflop(): number {
  let [size, channels, sum] = [smallTile, 3, 0];
  for (const [out, stride] of layers) {
    size /= stride;
    sum += 2 * size * size * out * channels * 9;
    channels = out;
  }
  return sum / 1e9;
}

/** Numbers from -1 to 1, the same every time (xorshift32). */
function noise(length: number): number[] {
  let state = 1;
  return Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
}

/** Writes the model and its description. @returns their folder */
export function smallModel(): string {
  const folder = join(benchFolder, 'small-model');
  mkdirSync(folder, { recursive: true });
  const graph = new GraphBuilder();
  const image = graph.input('image', 'uint8', ['batch', smallTile, smallTile, 3]);
  // Transpose first: on bytes it costs a hundredth of what it costs on floats.
  const planes = graph.cast(graph.op('Transpose', [image], { perm: [0, 3, 1, 2] }), 'float32');
  let x = graph.op('Mul', [planes, graph.floats([1 / 255])]);
  let channels = 3;
  for (const [out, stride] of layers) {
    const scale = Math.sqrt(2 / (channels * 9));
    const weights = graph.floats(
      noise(out * channels * 9).map((value) => value * scale),
      [out, channels, 3, 3],
    );
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] };
    x = graph.op('Relu', [graph.op('Conv', [x, weights], attributes)]);
    channels = out;
  }
  const mean = graph.op('Flatten', [graph.op('GlobalAveragePool', [x])], { axis: 1 });
  const logits = graph.op('MatMul', [mean, graph.floats(noise(channels * 3), [channels, 3])]);
  graph.op('Softmax', [logits], { axis: 1 }, 'probabilities');
  graph.output('probabilities', 'float32', ['batch', 3]);
  writeFileSync(join(folder, 'model.onnx'), graph.toBytes('small', 'noise', {}));
  const manifest = {
    schema: 1,
    id: 'small-classifier',
    name: 'Small classifier of noise',
    version: '1',
    task: 'classify',
    license: 'none',
    description: 'For benchmarks',
    limits: [],
    references: [],
    files: [{ file: 'model.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: smallTile,
      fixedSize: true,
    },
    halo: 0,
    outputs: { classFractions: { name: 'probabilities' } },
    classes: ['a', 'b', 'c'].map((name) => ({ name, color: [0, 0, 0] })),
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0,
    tileColor: { by: 'class' },
    background: 'none',
  };
  writeFileSync(join(folder, 'gigatile.json'), JSON.stringify(manifest));
  return folder;
}
