/** Process entry of the inference worker. */
import type { FromInference, ToInference } from '../core/worker-protocol.ts';
import { openImage } from '../images/open-image.ts';
import { createCodecs } from './codecs/codecs.ts';
import { serveInference } from './inference/worker.ts';
import { workerPort } from './port.ts';

const port = workerPort<ToInference, FromInference>();

serveInference(port, {
  open: async (path) => openImage(path, await createCodecs()),
  // The last message leaves the process asynchronously: a short wait lets it out.
  exit: (code) => setTimeout(() => process.exit(code), 50),
});
