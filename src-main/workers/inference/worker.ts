/** The inference worker: one image, one model, leases of tiles. See core/worker-protocol.ts. */
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { ImageInfo } from '../../contract/image.ts';
import type { JpegDecoder } from '../../contract/run.ts';
import type { FromInference, InferenceInit, ToInference } from '../../core/worker-protocol.ts';
import { macenko } from '../../core/macenko.ts';
import type { ImageSource } from '../../images/image-source.ts';
import { bandSources } from '../../models/bands.ts';
import { LeaseRunner } from './lease-runner.ts';
import { openModel } from './model-session.ts';
import { preprocess } from './preprocess.ts';
import { stainPixels } from './stain-pixels.ts';

export interface WorkerChannel {
  post(message: FromInference): void;
  onMessage(listener: (message: ToInference) => void): void;
}

export interface WorkerEnvironment {
  /** @throws {GigatileError} where the image cannot be opened or a codec is missing */
  open(path: string, jpeg: JpegDecoder): Promise<ImageSource>;
  /** Whether libvips' WebAssembly build decodes this image, which was opened by `open`. */
  usesWasmCodecs(image: ImageInfo): Promise<boolean>;
  /** Ends the process, after what was posted has gone out. */
  exit(code: number): void;
}

interface Ready {
  init: InferenceInit;
  source: ImageSource;
  runner: LeaseRunner;
}

export function serveInference(channel: WorkerChannel, environment: WorkerEnvironment): void {
  let ready: Promise<Ready> | null = null;
  const fatal = (error: unknown): void => {
    channel.post({ kind: 'fatal', error: toPlainError(error) });
    environment.exit(1);
  };
  const start = async (init: InferenceInit): Promise<Ready> => {
    const session = await openModel(init);
    const source = await openSource(init, environment);
    // The overview reads each stored tile once: none is kept, until the reader of tiles says what it will need.
    source.expectBlocks?.({ x: 0, y: 0, width: 1, height: 1 }, 1, 1);
    return { init, source, runner: new LeaseRunner(init, source, session, (m) => channel.post(m)) };
  };
  const answer = async (message: ToInference): Promise<void> => {
    if (message.kind === 'init') {
      ready = start(message);
      const { source } = await ready;
      const wasm = await environment.usesWasmCodecs(source.info);
      channel.post({ kind: 'ready', provider: message.provider, ...(wasm && { wasmCodecs: true }) });
      return;
    }
    if (message.kind === 'stop') {
      environment.exit(0);
      return;
    }
    if (ready === null)
      throw new GigatileError('internal', `The worker was sent ${message.kind} before init`);
    const { init, source, runner } = await ready;
    if (message.kind === 'lease') runner.add(message);
    else if (message.kind === 'cancel') runner.cancel(message.lease);
    else {
      const { plan, background } = message;
      const rgb = rgbOf(init);
      const found = await preprocess(source, plan, background, rgb);
      const wanted = message.stains === 'macenko';
      const stains = wanted ? macenko(await stainPixels(source, plan, init.manifest, found, rgb)) : undefined;
      channel.post({ kind: 'preprocessed', ...found, ...(stains !== undefined && { stains }) });
    }
  };
  channel.onMessage((message) => {
    answer(message).catch(fatal);
  });
}

/** @throws {GigatileError} image-changed, and what opening throws */
async function openSource(init: InferenceInit, environment: WorkerEnvironment): Promise<ImageSource> {
  const source = await environment.open(init.imagePath, init.jpeg);
  const found = await source.fingerprint();
  if (found !== init.fingerprint) {
    source.close();
    throw new GigatileError('image-changed', 'The image is not the one that this run began with', {
      where: source.info.name,
      hint: 'Put the original file back, or start a new run on this one.',
    });
  }
  return source;
}

/** Bands of red, green and blue in the image, for recognising tissue; a model with fewer repeats its first. */
function rgbOf({ manifest, bandIndexes }: InferenceInit): [number, number, number] {
  const { bands } = manifest.input;
  const sources = bandSources(bands, bandIndexes);
  const [red = 0, green = red, blue = red] = sources[bands.indexOf('gray')] ?? sources[0] ?? [];
  const band = (name: 'red' | 'green' | 'blue', otherwise: number): number =>
    sources[bands.indexOf(name)]?.[0] ?? otherwise;
  return [band('red', red), band('green', green), band('blue', blue)];
}
