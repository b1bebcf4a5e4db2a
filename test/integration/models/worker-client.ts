/** A real inference worker in a process of its own, as the engine has it. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { GigatileError, type PlainError } from '../../../src-main/contract/errors.ts';
import type { GridPlan, RunParameters } from '../../../src-main/contract/run.ts';
import { tileCount } from '../../../src-main/core/grid.ts';
import { resultsOf } from '../../../src-main/core/packed-results.ts';
import {
  detectionStride,
  type FromInference,
  type InferenceInit,
  type TileResult,
  type ToInference,
} from '../../../src-main/core/worker-protocol.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { findModel } from '../../../src-main/models/find-models.ts';
import { fitModel, type Fit } from '../../../src-main/models/fit.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';

const root = resolve(import.meta.dirname, '../../..');
export const modelsDir = resolve(root, 'models');
export const codecs = await createCodecs();

export interface Prepared {
  init: InferenceInit;
  fit: Fit;
}

/** What the engine would send to a worker for this image, model and parameters. */
export async function prepare(
  imagePath: string,
  model: string,
  parameters: RunParameters = {},
): Promise<Prepared> {
  const { card, files } = await findModel(model, modelsDir);
  const source = await openImage(imagePath, codecs);
  const fit = fitModel(card.manifest, source.info, parameters);
  const init: InferenceInit = {
    kind: 'init',
    imagePath,
    fingerprint: await source.fingerprint(),
    modelPath: files[fit.fileIndex] ?? '',
    modelSha256: card.sha256[fit.fileIndex] ?? '',
    manifest: card.manifest,
    fileIndex: fit.fileIndex,
    bandIndexes: fit.bandIndexes,
    threads: 1,
    jpeg: 'fast',
    provider: 'cpu',
  };
  source.close();
  return { init, fit };
}

export interface LeaseOutcome {
  results: Map<number, TileResult>;
  failures: { tile: number; transient: boolean; error: PlainError }[];
}

export class WorkerClient {
  readonly #child = fork(resolve(root, 'src-main/workers/inference.entry.ts'), [], {
    execPath: resolve(root, 'node_modules/.bin/node'),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  readonly #messages: FromInference[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly exited: Promise<number | null>;
  #lease = 0;
  #gone = false;

  constructor() {
    this.#child.on('message', (message) => {
      this.#messages.push(message as FromInference);
      this.#wake();
    });
    this.exited = new Promise((done) => {
      this.#child.on('exit', (code) => {
        this.#gone = true;
        this.#wake();
        done(code);
      });
    });
  }

  #wake(): void {
    this.#waiting.splice(0).forEach((resume) => resume());
  }

  post(message: ToInference): void {
    this.#child.send(message);
  }

  async next(): Promise<FromInference> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#gone) throw new Error('the worker has gone');
      await new Promise<void>((resume) => this.#waiting.push(resume));
    }
  }

  /** @throws {GigatileError} what the worker called fatal */
  async start(init: InferenceInit): Promise<void> {
    this.post(init);
    const answer = await this.next();
    if (answer.kind === 'fatal') throw GigatileError.fromPlain(answer.error);
    if (answer.kind !== 'ready') throw new Error(`unexpected ${answer.kind}`);
  }

  async preprocess(plan: GridPlan, background: InferenceInit['manifest']['background']) {
    this.post({ kind: 'preprocess', plan, background });
    const answer = await this.next();
    if (answer.kind === 'fatal') throw GigatileError.fromPlain(answer.error);
    if (answer.kind !== 'preprocessed') throw new Error(`unexpected ${answer.kind}`);
    return answer;
  }

  async lease(
    plan: GridPlan,
    options: { tiles?: number[]; batch?: number; keepAll?: boolean } = {},
  ): Promise<LeaseOutcome> {
    const tiles = options.tiles ?? Array.from({ length: tileCount(plan) }, (_, i) => i);
    const lease = ++this.#lease;
    this.post({
      kind: 'lease',
      lease,
      epoch: 7,
      plan,
      batch: options.batch ?? 1,
      tiles: Int32Array.from(tiles),
      keepAll: options.keepAll ?? false,
    });
    const outcome: LeaseOutcome = { results: new Map(), failures: [] };
    for (;;) {
      const message = await this.next();
      if (message.kind === 'fatal') throw GigatileError.fromPlain(message.error);
      if (!('lease' in message)) throw new Error(message.kind);
      if (message.lease !== lease || message.epoch !== 7) throw new Error('an answer to another lease');
      if (message.kind === 'lease-done') return outcome;
      if (message.kind === 'tile-failed') outcome.failures.push(message);
      else for (const result of resultsOf(message.results)) outcome.results.set(result.tile, result);
    }
  }

  async stop(): Promise<void> {
    if (!this.#gone) this.post({ kind: 'stop' });
    await this.exited;
  }
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  classIndex: number;
  score: number;
}

export function boxesOf(results: Iterable<TileResult>): Box[] {
  return [...results].flatMap(({ detections }) =>
    Array.from({ length: detections.length / detectionStride }, (_, i) => {
      const [x, y, width, height, classIndex, score] = detections.subarray(
        i * detectionStride,
        (i + 1) * detectionStride,
      ) as unknown as [number, number, number, number, number, number];
      return { x, y, width, height, classIndex, score };
    }),
  );
}

/** A detection's place and class, for comparing sets of them. */
export const placeOf = (b: Box): string => `${b.classIndex} ${b.x} ${b.y} ${b.width} ${b.height}`;
