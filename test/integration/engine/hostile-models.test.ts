/** A model is untrusted: what hangs, exhausts memory or answers nonsense ends with one clear reason, and in time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { GraphBuilder, type Tensor } from '../../../models/builder/graph.ts';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { RunEvent, RunParameters } from '../../../src-main/contract/run.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let engine: EngineParts;
let forks = 0;
/** Counts how often a worker was started: a run must not start them without end. */
class CountingHost extends ChildWorkerHost {
  override fork<Out, In>(kind: 'inference' | 'image') {
    if (kind === 'inference') forks++;
    return super.fork<Out, In>(kind);
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-hostile-'));
  writeFileSync(join(folder, 'tissue.png'), tissuePicture(300, 200, 20).png);
  engine = await createEngine({
    host: new CountingHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: '1.2.3',
  });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A regression of one number a tile of 100 px; `body` makes it from the tile's darkest pixel, float32 [batch]. */
function model(name: string, body: (graph: GraphBuilder, darkest: Tensor) => Tensor): string {
  const graph = new GraphBuilder();
  const image = graph.cast(graph.input('image', 'uint8', ['batch', 'height', 'width', 3]), 'float32');
  const darkest = graph.op('ReduceMin', [image], { axes: [1, 2, 3], keepdims: 0 });
  graph.op('Identity', [body(graph, darkest)], {}, 'value');
  graph.output('value', 'float32', ['rows', 1]);
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'model.onnx'), graph.toBytes('test', 'test', {}));
  const manifest = {
    schema: 1,
    id: name,
    name,
    version: '1',
    task: 'regress',
    license: 'none',
    description: 'test',
    limits: [],
    references: [],
    files: [{ file: 'model.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: 100,
      fixedSize: false,
    },
    halo: 0,
    outputs: { tileValues: { name: 'value', names: ['darkness'] } },
    classes: [{ name: 'any', color: [0, 0, 0] }],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0,
    tileColor: { by: 'value', value: 'darkness', full: 255 },
    background: 'none',
  };
  writeFileSync(join(home, 'gigatile.json'), JSON.stringify(manifest));
  return home;
}

/** Minutes of arithmetic: a matrix of 3,000 x 3,000 from a number, multiplied with itself again and again. */
function minutes(graph: GraphBuilder, number: Tensor): Tensor {
  const size = graph.ints([3000, 3000]);
  let x = graph.op('Expand', [graph.op('ReduceMean', [number], { keepdims: 0 }), size]);
  for (let i = 0; i < 400; i++) x = graph.op('MatMul', [x, x]);
  return graph.op('Expand', [graph.op('ReduceMean', [x], { keepdims: 0 }), graph.ints([1, 1])]);
}

async function runOf(home: string, parameters: RunParameters = {}): Promise<RunEvent & { notes: string[] }> {
  const session = await engine.cases.open(join(folder, 'tissue.png'), join(folder, `${Date.now()}.gigatile`));
  forks = 0;
  const conductor = await session.startRun(home, { workers: 1, ...parameters });
  await conductor.ended;
  return { ...conductor.event(), notes: session.file.runs.get(conductor.no).fit.notes };
}

test('a model that hangs is ended at the limit, three times, and the run rests with the reason', async () => {
  vi.stubEnv('GIGATILE_TILE_TIMEOUT_S', '1');
  const { run, lastError } = await runOf(model('hanging', minutes));
  expect(run.state).toBe('paused');
  expect(run.reason).toMatch(
    /^The model ended 3 workers in a row before any tile had a result; .*No result within 1 s/,
  );
  expect(lastError?.where).toBe('model.onnx');
  expect(run.tiles).toMatchObject({ done: 0, running: 0 });
  // The check before the run, preprocess, and one for each tile that hung but the last.
  expect(forks).toBeLessThanOrEqual(5);
});

test('a model that hangs while it is loaded is refused before there is a run', async () => {
  // A constant is folded when the session is made: the same arithmetic, some minutes earlier.
  const home = model('hanging-load', (graph, darkest) =>
    graph.op('Add', [
      graph.op('Unsqueeze', [darkest, graph.ints([1])]),
      minutes(graph, graph.floats([0.001], [1])),
    ]),
  );
  vi.stubEnv('GIGATILE_MODEL_LOAD_S', '2');
  const error = await runOf(home).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(GigatileError);
  expect(error).toMatchObject({ code: 'model-invalid', message: expect.stringMatching(/within 2 s/) });
  expect(forks).toBe(1);
});

test('a model that exhausts memory is ended at the limit, and the run rests with the reason', async () => {
  const home = model('greedy', (graph, darkest) => {
    let x = graph.op('Expand', [graph.op('ReduceMean', [darkest], { keepdims: 0 }), graph.ints([1 << 28])]);
    for (let i = 0; i < 4; i++) x = graph.op('Concat', [x, graph.op('Neg', [x])], { axis: 0 });
    return graph.op('Expand', [graph.op('ReduceMean', [x], { keepdims: 0 }), graph.ints([1, 1])]);
  });
  vi.stubEnv('GIGATILE_INFERENCE_MEMORY_MB', '700');
  const { run } = await runOf(home);
  expect(run.tiles.done).toBe(0);
  expect(run.state).toBe('paused');
  expect(run.reason).toMatch(/^The model ended 3 workers in a row .*memory limit of 700 MB/);
  expect(forks).toBeLessThanOrEqual(5);
});

test.each([
  [
    'of another shape',
    (graph: GraphBuilder, x: Tensor) => graph.op('Concat', [col(graph, x), col(graph, x)], { axis: 1 }),
  ],
  [
    'of no size',
    (graph: GraphBuilder, x: Tensor) => graph.op('Slice', [col(graph, x), graph.ints([0]), graph.ints([0])]),
  ],
])('an output %s is told once, not for every tile', async (name, body) => {
  const { run } = await runOf(model(`shape-${name.split(' ')[1]}`, body));
  expect(run.state).toBe('paused');
  expect(run.reason).toMatch(/^Output "value" has the shape/);
  expect(run.tiles).toMatchObject({ failed: 0, done: 0 });
});

function col(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.op('Unsqueeze', [x, graph.ints([1])]);
}

test('a provider that cannot be had is an error before there is a run, never another provider', async () => {
  const home = model('fine', col);
  // No system has both.
  const provider = process.platform === 'darwin' ? 'dml' : 'coreml';
  const error = await runOf(home, { provider }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'provider-unusable', hint: expect.stringMatching(/--provider cpu/) });
});

test('auto runs on what works here and says why not on the others', async () => {
  const home = model('fine', col);
  const { run, notes } = await runOf(home, { provider: 'auto' });
  expect(run.state).toBe('complete');
  expect(notes.at(-1)).toBe(
    run.provider === 'cpu'
      ? 'The model runs on the processor.'
      : expect.stringContaining(`The model runs on ${run.provider}`),
  );
  // What was tried is remembered: the second run starts no process to try it.
  const first = forks;
  await runOf(home, { provider: 'auto' });
  expect(forks).toBeLessThan(first);
});
