/**
 * A model without an image, in a process that is thrown away: can it be loaded here, does it agree with the processor, how quick is
 * it? Made-up tiles, because nothing about a machine depends on what is on them.
 */
import { GigatileError, type PlainError } from '../../contract/errors.ts';
import type {
  FromTrial,
  ModelInit,
  ProviderAgreement,
  SelfTestOrder,
  ToTrial,
} from '../../core/worker-protocol.ts';
import { inputArray, type InputArray } from '../../models/fill-tensor.ts';
import { disagreement } from './agreement.ts';
import { inputDtype, openModel, type ModelSession } from './model-session.ts';

export interface TrialChannel {
  post(message: FromTrial): void;
  onMessage(listener: (message: Exclude<ToTrial, SelfTestOrder>) => void): void;
}

/** Enough for a median, however slow the model is. */
const leastRuns = 3;

export function serveTrial(channel: TrialChannel, exit: (code: number) => void): void {
  let trial: Promise<{ session: ModelSession; order: Extract<ToTrial, { kind: 'trial' }> }> | null = null;
  const start = async (order: Extract<ToTrial, { kind: 'trial' }>) => {
    const begun = performance.now();
    const session = await openModel(order.model);
    const loadMs = performance.now() - begun;
    const agreement = order.compare ? await compare(session, order) : null;
    channel.post({ kind: 'trial-ready', loadMs, maxBatch: session.maxBatch, agreement });
    return { session, order };
  };
  const answer = async (message: Exclude<ToTrial, SelfTestOrder>): Promise<void> => {
    if (message.kind === 'trial') {
      trial = start(message);
      await trial;
      return;
    }
    if (trial === null) throw new GigatileError('internal', 'Nothing was loaded that could be timed');
    const { session, order } = await trial;
    channel.post({ kind: 'timed', ...(await time(session, order, message.batch, message.forMs)) });
  };
  channel.onMessage((message) => {
    answer(message).catch((error: unknown) => {
      channel.post({ kind: 'fatal', error: modelError(error) });
      exit(1);
    });
  });
}

function modelError(error: unknown): PlainError {
  if (error instanceof GigatileError) return error.toPlain();
  const said = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `The model failed on a made-up tile: ${said}` };
}

async function compare(
  session: ModelSession,
  { model, width, height }: Extract<ToTrial, { kind: 'trial' }>,
): Promise<ProviderAgreement> {
  const { input, dims } = tiles(model, width, height, 1);
  const reference = await openModel({ ...model, provider: 'cpu', threads: 1 });
  const expected = await reference.run(input, dims);
  const found = await session.run(input, dims);
  return {
    disagreement: disagreement(found, expected),
    ms: await median(session, input, dims, 200),
    cpuMs: await median(reference, input, dims, 200),
  };
}

async function time(
  session: ModelSession,
  { model, width, height }: Extract<ToTrial, { kind: 'trial' }>,
  batch: number,
  forMs: number,
): Promise<{ batch: number; msPerRun: number; runs: number; residentBytes: number }> {
  const { input, dims } = tiles(model, width, height, batch);
  // The first run of a shape makes its buffers; it is no measure.
  await session.run(input, dims);
  const times = await timesOf(session, input, dims, forMs);
  return { batch, msPerRun: medianOf(times), runs: times.length, residentBytes: process.memoryUsage.rss() };
}

async function median(
  session: ModelSession,
  input: InputArray,
  dims: readonly number[],
  forMs: number,
): Promise<number> {
  return medianOf(await timesOf(session, input, dims, forMs));
}

async function timesOf(
  session: ModelSession,
  input: InputArray,
  dims: readonly number[],
  forMs: number,
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + forMs;
  for (let now = performance.now(); now < end || times.length < leastRuns;) {
    await session.run(input, dims);
    const then = performance.now();
    times.push(then - now);
    now = then;
  }
  return times;
}

function medianOf(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Noise that is the same every time; for float inputs from 0 to 1. */
function tiles(
  model: ModelInit,
  width: number,
  height: number,
  batch: number,
): { input: InputArray; dims: number[] } {
  const { layout, bands } = model.manifest.input;
  const dims =
    layout === 'NHWC' ? [batch, height, width, bands.length] : [batch, bands.length, height, width];
  const dtype = inputDtype(model);
  const input = inputArray(dtype, width * height * bands.length * batch);
  let state = 1;
  for (let i = 0; i < input.length; i++) {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const byte = state & 0xff;
    // The bits of half floats from 0.5 to 1 are 0x3800 to 0x3bff.
    input[i] = dtype === 'float32' ? byte / 255 : dtype === 'float16' ? 0x3800 + byte * 4 : byte;
  }
  return { input, dims };
}
