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
