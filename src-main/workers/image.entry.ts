/** Process entry of the image worker: everything that screens and reports show of an image. */
import type { ImageAnswer, ImageRequest } from '../core/worker-protocol.ts';
import { openImage } from '../images/open-image.ts';
import { codecReport, createCodecs } from './codecs/codecs.ts';
import { ImageService } from './image/image-service.ts';
import { workerPort } from './port.ts';

const parent = workerPort<ImageRequest, ImageAnswer>();
const codecs = createCodecs();
const service = new ImageService({
  open: async (path) => openImage(path, await codecs),
  encodePng: async (raster) => (await codecs).encodePng(raster),
  report: codecReport,
});

service.serve(parent);
parent.onPort((port) => service.serve(port));
