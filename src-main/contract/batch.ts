/** A batch: one model over many images, one case each. What a screen and a script see of it. */
import { z } from 'zod';
import { plainErrorSchema } from './errors.ts';
import { runParametersSchema } from './run.ts';

/** `paused` items are left out until a person lets them go on; the others wait for their turn. */
export const batchItemStates = [
  'waiting',
  'running',
  'paused',
  'complete',
  'complete-with-gaps',
  'failed',
  'cancelled',
] as const;
export const batchItemStateSchema = z.enum(batchItemStates);
export type BatchItemState = z.infer<typeof batchItemStateSchema>;

/** `interrupted`: the program was closed while it went on; it goes on where it was when a person says so. */
export const batchStateSchema = z.enum(['running', 'paused', 'interrupted', 'cancelled', 'finished']);
export type BatchState = z.infer<typeof batchStateSchema>;

export const batchTilesSchema = z.object({
  total: z.number().int(),
  done: z.number().int(),
  skipped: z.number().int(),
  failed: z.number().int(),
});

export const batchItemSchema = z.object({
  index: z.number().int(),
  /** File name of the image. */
  name: z.string(),
  state: batchItemStateSchema,
  /** The case had the same analysis already: it was not done again. */
  reused: z.boolean(),
  /** null before its tiles are known. */
  tiles: batchTilesSchema.nullable(),
  /** Tiles that a run still has to do a second; null while unknown. */
  etaSeconds: z.number().nullable(),
  findings: z.number().int().nullable(),
  seconds: z.number(),
  /** Why it failed or is paused. */
  error: plainErrorSchema.nullable(),
  /** Run of the case. */
  runId: z.string().nullable(),
});
export type BatchItem = z.infer<typeof batchItemSchema>;

/** Reports of a batch while they are written. */
export const batchReportingSchema = z.object({
  /** In the archive, whole. */
  done: z.number().int(),
  /** Images whose report could not be made; the archive says why. */
  failed: z.number().int(),
  /** Reports to write. */
  total: z.number().int(),
  /** Index of the image in work; null between two. */
  image: z.number().int().nullable(),
  /** Somebody has cancelled them: they end as soon as may be. */
  isStopping: z.boolean(),
});
export type BatchReporting = z.infer<typeof batchReportingSchema>;

/** How they ended. Of those that were cancelled or failed no file is there; an older one of that name is as it was. */
export const batchReportedSchema = batchReportingSchema.omit({ image: true, isStopping: true }).extend({
  outcome: z.enum(['written', 'cancelled', 'failed']),
  /** Why they failed as a whole. */
  error: plainErrorSchema.nullable(),
});
export type BatchReported = z.infer<typeof batchReportedSchema>;

export const batchSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  modelName: z.string(),
  parameters: runParametersSchema,
  createdAt: z.string(),
  state: batchStateSchema,
  /** Why it is paused, where nobody paused it. */
  reason: z.string().nullable(),
  total: z.number().int(),
  /** Images by state. */
  counts: z.record(batchItemStateSchema, z.number().int()),
  findings: z.number().int(),
  /** null while none are written. */
  reporting: batchReportingSchema.nullable(),
  /** Of the last ones, until others are begun, the batch goes on or the program ends. */
  reported: batchReportedSchema.nullable(),
});
export type BatchSummary = z.infer<typeof batchSummarySchema>;

/** A report of each image, in one archive. */
export const batchReportFormatSchema = z.enum(['pdf', 'html']);
export type BatchReportFormat = z.infer<typeof batchReportFormatSchema>;

export const batchEventSchema = z.object({
  batch: batchSummarySchema,
  /** Those that changed since the message before; all of them in the first. */
  items: z.array(batchItemSchema),
});
export type BatchEvent = z.infer<typeof batchEventSchema>;
