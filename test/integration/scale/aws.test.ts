/** A real run as a durable function, by the unmodified SDK on its local runner, against the same run on one machine. */
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { CloudPipeline, mostChunks } from '../../../src-main/scale/aws/cloud-pipeline.ts';
import { cloudResultSchema } from '../../../src-main/scale/aws/cloud-run.ts';
import { chunkFunction, durableRun, type ChunkOrder } from '../../../src-main/scale/aws/durable-run.ts';
import { FolderStore } from '../../../src-main/scale/aws/object-store.ts';
import { gigatile } from '../../support/cli.ts';
import { remoteManifest, writeRemoteModel } from '../../support/remote-model.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { region, sendChat, startVisionServer } from '../../support/vision-server.ts';

let folder: string;
let image: string;
let alone: string;
let pipeline: CloudPipeline;

const parameters = { mpp: 0.5, tileSize: 128 };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-aws-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(900, 700).png);
  const casePath = join(folder, 'alone.gigatile');
  const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128', '--case', casePath];
  expect(gigatile(folder, ['analyze', image, ...options, '--out', join(folder, 'alone')]).code).toBe(0);
  alone = readFileSync(join(folder, 'alone', 'findings.csv'), 'utf8');
  expect(alone.split('\n').length).toBeGreaterThan(30);
  pipeline = new CloudPipeline({
    store: new FolderStore(join(folder, 'store')),
    host: new ChildWorkerHost(),
    modelsDir: resolve('models'),
    version: 'test',
  });
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: false });
});

afterAll(async () => {
  await LocalDurableTestRunner.teardownTestEnvironment();
  rmSync(folder, { recursive: true, force: true });
});

const event = (prefix: string) => ({
  image,
  model: 'he-nuclei',
  parameters,
  prefix,
  chunkTiles: 12,
  atOnce: 2,
});

it('gives the findings of one machine, chunk by chunk in functions of their own', async () => {
  const handler = withDurableExecution(durableRun(pipeline, { chunkFunction: 'chunk' }));
  const runner = new LocalDurableTestRunner({ handlerFunction: handler });
  const chunks: number[] = [];
  const analyzeChunk = chunkFunction(pipeline);
  runner.registerFunction('chunk', async (order: ChunkOrder) => {
    chunks.push(order.chunk);
    // The machine of one chunk goes away once, without a word that means anything.
    if (order.chunk === 1 && chunks.filter((chunk) => chunk === 1).length === 1) await analyzeChunk(order);
    return analyzeChunk(order);
  });
  const execution = await runner.run({ payload: event('a') });
  const result = cloudResultSchema.parse(execution.getResult());
  expect(result).toMatchObject({ state: 'complete', tiles: { failed: 0 } });
  expect(chunks.length).toBeGreaterThan(2);
  expect(readFileSync(join(folder, 'store', result.keys['csv'] ?? ''), 'utf8')).toBe(alone);
  expect(readFileSync(join(folder, 'store', result.keys['html'] ?? ''), 'utf8')).toContain('he-nuclei');
  expect(execution.getOperations().length).toBeLessThanOrEqual(3 + new Set(chunks).size);
});

it('a step that fails is tried again, and what is done is not done again', async () => {
  const seen: number[] = [];
  let trouble = 1;
  const shaky = Object.assign(Object.create(pipeline) as CloudPipeline, {
    preprocess: (run: Parameters<CloudPipeline['preprocess']>[0]) => pipeline.preprocess(run),
    finish: (run: Parameters<CloudPipeline['finish']>[0]) => pipeline.finish(run),
    analyze: (run: Parameters<CloudPipeline['analyze']>[0], chunk: number) => {
      seen.push(chunk);
      if (chunk === 2 && trouble-- > 0) return Promise.reject(new Error('the network'));
      return pipeline.analyze(run, chunk);
    },
  });
  const runner = new LocalDurableTestRunner({ handlerFunction: withDurableExecution(durableRun(shaky, {})) });
  const execution = await runner.run({ payload: event('b') });
  const result = cloudResultSchema.parse(execution.getResult());
  expect(readFileSync(join(folder, 'store', result.keys['csv'] ?? ''), 'utf8')).toBe(alone);
  expect(seen.filter((chunk) => chunk === 2)).toHaveLength(2);
  expect(seen.filter((chunk) => chunk === 0)).toHaveLength(1);
});

it('says at once what is wrong with what it is asked', async () => {
  const runner = new LocalDurableTestRunner({
    handlerFunction: withDurableExecution(durableRun(pipeline, {})),
  });
  const wrong = await runner.run({ payload: { ...event('c'), prefix: '../../etc' } });
  expect(wrong.getError().errorMessage).toBeDefined();
});

it(
  'stays within what a durable execution holds, with as many chunks as there can be',
  { timeout: 240_000 },
  async () => {
    const many = Object.assign(Object.create(pipeline) as CloudPipeline, {
      preprocess: () => Promise.resolve({ chunks: mostChunks, mostAtOnce: null }),
      analyze: () => Promise.resolve({ done: 100_000, failed: 100_000 }),
      finish: () =>
        Promise.resolve({
          state: 'complete',
          reason: null,
          tiles: { total: 1, pending: 0, running: 0, waiting: 0, done: 1, skipped: 0, failed: 0 },
          findings: 0,
          keys: {},
        }),
    });
    const handler = withDurableExecution(durableRun(many, { chunkFunction: 'many' }));
    const runner = new LocalDurableTestRunner({ handlerFunction: handler });
    runner.registerFunction('many', () => many.analyze(event('d') as never, 0));
    const execution = await runner.run({ payload: { ...event('d'), atOnce: mostChunks } });
    expect(cloudResultSchema.parse(execution.getResult()).state).toBe('complete');
    const operations = execution.getOperations();
    expect(operations.length).toBeLessThan(3000);
    const sizes = operations.map((operation) => JSON.stringify(operation.getOperationData() ?? {}).length);
    expect(Math.max(...sizes)).toBeLessThan(256 * 1024);
  },
);

it('asks a remote model as often at a time as its endpoint allows, after somebody agreed, and counts what it cost', async () => {
  const server = await startVisionServer(({ response }) => sendChat(response, region));
  vi.stubEnv('TREES_KEY', 'key-of-a-test');
  try {
    const remote = { baseUrl: `${server.origin}/v1`, apiKeyVariable: 'TREES_KEY', concurrency: 2 };
    const model = writeRemoteModel(join(folder, 'trees'), remoteManifest(remote));
    const handler = withDurableExecution(durableRun(pipeline, {}));
    const runner = new LocalDurableTestRunner({ handlerFunction: handler });
    const order = { image, model, parameters: { tileSize: 256 }, prefix: 'e', chunkTiles: 4, atOnce: 8 };
    const preprocess = vi.spyOn(pipeline, 'preprocess');
    const refused = await runner.run({ payload: order });
    expect(refused.getError().errorMessage).toMatch(/leave|agree/i);
    expect(server.asked).toHaveLength(0);
    // An order that is wrong is not tried again.
    expect(preprocess).toHaveBeenCalledOnce();
    const agreed = new LocalDurableTestRunner({ handlerFunction: handler });
    const execution = await agreed.run({ payload: { ...order, prefix: 'f', consentBy: 'Anna' } });
    const result = cloudResultSchema.parse(execution.getResult());
    expect(result).toMatchObject({ state: 'complete', tiles: { failed: 0 } });
    expect(server.asked).toHaveLength(result.tiles.done);
    expect(server.mostAtOnce).toBeLessThanOrEqual(2);
    expect(result.usage).toMatchObject({
      requests: result.tiles.done,
      inputTokens: 1000 * result.tiles.done,
    });
    const everything = JSON.stringify(
      readdirSync(join(folder, 'store', 'f'), { recursive: true }).map((name) =>
        statSync(join(folder, 'store', 'f', String(name))).isFile()
          ? readFileSync(join(folder, 'store', 'f', String(name)), 'latin1')
          : '',
      ),
    );
    expect(everything).not.toContain('key-of-a-test');
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await server.close();
  }
});
