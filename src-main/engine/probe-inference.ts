/** Can ONNX Runtime be loaded here at all? Tried in a worker, because a broken library can end its process. */
import { GigatileError, formatError } from '../contract/errors.ts';
import type { FromInference, ToInference } from '../core/worker-protocol.ts';
import { listModels } from '../models/find-models.ts';
import type { EngineOptions } from './shell.ts';

/** The image that the probe names does not exist: a worker that gets as far as missing it has loaded all its parts. */
const noImage = 'gigatile-probe-without-image';
const timeoutMs = 30_000;

export async function probeInference(options: EngineOptions): Promise<string> {
  const [model] = await listModels(options.modelsDir);
  if (!model) throw new GigatileError('model-not-found', 'There is no built-in model to try');
  const worker = options.host.fork<ToInference, FromInference>('inference');
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new GigatileError('worker-timeout', 'The inference worker does not answer')),
        timeoutMs,
      );
      timer.unref();
      worker.onMessage((message) => {
        if (message.kind !== 'fatal') return;
        clearTimeout(timer);
        if (message.error.where?.includes(noImage)) resolve('ONNX Runtime on cpu');
        else reject(new GigatileError(message.error.code, formatError(message.error)));
      });
      worker.onExit(({ code, signal }) => {
        clearTimeout(timer);
        reject(
          new GigatileError(
            'worker-crashed',
            `The inference worker ended (${signal ?? `exit code ${code}`})`,
          ),
        );
      });
      worker.post({
        kind: 'init',
        imagePath: noImage,
        fingerprint: '',
        modelPath: model.files[0] ?? '',
        modelSha256: model.card.sha256[0] ?? '',
        manifest: model.card.manifest,
        fileIndex: 0,
        bandIndexes: model.card.manifest.input.bands.map((_, i) => i),
        threads: 1,
        jpeg: 'fast',
        provider: 'cpu',
      });
    });
  } finally {
    worker.kill();
  }
}
