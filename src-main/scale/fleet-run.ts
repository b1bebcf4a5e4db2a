/** What a worker on another machine has to know of a run: nothing of the person's folders but the image's address. */
import { z } from 'zod';
import { modelManifestSchema } from '../contract/model.ts';
import { executionProviderSchema, gridPlanSchema, jpegDecoderSchema } from '../contract/run.ts';

export const fleetRunSpecSchema = z.object({
  schema: z.literal(1),
  /** What sent it. */
  software: z.string(),
  image: z.object({
    /** Where the desktop reads it: a path, which workers map to theirs, or an http(s) address without secrets. */
    address: z.string(),
    name: z.string(),
    bytes: z.number().nonnegative(),
    fingerprint: z.string().min(1),
  }),
  model: z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    manifest: modelManifestSchema,
    fileIndex: z.number().int().nonnegative(),
    bandIndexes: z.array(z.number().int().nonnegative()),
  }),
  grid: gridPlanSchema,
  /** Also detections whose centre another tile owns. */
  keepAll: z.boolean(),
  jpeg: jpegDecoderSchema,
  /** Only this one; another machine may have others, and findings must not depend on who found them. */
  provider: executionProviderSchema,
  batch: z.number().int().positive().optional(),
  tileTimeoutMs: z.number().positive(),
});
export type FleetRunSpec = z.infer<typeof fleetRunSpecSchema>;
