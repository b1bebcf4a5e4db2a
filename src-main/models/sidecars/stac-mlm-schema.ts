/** The fields of a STAC item with MLM 1.4 that are read; all others are left alone. */
import { z } from 'zod';

const text = z.string().max(100_000);
const few = 1000;
const structure = z.object({
  shape: z.array(z.number().int().min(-1)).min(1).max(8),
  dim_order: z.array(z.string().max(50)).min(1).max(8),
  data_type: z.string().max(50),
});
const custom = z.unknown().optional();

export const scalingSchema = z.object({
  type: z.string().max(50).nullable(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  mean: z.number().optional(),
  stddev: z.number().optional(),
  value: z.number().optional(),
});

export const stacInputSchema = z.object({
  name: text,
  bands: z
    .array(z.union([z.string().max(200), z.object({ name: z.string().max(200), expression: custom })]))
    .max(few),
  input: structure,
  value_scaling: z.array(scalingSchema).min(1).max(few).nullish(),
  /** Of MLM before 1.4. */
  norm_type: custom,
  resize_type: z.string().max(100).nullish(),
  pre_processing_function: custom,
});

export const stacOutputSchema = z.object({
  name: text,
  tasks: z.array(z.string().max(100)).max(few),
  result: structure,
  'classification:classes': z
    .array(
      z.object({
        value: z.number().int().min(0).max(100_000),
        name: z.string().max(1000).optional(),
        title: z.string().max(1000).optional(),
        color_hint: z
          .string()
          .regex(/^[0-9a-f]{6}$/i)
          .optional(),
      }),
    )
    .max(100_000)
    .nullish(),
  post_processing_function: custom,
});

const bandSchema = z.object({
  name: z.string().max(200).optional(),
  common_name: z.string().max(100).optional(),
  'eo:common_name': z.string().max(100).optional(),
  gsd: z.number().positive().optional(),
});
const bandList = z.array(bandSchema).max(few).optional();
const bandLists = { bands: bandList, 'eo:bands': bandList, 'raster:bands': bandList };

export const itemSchema = z.object({
  properties: z.object({
    'mlm:name': z.string().min(1).max(1000),
    'mlm:tasks': z.array(z.string().max(100)).max(few).optional(),
    'mlm:input': z.array(stacInputSchema).max(few),
    'mlm:output': z.array(stacOutputSchema).max(few),
    description: text.optional(),
    license: z.string().max(1000).optional(),
    gsd: z.number().positive().optional(),
    ...bandLists,
  }),
  assets: z.record(z.string(), z.object({ href: text, roles: z.array(z.string()).optional(), ...bandLists })),
});

export type StacItem = z.infer<typeof itemSchema>;
export type StacInput = z.infer<typeof stacInputSchema>;
export type StacBand = z.infer<typeof bandSchema>;
