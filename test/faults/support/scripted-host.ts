/**
 * Workers without processes: they speak core/worker-protocol.ts and answer what is known beforehand, so that a whole run of the
 * real engine fits into one short process that writes nothing but the case.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ImageInfo } from '../../../src-main/contract/image.ts';
import type { GridPlan } from '../../../src-main/contract/run.ts';
import { coreRect, tileCount } from '../../../src-main/core/grid.ts';
import type { WorkerHost, WorkerKind, WorkerProcess } from '../../../src-main/core/worker-host.ts';
import type {
  FromInference,
  ImageAnswer,
  ImageRequest,
  ImageValue,
  TileResult,
  ToInference,
} from '../../../src-main/core/worker-protocol.ts';

/** Edge of the picture that the scripted image worker says it sees, px. */
const edge = 1024;
/** So long a tile takes: a run is then several groups of commits. */
const tileMs = 6;

function infoOf(path: string): ImageInfo {
  const level = { width: edge, height: edge, downsample: 1, tileWidth: 256, tileHeight: 256 };
  return {
    name: basename(path),
    format: 'tiff',
    vendor: null,
    width: edge,
    height: edge,
    mpp: { x: 0.5, y: 0.5 },
    geo: null,
    objectivePower: null,
    bands: 3,
    bandNames: null,
    dtype: 'uint8',
    noData: null,
    levels: [level],
    associated: [],
    compression: 'jpeg',
    display: { levels: [level], passthrough: true },
  };
}

function answer(request: ImageRequest): ImageValue {
  switch (request.op) {
    case 'open': {
      const fingerprint = createHash('sha256').update(readFileSync(request.path)).digest('hex');
      return { op: 'open', image: 1, info: infoOf(request.path), fingerprint };
    }
    case 'preparation':
      return { op: 'preparation', view: null };
    case 'render':
    case 'tile':
      return { op: 'bytes', type: 'image/jpeg', bytes: new Uint8Array(900).fill(7) };
    default:
      return { op: 'none' };
  }
}

/** Every tile says something else, and always the same: what is lost, doubled or swapped shows. */
function resultOf(plan: GridPlan, tile: number): TileResult {
  const { x, y, width, height } = coreRect(plan, tile);
  const detections = [0, 1, 2].flatMap((i) => [
    x + 10 + i * 25,
    y + 12 + ((tile * 7 + i * 13) % Math.max(1, height - 40)),
    12,
    12 + (tile % 5),
    0,
    0.5 + ((tile * 31 + i * 17) % 100) / 250,
  ]);
  const share = (tile % 97) / 97;
  return {
    tile,
    score: share,
    classIndex: 0,
    values: Float32Array.of(share, tile, width, height),
    detections: Float32Array.from(detections),
    sharpness: share * 2,
  };
}

abstract class Scripted<In, Out> implements WorkerProcess<In, Out> {
  readonly pid = undefined;
  protected isGone = false;
  #listener: (message: Out) => void = () => undefined;
  #exit: (exit: { code: number | null; signal: string | null }) => void = () => undefined;

  abstract post(message: In): void;

  onMessage(listener: (message: Out) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void {
    this.#exit = listener;
  }

  kill(): void {
    if (this.isGone) return;
    this.isGone = true;
    setImmediate(() => this.#exit({ code: null, signal: 'SIGKILL' }));
  }

  protected say(message: Out): void {
    if (!this.isGone) this.#listener(message);
  }
}

class ScriptedImages extends Scripted<ImageRequest, ImageAnswer> {
  post(request: ImageRequest): void {
    setImmediate(() => this.say({ id: request.id, ok: true, value: answer(request) }));
  }
}

class ScriptedInference extends Scripted<ToInference, FromInference> {
  readonly #leases: Extract<ToInference, { kind: 'lease' }>[] = [];
  #isBusy = false;

  post(message: ToInference): void {
    if (message.kind === 'init') setImmediate(() => this.say({ kind: 'ready', provider: 'cpu' }));
    else if (message.kind === 'preprocess') {
      const count = tileCount(message.plan);
      // The first row is glass.
      const skip = Uint8Array.from({ length: count }, (_, tile) => (tile < message.plan.columns ? 1 : 0));
      const content = Float32Array.from({ length: count }, (_, tile) => (tile % 10) / 10);
      setImmediate(() => this.say({ kind: 'preprocessed', skip, content, pen: new Float32Array(count) }));
    } else if (message.kind === 'lease') {
      this.#leases.push(message);
      if (!this.#isBusy) this.#next(0);
    }
  }

  #next(at: number): void {
    const lease = this.#leases[0];
    this.#isBusy = lease !== undefined;
    if (lease === undefined) return;
    const tile = lease.tiles[at];
    if (tile === undefined) {
      this.#leases.shift();
      this.say({ kind: 'lease-done', lease: lease.lease, epoch: lease.epoch });
      this.#next(0);
      return;
    }
    setTimeout(() => {
      if (this.isGone) return;
      const { lease: id, epoch, plan } = lease;
      this.say({ kind: 'tiles', lease: id, epoch, results: [resultOf(plan, tile)] });
      this.#next(at + 1);
    }, tileMs);
  }
}

export class ScriptedHost implements WorkerHost {
  fork<Out, In>(kind: WorkerKind): WorkerProcess<Out, In> {
    const worker = kind === 'image' ? new ScriptedImages() : new ScriptedInference();
    return worker as unknown as WorkerProcess<Out, In>;
  }
}
