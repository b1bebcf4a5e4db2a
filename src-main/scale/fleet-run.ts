/** What a worker on another machine has to know of a run: nothing of the person's folders but the image's address. */
import { z } from 'zod';
import { modelManifestSchema } from '../contract/model.ts';
import {
  executionProviderSchema,
  gridPlanSchema,
  jpegDecoderSchema,
  runParametersSchema,
} from '../contract/run.ts';

/** A content gate without the path of its model. */
const gateSpecSchema = z.object({
  modelSha256: z.string(),
  manifest: modelManifestSchema,
  fileIndex: z.number().int().nonnegative(),
  bandIndexes: z.array(z.number().int().nonnegative()),
  scope: z.enum(['tiles', 'image']).optional(),
  grid: gridPlanSchema,
  accept: z.array(z.number().int()),
  from: z.number(),
});

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
  /** The model is somewhere else, and is asked about so many tiles at the same time. */
  remote: z.object({ atOnce: z.number().int().positive() }).optional(),
  /** A person fixed how many tiles a chunk holds; else workers cut chunks to size. */
  fixedChunks: z.boolean().optional(),
  /** What else makes the run, for another case that takes its results. Absent in those of earlier versions. */
  analysis: z
    .object({
      parameters: runParametersSchema,
      threshold: z.number(),
      notes: z.array(z.string()),
      wholeImage: gridPlanSchema.optional(),
      gate: gateSpecSchema.optional(),
    })
    .optional(),
});
export type FleetRunSpec = z.infer<typeof fleetRunSpecSchema>;
