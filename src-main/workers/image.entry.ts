/** Process entry of the image worker: everything that screens and reports show of an image. */
import { readLimits } from '../core/limits.ts';
import type { ImageAnswer, ImageRequest } from '../core/worker-protocol.ts';
import { codecReport } from './codecs/codecs.ts';
import { ImageService } from './image/image-service.ts';
import { imageOpener } from './image-opener.ts';
import { guardMemory } from './memory-guard.ts';
import { workerPort } from './port.ts';

const parent = workerPort<ImageRequest, ImageAnswer>();
const limits = readLimits(process.env);
guardMemory(limits.imageWorkerBytes);
const opener = imageOpener(limits);
const service = new ImageService({
  open: (path) => opener.open(path),
  encodePng: async (raster) => (await opener.codecs).encodePng(raster),
  report: codecReport,
});

service.serve(parent);
parent.onPort((port) => service.serve(port));
