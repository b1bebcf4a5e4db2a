/** A run in the queue as another desktop needs it, to take the same results into a case of its own. */
import { GigatileError } from '../contract/errors.ts';
import type { FleetAnalysis } from '../engine/fleet.ts';
import { runOf } from './fleet-acts.ts';
import { fleetRunSpecSchema } from './fleet-run.ts';
import type { QueueConnection } from './queue/connection.ts';

/** @throws {GigatileError} run-not-found, queue-refused */
export async function fleetAnalysis(
  { database }: QueueConnection,
  beginning: string,
): Promise<FleetAnalysis> {
  const run = await runOf(database, beginning);
  const [row] = await database.query<{ spec: unknown }>('SELECT spec FROM run WHERE id = $1', [run]);
  const spec = fleetRunSpecSchema.parse(row?.spec);
  if (spec.analysis === undefined) {
    throw new GigatileError('queue-refused', 'An earlier version submitted this run: it cannot be followed', {
      where: database.address.label,
      hint: 'Its results come into the case that it was submitted from.',
    });
  }
  const { parameters, threshold, notes, wholeImage, gate } = spec.analysis;
  const { sha256, manifest, fileIndex, bandIndexes } = spec.model;
  return {
    run,
    image: { name: spec.image.name, fingerprint: spec.image.fingerprint },
    plan: {
      modelSha256: sha256,
      manifest,
      fit: {
        fileIndex,
        bandIndexes,
        notes,
        ...(wholeImage && { wholeImage }),
        // A built-in one is found by its content.
        ...(gate && { gate: { ...gate, modelPath: '' } }),
      },
      parameters: { ...parameters, queue: database.address.label },
      threshold,
      grid: spec.grid,
    },
  };
}
