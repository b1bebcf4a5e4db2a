/** A run of the engine in the words of other machines. */
import { GigatileError } from '../contract/errors.ts';
import type { ExecutionProvider } from '../contract/run.ts';
import { isUrl, withoutSecrets } from '../core/image-address.ts';
import type { FleetOrder } from '../engine/fleet.ts';
import { fleetRunSpecSchema, type FleetRunSpec } from './fleet-run.ts';

/**
 * @param options.remoteAtOnce how many tiles a machine asks a remote model about at the same time; without it these are refused
 * @throws {GigatileError} usage for models that run elsewhere anyway
 */
export function specOf(
  order: FleetOrder,
  software: string,
  { fixedChunks, remoteAtOnce }: { fixedChunks: boolean; remoteAtOnce?: number },
): FleetRunSpec {
  const { run, image, keepAll, tileTimeoutMs } = order;
  const { provider = 'cpu', batch } = run.parameters;
  const isRemote = run.manifest.remote !== undefined;
  if (isRemote && remoteAtOnce === undefined) {
    throw new GigatileError('usage', 'A remote model has machines of its own: leave --queue out');
  }
  return fleetRunSpecSchema.parse({
    schema: 1,
    software,
    image: { ...image, address: isUrl(image.path) ? withoutSecrets(image.path) : image.path },
    model: {
      sha256: run.modelSha256,
      manifest: run.manifest,
      fileIndex: run.fit.fileIndex,
      bandIndexes: run.fit.bandIndexes,
    },
    grid: run.grid,
    keepAll,
    jpeg: run.parameters.jpeg ?? 'fast',
    provider: (provider === 'auto' ? 'cpu' : provider) satisfies ExecutionProvider,
    ...(batch !== undefined && { batch }),
    tileTimeoutMs,
    ...(isRemote && { remote: { atOnce: remoteAtOnce } }),
    fixedChunks,
    analysis: {
      parameters: run.parameters,
      threshold: run.threshold,
      notes: run.fit.notes,
      wholeImage: run.fit.wholeImage,
      gate: run.fit.gate,
    },
  });
}
