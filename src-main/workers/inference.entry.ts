/** Process entry of the inference worker. */
import { readLimits } from '../core/limits.ts';
import type { FromInference, ToInference } from '../core/worker-protocol.ts';
import { imageOpener } from './image-opener.ts';
import { serveInference } from './inference/worker.ts';
import { guardMemory } from './memory-guard.ts';
import { workerPort } from './port.ts';

const port = workerPort<ToInference, FromInference>();
const limits = readLimits(process.env);
guardMemory(limits.inferenceWorkerBytes);
const opener = imageOpener(limits);

serveInference(port, {
  open: (path, jpeg) => opener.open(path, jpeg),
  // The last message leaves the process asynchronously: a short wait lets it out.
  exit: (code) => setTimeout(() => process.exit(code), 50),
});
