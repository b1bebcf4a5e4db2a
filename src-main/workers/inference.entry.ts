/** Process entry of the inference worker: of a run, or of a trial. The first message says which. */
import { readLimits } from '../core/limits.ts';
import type {
  FromInference,
  FromTrial,
  SelfTestOrder,
  ToInference,
  ToTrial,
} from '../core/worker-protocol.ts';
import { decodesByWasm } from './codecs/load-sharp.ts';
import { imageOpener } from './image-opener.ts';
import { serveSelfTest } from './inference/self-test.ts';
import { serveTrial } from './inference/trial.ts';
import { serveInference } from './inference/worker.ts';
import { guardMemory } from './memory-guard.ts';
import { workerPort } from './port.ts';

const port = workerPort<ToInference | ToTrial, FromInference | FromTrial>();
const limits = readLimits(process.env);
guardMemory(limits.inferenceWorkerBytes);

// The last message leaves the process asynchronously: a short wait lets it out.
const exit = (code: number): void => void setTimeout(() => process.exit(code), 50);
const post = (message: FromInference | FromTrial): void => port.post(message);

let toTrial: ((message: Exclude<ToTrial, SelfTestOrder>) => void) | null = null;
let toRun: ((message: ToInference) => void) | null = null;

port.onMessage((message) => {
  if (message.kind === 'self-test') {
    serveSelfTest(message, post, exit);
    return;
  }
  if (message.kind === 'trial' || message.kind === 'time') {
    if (toTrial === null) serveTrial({ post, onMessage: (listener) => (toTrial = listener) }, exit);
    toTrial?.(message);
    return;
  }
  if (toRun === null) {
    const opener = imageOpener(limits);
    serveInference(
      { post, onMessage: (listener) => (toRun = listener) },
      { open: (path, jpeg) => opener.open(path, jpeg), usesWasmCodecs: decodesByWasm, exit },
    );
  }
  toRun?.(message);
});
