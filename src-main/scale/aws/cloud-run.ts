/** What starts a run in the cloud, and what it ends with: small enough for any checkpoint. */
import { z } from 'zod';
import { remoteUsageSchema } from '../../contract/model-remote.ts';
import { runParametersSchema, runStateSchema, tileCountsSchema } from '../../contract/run.ts';

export const cloudRunSchema = z.object({
  /** `s3://bucket/key`, read with the function's role; an http(s) address (a presigned one too); or a path that the functions mount. */
  image: z.string().min(1),
  /** Id of a built-in model, or a path in the container or on such a file system. */
  model: z.string().min(1),
  parameters: runParametersSchema.optional(),
  /** Of a remote model: who agrees that pixels of the image go to its endpoint. */
  consentBy: z.string().min(1).max(200).optional(),
  /** Where its objects lie in the store. */
  prefix: z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/),
  /** Tiles a chunk, at least; more where there would be too many chunks. */
  chunkTiles: z.number().int().positive().optional(),
  /** Chunks at the same time. */
  atOnce: z.number().int().positive().optional(),
});
export type CloudRun = z.infer<typeof cloudRunSchema>;

export const cloudResultSchema = z.object({
  state: runStateSchema,
  reason: z.string().nullable(),
  tiles: tileCountsSchema,
  findings: z.number().int(),
  /** Of a remote model: what it has cost. */
  usage: remoteUsageSchema.optional(),
  /** Keys of what was written, by export format; `case` is the case file. */
  keys: z.record(z.string(), z.string()),
});
export type CloudResult = z.infer<typeof cloudResultSchema>;
