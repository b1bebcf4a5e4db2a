/**
 * Makes a sample image of any size with known content, on all cores, with memory that does not depend on its size.
 * The same request gives the same pixels and the same truth, however many processes make it.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { PyramidCascade, type CascadeTile } from '../images/write/pyramid-cascade.ts';
import { PyramidTiffWriter } from '../images/write/pyramid-writer.ts';
import { sampleLayout } from './painters.ts';
import { sampleKinds, type EncodedTile, type HalvedTile, type SampleKind } from './sample-protocol.ts';
import { SampleWorkers, type Job, type Result } from './sample-workers.ts';
import { sceneFeature } from './satellite/truth.ts';
import { TruthFile } from './truth-file.ts';

export interface SampleRequest {
  kind: SampleKind;
  /** px, 64 to 200,000. */
  width: number;
  height: number;
  /** The TIFF to write. */
  out: string;
  /** The GeoJSON to write: nuclei in level-0 px for pathology, class areas in WGS84 for satellite. */
  truth?: string | undefined;
  /** A whole number, 0 to 2^31 - 1. */
  seed: number;
  /** Processes; by default one a core. */
  workers?: number | undefined;
  onProgress?: ((progress: SampleProgress) => void) | undefined;
  /** The worker's program, where it lies elsewhere than in the sources. */
  workerEntry?: string | URL | undefined;
  signal?: AbortSignal | undefined;
}

export interface SampleProgress {
  /** Pixels of the full-resolution level that are made, and all of them. */
  pixels: number;
  totalPixels: number;
  seconds: number;
}

export interface SampleSummary {
  kind: SampleKind;
  seed: number;
  width: number;
  height: number;
  levels: number;
  /** Absolute paths. */
  path: string;
  truthPath: string | null;
  /** Size of the image file. */
  bytes: number;
  /** What the truth counts: `nuclei`, or pixels by land-cover class. */
  counts: Record<string, number>;
  seconds: number;
}

const smallest = 64;
const largest = 200_000;

function check(request: SampleRequest): void {
  const fail = (message: string, hint: string): never => {
    throw new GigatileError('usage', message, { hint });
  };
  if (!sampleKinds.includes(request.kind)) {
    fail(`There is no sample of kind ${request.kind}`, `Choose one of: ${sampleKinds.join(', ')}.`);
  }
  for (const side of [request.width, request.height]) {
    if (!Number.isInteger(side) || side < smallest || side > largest) {
      fail(
        `A sample of ${request.width} x ${request.height} px cannot be made`,
        `Each side takes ${smallest} to ${largest} px.`,
      );
    }
  }
  if (!Number.isInteger(request.seed) || request.seed < 0 || request.seed > 0x7fffffff) {
    fail(`${request.seed} is no seed`, 'A seed is a whole number from 0 to 2147483647.');
  }
  if (request.truth !== undefined && resolve(request.truth) === resolve(request.out)) {
    fail('Image and truth cannot be the same file', 'Give the truth a name of its own.');
  }
}

/**
 * @throws {GigatileError} usage, not-writable, disk-full, io, worker-crashed, codec-missing, cancelled. Nothing is left of a
 * sample that could not be made.
 */
export async function generateSample(request: SampleRequest): Promise<SampleSummary> {
  check(request);
  const started = performance.now();
  const { kind, width, height, seed } = request;
  const layout = sampleLayout(kind);
  const writer = await PyramidTiffWriter.create({
    ...layout,
    path: request.out,
    width,
    height,
    software: 'Gigatile',
    description: `Gigatile sample: ${kind}, ${width} x ${height} px, seed ${seed}. Synthetic: no person and no place.`,
  });
  const columns = Math.ceil(width / layout.blockSize);
  const rows = Math.ceil(height / layout.blockSize);
  let truth: TruthFile | null = null;
  let workers: SampleWorkers | null = null;
  try {
    if (request.truth !== undefined) truth = await TruthFile.create(request.truth, columns);
    const assembly = new Assembly(request, writer, truth, columns, rows, started);
    workers = new SampleWorkers({
      entry: request.workerEntry ?? new URL('../workers/sample.entry.ts', import.meta.url),
      count: Math.min(request.workers ?? availableParallelism(), columns * rows),
      spec: { kind, width, height, seed },
      truth: truth !== null,
      next: () => assembly.next(),
      done: (result) => assembly.take(result),
    });
    await Promise.race([assembly.complete, workers.failed, aborted(request.signal)]);
    workers.stop();
    const { bytes } = await writer.finish();
    await truth?.finish(kind === 'satellite' ? sceneFeature(width, height, assembly.counts) : undefined);
    return {
      kind,
      seed,
      width,
      height,
      levels: writer.levels.length,
      path: resolve(request.out),
      truthPath: request.truth === undefined ? null : resolve(request.truth),
      bytes,
      counts: assembly.counts,
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    workers?.stop();
    await writer.abort();
    await truth?.discard();
    throw error;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(new GigatileError('cancelled', 'Making the sample was stopped'));
  if (signal?.aborted === true) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}

/** Puts the blocks together: tiles into the file, halves into lower levels, features into the truth. */
class Assembly {
  readonly counts: Record<string, number> = {};
  /** Resolves when every tile of every level was written. */
  readonly complete: Promise<void>;
  readonly #request: SampleRequest;
  readonly #writer: PyramidTiffWriter;
  readonly #truth: TruthFile | null;
  readonly #cascade: PyramidCascade;
  readonly #columns: number;
  readonly #rows: number;
  readonly #started: number;
  readonly #encodeQueue: CascadeTile[] = [];
  readonly #finish: () => void;
  #nextBlock = 0;
  #pixels = 0;
  #tilesLeft: number;

  constructor(
    request: SampleRequest,
    writer: PyramidTiffWriter,
    truth: TruthFile | null,
    columns: number,
    rows: number,
    started: number,
  ) {
    const { tileSize, bands, noData } = sampleLayout(request.kind);
    this.#request = request;
    this.#writer = writer;
    this.#truth = truth;
    this.#cascade = new PyramidCascade({ levels: writer.levels, tileSize, bands, noData });
    this.#columns = columns;
    this.#rows = rows;
    this.#started = started;
    this.#tilesLeft = writer.levels.reduce((sum, level) => sum + level.columns * level.rows, 0);
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    this.complete = promise;
    this.#finish = finish;
  }

  /** Lower levels first: they free what waits in memory. */
  next(): Job | null {
    const tile = this.#encodeQueue.shift();
    if (tile) return { kind: 'encode', ...tile };
    if (this.#nextBlock >= this.#columns * this.#rows) return null;
    const block = this.#nextBlock++;
    return { kind: 'block', column: block % this.#columns, row: Math.floor(block / this.#columns) };
  }

  async take(result: Result): Promise<void> {
    const tiles = result.kind === 'block' ? result.tiles : [result.tile];
    for (const half of result.kind === 'block' ? result.halved : [result.halved]) this.#lower(half);
    await Promise.all(tiles.map((tile) => this.#write(tile, result.bytes)));
    if (result.kind === 'block') {
      await this.#truth?.put(result.column, result.row, result.truth);
      for (const [name, count] of Object.entries(result.counts)) {
        this.counts[name] = (this.counts[name] ?? 0) + count;
      }
      this.#progress(result.column, result.row);
    }
    this.#tilesLeft -= tiles.length;
    if (this.#tilesLeft === 0) this.#finish();
  }

  #lower(half: HalvedTile): void {
    const tile = this.#cascade.putHalved(half.level, half.column, half.row, half.pixels);
    if (tile) this.#encodeQueue.push(tile);
  }

  #write(tile: EncodedTile, bytes: Uint8Array): Promise<void> {
    return this.#writer.putTile(tile.level, tile.column, tile.row, bytes.subarray(tile.start, tile.end));
  }

  #progress(column: number, row: number): void {
    const { width, height, kind, onProgress } = this.#request;
    const { blockSize } = sampleLayout(kind);
    this.#pixels +=
      Math.min(blockSize, width - column * blockSize) * Math.min(blockSize, height - row * blockSize);
    onProgress?.({
      pixels: this.#pixels,
      totalPixels: width * height,
      seconds: (performance.now() - this.#started) / 1000,
    });
  }
}
