/** Process entry of the worker that asks a remote endpoint about tiles. */
import { readLimits } from '../core/limits.ts';
import type { FromInference, ToInference } from '../core/worker-protocol.ts';
import { environmentSecrets } from '../remote/secrets.ts';
import { usesWasm } from './codecs/load-sharp.ts';
import { imageOpener } from './image-opener.ts';
import { guardMemory } from './memory-guard.ts';
import { workerPort } from './port.ts';
import { serveRemote } from './remote/worker.ts';

const port = workerPort<ToInference, FromInference>();
const limits = readLimits(process.env);
guardMemory(limits.inferenceWorkerBytes);
const opener = imageOpener(limits);

serveRemote(port, {
  open: (path, jpeg) => opener.open(path, jpeg),
  usesWasmCodecs: usesWasm,
  // The last message leaves the process asynchronously: a short wait lets it out.
  exit: (code) => void setTimeout(() => process.exit(code), 50),
  secrets: environmentSecrets(process.env),
});
