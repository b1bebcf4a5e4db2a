/** Works through leases: reads tiles, runs the model over batches of them, answers. */
import { setImmediate } from 'node:timers/promises';
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { GridPlan } from '../../contract/run.ts';
import type { FromInference, InferenceInit, TileResult, ToInference } from '../../core/worker-protocol.ts';
import { focusOf } from '../../core/quality/focus.ts';
import type { ImageSource, Raster } from '../../images/image-source.ts';
import { tensorFiller, type FillTensor, type InputArray } from '../../models/fill-tensor.ts';
import { tileResults, type AreaOf } from '../../models/tile-result.ts';
import { areaMeasure } from './area.ts';
import { isTransient } from './is-transient.ts';
import { inputDtype, type ModelSession } from './model-session.ts';
import { ResultPost } from './result-post.ts';
import { tileReader, type TileReader } from './tile-reader.ts';

/** Tiles of an image on a server whose bytes are on their way while the model runs on others: each takes a request or two. */
const tilesAhead = 8;

export type Lease = Extract<ToInference, { kind: 'lease' }>;

/** Messages are let in so often: a turn of the event loop after each tile of a quick model is a hundredth of its time. */
const listenMs = 10;

/** A tile whose pixels lie in the batch's buffer. */
interface ReadTile {
  tile: number;
  rect: ReturnType<TileReader['rect']>;
  sharpness: number | null | undefined;
}

export class LeaseRunner {
  readonly #init: InferenceInit;
  readonly #source: ImageSource;
  readonly #session: ModelSession;
  readonly #post: (message: FromInference) => void;
  readonly #results: ResultPost;
  readonly #fill: FillTensor;
  /** The image's pixels are the model's input as they are: they are read into it. */
  readonly #isDirect: boolean;
  readonly #queue: Lease[] = [];
  readonly #cancelled = new Set<number>();
  /** Reused from batch to batch: a new buffer a batch would cost as much as reading it. */
  #buffer: InputArray = new Uint8Array(0);
  #reader: { plan: GridPlan; key: string; reader: TileReader; areaOf: AreaOf } | null = null;
  #listenedAt = 0;
  #working = false;
  #stopped = false;

  constructor(
    init: InferenceInit,
    source: ImageSource,
    session: ModelSession,
    post: (message: FromInference) => void,
  ) {
    this.#init = init;
    this.#source = source;
    this.#session = session;
    this.#post = post;
    this.#results = new ResultPost(post);
    const { input } = init.manifest;
    const dtype = inputDtype(init);
    const { info } = source;
    this.#fill = tensorFiller(input, dtype, init.bandIndexes, info);
    const sameBands =
      !input.bands.includes('gray') &&
      init.bandIndexes.length === info.bands &&
      init.bandIndexes.every((band, i) => band === i);
    this.#isDirect = input.layout === 'NHWC' && dtype === info.dtype && dtype !== 'float32' && sameBands;
  }

  add(lease: Lease): void {
    this.#queue.push(lease);
    if (!this.#working) void this.#work();
  }

  /** Drops the batches of this lease that are not begun; it still ends with `lease-done`. */
  cancel(lease: number): void {
    if (this.#queue.some((queued) => queued.lease === lease)) this.#cancelled.add(lease);
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * One batch after the other, nothing read ahead: running the model blocks this thread, so reading ahead gains nothing, and
   * a tile whose pixels crash a native decoder must be the one that is being worked at, or another tile takes the blame.
   */
  async #work(): Promise<void> {
    this.#working = true;
    for (let lease = this.#queue[0]; lease !== undefined && !this.#stopped; lease = this.#queue[0]) {
      await this.#runLease(lease);
      this.#queue.shift();
      this.#cancelled.delete(lease.lease);
    }
    this.#working = false;
  }

  async #runLease(lease: Lease): Promise<void> {
    const { reader } = this.#readerFor(lease.plan);
    const size = Math.max(1, Math.min(lease.batch, this.#session.maxBatch));
    for (let from = 0; from < lease.tiles.length; from += size) {
      // Lets messages in: a cancel, a stop, the next lease.
      if (performance.now() - this.#listenedAt >= listenMs) {
        await setImmediate();
        this.#listenedAt = performance.now();
      }
      if (this.#stopped) return;
      if (this.#cancelled.has(lease.lease)) break;
      reader.ahead?.(lease.tiles.subarray(from, from + size + tilesAhead));
      await this.#runBatch(lease, reader, [...lease.tiles.subarray(from, from + size)]);
    }
    this.#results.flush(lease);
    this.#post({ kind: 'lease-done', lease: lease.lease, epoch: lease.epoch });
  }

  /** One for all leases of a run: it keeps memory for its patches, which is never given back. */
  #readerFor(plan: Lease['plan']): { reader: TileReader; areaOf: AreaOf } {
    // Every lease brings a plan of its own.
    if (this.#reader?.plan === plan) return this.#reader;
    const key = JSON.stringify(plan);
    if (this.#reader?.key === key) this.#reader.plan = plan;
    else {
      const { manifest } = this.#init;
      const areaOf = areaMeasure(manifest, this.#source.info, plan);
      this.#reader = { plan, key, reader: tileReader(this.#source, plan, manifest), areaOf };
    }
    return this.#reader;
  }

  async #runBatch(lease: Lease, reader: TileReader, tiles: readonly number[]): Promise<void> {
    const read = await this.#read(lease, reader, tiles);
    const results: TileResult[] = [];
    await this.#infer(lease, read, results);
    this.#results.add(lease, results);
  }

  /** Fills the buffer, tile after tile; those that cannot be read have failed and leave no gap. */
  async #read(lease: Lease, reader: TileReader, tiles: readonly number[]): Promise<ReadTile[]> {
    const { input } = this.#init.manifest;
    const read: ReadTile[] = [];
    for (const tile of tiles) {
      const rect = reader.rect(tile);
      const length = reader.size.width * reader.size.height * input.bands.length;
      try {
        if (this.#buffer.length < tiles.length * length) this.#resize(tiles.length * length);
        const from = read.length * length;
        const direct = this.#isDirect ? this.#buffer.subarray(from, from + length) : undefined;
        const pixels = await reader.read(tile, direct);
        if (!direct) this.#fill(pixels, this.#buffer, from);
        read.push({ tile, rect, sharpness: this.#sharpness(pixels) });
      } catch (error) {
        this.#fail(lease, tile, error);
      }
    }
    return read;
  }

  /** Of brightfield slides; undefined where the measure means nothing (scenes, deeper pixels). */
  #sharpness({ width, height, bands, data, dtype }: Raster): number | null | undefined {
    if (this.#init.manifest.background !== 'tissue' || dtype !== 'uint8') return undefined;
    return focusOf({ width, height, bands, data }, Math.min(1, bands - 1))?.sharpness ?? null;
  }

  /** Only ever before the first tile of a batch: all tiles of a run are of one size. */
  #resize(length: number): void {
    const dtype = inputDtype(this.#init);
    // uint8, uint16 and float32 are what inputs have; float16 is held as the bits of uint16.
    this.#buffer = this.#source.memory(dtype === 'float16' ? 'uint16' : dtype, length) as InputArray;
  }

  /** The first `read.length` tiles of the buffer; a batch that fails is halved until the tile is found. */
  async #infer(lease: Lease, read: readonly ReadTile[], results: TileResult[], at = 0): Promise<void> {
    const first = read[0];
    if (first === undefined) return;
    const { manifest } = this.#init;
    const { reader, areaOf } = this.#readerFor(lease.plan);
    const { width, height } = reader.size;
    const bands = manifest.input.bands.length;
    const length = width * height * bands;
    const shape = manifest.input.layout === 'NHWC' ? [height, width, bands] : [bands, height, width];
    try {
      const outputs = await this.#session.run(
        this.#buffer.subarray(at * length, (at + read.length) * length),
        [read.length, ...shape],
      );
      const batch = {
        plan: lease.plan,
        tiles: read.map((r) => r.tile),
        rects: read.map((r) => r.rect),
        keepAll: lease.keepAll ?? false,
      };
      tileResults(manifest, outputs, batch, areaOf).forEach((result, i) => {
        if (result instanceof GigatileError) this.#fail(lease, batch.tiles[i] ?? -1, result);
        else results.push(withSharpness(result, read[i]?.sharpness));
      });
    } catch (error) {
      if (read.length === 1) {
        this.#fail(lease, first.tile, modelFailure(error));
        return;
      }
      const half = Math.ceil(read.length / 2);
      await this.#infer(lease, read.slice(0, half), results, at);
      await this.#infer(lease, read.slice(half), results, at + half);
    }
  }

  #fail(lease: Lease, tile: number, error: unknown): void {
    if (
      error instanceof GigatileError &&
      (error.code === 'image-missing' || error.code === 'image-changed')
    ) {
      // An image on a server that is another one now, or that is refused: no tile can be read any more.
      this.stop();
      this.#post({ kind: 'fatal', error: error.toPlain() });
      return;
    }
    this.#post({
      kind: 'tile-failed',
      lease: lease.lease,
      epoch: lease.epoch,
      tile,
      transient: isTransient(error),
      error: toPlainError(error),
    });
  }
}

function withSharpness(result: TileResult, sharpness: number | null | undefined): TileResult {
  if (sharpness !== undefined) result.sharpness = sharpness;
  return result;
}

function modelFailure(error: unknown): GigatileError {
  if (error instanceof GigatileError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new GigatileError('internal', `The model failed on this tile: ${message}`, { cause: error });
}
