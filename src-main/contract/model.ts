/** `gigatile.json`: what a model is, stated, never guessed. Schema version 1. */
import { z } from 'zod';
import { pixelTypeSchema } from './image.ts';
import { modelInputSchema } from './model-input.ts';
import { modelOutputsSchema } from './model-outputs.ts';
import { remoteModelSchema } from './model-remote.ts';

export const modelClassSchema = z.object({
  name: z.string().min(1),
  /** sRGB, 0-255; chosen to be told apart by colour-blind eyes and to be visible on the image. */
  color: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
});

/** Optical density of red, green and blue. */
const stainVectorSchema = z.tuple([z.number(), z.number(), z.number()]);

/** Two stains that the graph takes apart by weights of its own; a run may give those of its slide instead. */
export const modelStainsSchema = z.object({
  /** The initializer: float32 [2, 3, 1, 1], raw data; rows that turn optical densities (log10) into amounts of both. */
  weights: z.string().min(1),
  names: z.tuple([z.string(), z.string()]),
  /** The pure stains; the first takes more of the red. */
  vectors: z.tuple([stainVectorSchema, stainVectorSchema]),
  /** Of a run: how `vectors` were estimated from its image; absent: they are the model's. */
  estimated: z.literal('macenko').optional(),
});

export const modelManifestSchema = z.object({
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  name: z.string().min(1),
  version: z.string().min(1),
  task: z.enum(['classify', 'detect', 'segment', 'regress']),
  license: z.string(),
  description: z.string(),
  /** The model card's known limits, a sentence each; shown beside the model and in every report. */
  limits: z.array(z.string()),
  references: z.array(z.string()),
  /** One file for each pixel type of the image that is supported; the first that fits is used. */
  files: z
    .array(
      z.object({
        file: z.string().min(1),
        /** Pixel types of the image that this file takes. */
        imageTypes: z.array(pixelTypeSchema).min(1),
        /** Overrides `input.dtype` for this file. */
        dtype: modelInputSchema.shape.dtype.optional(),
      }),
    )
    .min(1),
  /** µm per pixel that the model was made for; null where it takes pixels of any size (satellite scenes). */
  mpp: z.number().positive().nullable(),
  input: modelInputSchema,
  stains: modelStainsSchema.optional(),
  /** Metres per pixel that a model of scenes was made for, where it says so and `mpp` is null; null or absent: any. */
  metresPerPixel: z.number().positive().nullable().optional(),
  /** Context that a result needs on each side, in model pixels: overlap >= 2 * halo makes tiling exact. */
  halo: z.number().int().nonnegative(),
  outputs: modelOutputsSchema,
  classes: z.array(modelClassSchema).min(1),
  /** Index of the class that is "nothing of interest" (never a finding); null where there is none. */
  backgroundClass: z.number().int().nonnegative().nullable(),
  /** Default confidence from which something counts as a finding. */
  threshold: z.number().min(0).max(1),
  /** Lowest confidence that is kept in the case, so that the threshold can be moved afterwards. */
  keepFrom: z.number().min(0).max(1),
  /**
   * What a tile's colour shows. `density`: detections per mm² (or km²) relative to `full`;
   * `class`: the strongest class and its fraction; `value`: one of `tileValues`, relative to `full`.
   */
  tileColor: z.discriminatedUnion('by', [
    z.object({ by: z.literal('density'), full: z.number().positive() }),
    z.object({ by: z.literal('class') }),
    z.object({ by: z.literal('value'), value: z.string(), full: z.number().positive() }),
  ]),
  /**
   * Segmenters across tile borders: `blend` (the default where tiles overlap) weighs the neighbours' probabilities in the overlap,
   * `centre` takes each pixel from the tile whose core holds it.
   */
  seams: z.enum(['blend', 'centre']).optional(),
  /** Segmenters: regions and holes smaller than this many model pixels are noise. */
  smallestRegion: z.number().int().nonnegative().optional(),
  /**
   * A model that runs on another computer. `files` then names gigatile.json itself (its SHA-256 is the model's: prompt, endpoint and
   * all), `input` says which bands are sent and how large tiles are, and of `outputs` only `tileValues` has a meaning.
   */
  remote: remoteModelSchema.optional(),
  /** How background is recognised before the model runs. */
  background: z.enum(['tissue', 'nodata', 'none']),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;

export const modelCardSchema = z.object({
  manifest: modelManifestSchema,
  builtIn: z.boolean(),
  /** Opaque id of the file, of a model that a person has added: runs are started with it. */
  fileId: z.string().optional(),
  /** SHA-256 of each file of the manifest, in order; hex. Of a file with weights beside it: of its own and theirs (`modelHash`). */
  sha256: z.array(z.string()),
  /** Weights that lie in files of their own, and their SHA-256. */
  externalData: z.array(z.object({ file: z.string(), sha256: z.string() })).optional(),
  /** What a person should know about how the model was read, a sentence each. */
  notes: z.array(z.string()).optional(),
  /** Where what was read: for instance { task: 'gigatile.json' }. */
  readFrom: z.record(z.string(), z.string()),
});
export type ModelCard = z.infer<typeof modelCardSchema>;
