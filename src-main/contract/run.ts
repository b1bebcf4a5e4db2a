/** Runs and tiles as data: states, parameters, progress. The prose is in src-main/engine/README.md. */
import { z } from 'zod';
import { plainErrorSchema } from './errors.ts';
import { budgetSchema, remoteUsageSchema, sceneDescriptionSchema, tileNoteSchema } from './model-remote.ts';

/** The number is what is stored in the case file and sent in tile frames: never renumber. */
export const tileStates = ['pending', 'running', 'done', 'waiting', 'failed', 'skipped'] as const;
export const tileStateSchema = z.enum(tileStates);
export type TileState = z.infer<typeof tileStateSchema>;
export const tileStateCode = {
  pending: 0,
  running: 1,
  done: 2,
  waiting: 3,
  failed: 4,
  skipped: 5,
} as const satisfies Record<TileState, number>;

/** Why a tile was skipped; the number is stored. 0 = not skipped. */
export const skipReasons = ['none', 'background', 'no-data', 'outside-region', 'content-gate'] as const;
export type SkipReason = (typeof skipReasons)[number];

export const runStateSchema = z.enum([
  'running',
  'paused',
  'interrupted',
  'cancelled',
  'complete',
  'complete-with-gaps',
  'failed',
]);
export type RunState = z.infer<typeof runStateSchema>;

export const runStepSchema = z.enum(['preprocess', 'analyze', 'synthesize', 'store', 'finished']);
export type RunStep = z.infer<typeof runStepSchema>;

export const rectSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().nonnegative(),
  height: z.number().nonnegative(),
});
/** Level-0 pixels, origin top-left. */
export type Rect = z.infer<typeof rectSchema>;

export const toleranceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('count'), value: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('percent'), value: z.number().min(0).max(100) }),
]);
export type Tolerance = z.infer<typeof toleranceSchema>;

/** So many tiles, or such a part of those that are not skipped. */
export const amountSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('count'), value: z.number().int().positive() }),
  z.object({ kind: z.literal('percent'), value: z.number().positive().max(100) }),
]);
export type Amount = z.infer<typeof amountSchema>;

/**
 * Why a run came to its end. `all-ended`: no tile was left; `minimum-reached`: as many as were wanted are done, others were not tried;
 * `tolerance-exceeded`: more failed than is tolerated.
 */
export const completionSchema = z.enum(['all-ended', 'minimum-reached', 'tolerance-exceeded']);
export type Completion = z.infer<typeof completionSchema>;

export const mergeSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('exact') }),
  z.object({
    mode: z.literal('sahi'),
    type: z.enum(['NMS', 'NMM', 'GREEDYNMM']),
    metric: z.enum(['IOU', 'IOS']),
    threshold: z.number().min(0).max(1),
  }),
]);
export type Merge = z.infer<typeof mergeSchema>;

/** What the person chose; anything left out takes the model's or the engine's default. */
/**
 * How JPEG tiles become pixels for the model: `fast` (the default; differs from the exact transform by at most 5 of 255, on
 * average by less than 1) or `exact` (as libjpeg, OpenSlide and GDAL decode; about a third of the speed).
 */
export const jpegDecoderSchema = z.enum(['fast', 'exact']);
export type JpegDecoder = z.infer<typeof jpegDecoderSchema>;

/** What a model can run on. Which of them a machine has, "gigatile doctor" says. */
export const executionProviders = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export const executionProviderSchema = z.enum(executionProviders);
export type ExecutionProvider = z.infer<typeof executionProviderSchema>;

/** `auto`: the quickest that works here and whose results agree with those of the processor. */
export const providerChoiceSchema = z.enum([...executionProviders, 'auto']);
export type ProviderChoice = z.infer<typeof providerChoiceSchema>;

/**
 * `attention` (the default): what is looked at first, then around likely findings, then along the file's own tiles; `native`: along
 * the file's own tiles alone. The results are the same.
 */
export const runOrders = ['attention', 'native'] as const;
export const runOrderSchema = z.enum(runOrders);
export type RunOrder = z.infer<typeof runOrderSchema>;

/** A classifier that looks at the image first: tiles where it sees none of `accept` are skipped. */
export const gateSchema = z.object({
  /** `image`: it looks at the whole image at once, and lets all tiles through or none; tile by tile where left out. */
  scope: z.enum(['tiles', 'image']).optional(),
  /** Id of a built-in model, or a path. */
  model: z.string().min(1),
  /** Names of its classes. */
  accept: z.array(z.string().min(1)).min(1),
  /** Their probability together, from which a tile is looked at; 0.5 where left out. */
  from: z.number().min(0).max(1).optional(),
});

export const runParametersSchema = z.object({
  /** Tile edge in model pixels. */
  tileSize: z.number().int().positive().optional(),
  /** Cut the image into columns x rows tiles instead. */
  grid: z.object({ columns: z.number().int().positive(), rows: z.number().int().positive() }).optional(),
  /** Cut the image as SAHI does instead: slices of a size in model pixels, or those that it chooses (core/sahi-grid.ts). */
  slices: z
    .discriminatedUnion('by', [
      z.object({
        by: z.literal('size'),
        width: z.number().int().positive(),
        height: z.number().int().positive(),
        /** Part of a slice that it shares with its neighbour; 0.2 where left out. */
        ratio: z.number().min(0).lt(1).optional(),
      }),
      z.object({ by: z.literal('auto') }),
    ])
    .optional(),
  overlap: z
    .discriminatedUnion('unit', [
      z.object({ unit: z.literal('px'), value: z.number().int().nonnegative() }),
      z.object({ unit: z.literal('percent'), value: z.number().min(0).max(90) }),
    ])
    .optional(),
  /** µm per pixel of the image, where the file does not say or says it wrong. */
  mpp: z.number().positive().optional(),
  /** Region of interest: polygon rings in level-0 pixels; the tiles that touch none of them are skipped. */
  roi: z.array(z.array(z.tuple([z.number(), z.number()])).min(3)).optional(),
  /** Polygon rings that are left out: the tiles that lie wholly in one of them are skipped. */
  exclude: z.array(z.array(z.tuple([z.number(), z.number()])).min(3)).optional(),
  /** Models of stained tissue: `macenko` estimates the stains from this image; the published ones where left out. */
  stain: z.enum(['fixed', 'macenko']).optional(),
  /** Detectors: look at the whole image once too, scaled to the model's input, for objects larger than a tile (SAHI's full-image pass). */
  fullImage: z.boolean().optional(),
  workers: z.number().int().positive().max(64).optional(),
  /** Threads of each worker, and tiles that the model is given at once; what is left out is measured once a machine. */
  threads: z.number().int().positive().max(256).optional(),
  batch: z.number().int().positive().max(256).optional(),
  /** `cpu` by default. */
  provider: providerChoiceSchema.optional(),
  tolerate: toleranceSchema.optional(),
  /** The run ends once so many tiles are done; one that ends with fewer has failed. */
  minSuccessful: amountSchema.optional(),
  /** The run ends as soon as more tiles have failed than are tolerated; left out, everything is done that can be done. */
  failFast: z.boolean().optional(),
  /** A tile that takes longer is given up, seconds; GIGATILE_TILE_TIMEOUT_S, or two minutes, where left out. */
  tileTimeout: z.number().int().positive().max(86_400).optional(),
  threshold: z.number().min(0).max(1).optional(),
  merge: mergeSchema.optional(),
  jpeg: jpegDecoderSchema.optional(),
  gate: gateSchema.optional(),
  order: runOrderSchema.optional(),
  /** Tiles are analysed by the workers of this queue, on other machines; its address without user and password. */
  queue: z.string().optional(),
  /** Remote models: the run is paused when it has cost so much. */
  budget: budgetSchema.optional(),
  /** Remote models: who writes the description of the whole image; `rules` by default. */
  describe: z.enum(['rules', 'remote']).optional(),
});
export type RunParameters = z.infer<typeof runParametersSchema>;

export const tileCountsSchema = z.object({
  total: z.number().int(),
  pending: z.number().int(),
  running: z.number().int(),
  waiting: z.number().int(),
  done: z.number().int(),
  skipped: z.number().int(),
  failed: z.number().int(),
});
export type TileCounts = z.infer<typeof tileCountsSchema>;

/** Geometry of a run's tiles; all the screens and reports need to place them. See core/grid.ts. */
export const gridPlanSchema = z.object({
  /** Size of level 0. */
  imageWidth: z.number().int().positive(),
  imageHeight: z.number().int().positive(),
  /** Level-0 pixels per model pixel. */
  scaleX: z.number().positive(),
  scaleY: z.number().positive(),
  /** Tile size and overlap in model pixels. */
  tileWidth: z.number().int().positive(),
  tileHeight: z.number().int().positive(),
  overlap: z.number().int().nonnegative(),
  /** Overlap of the rows, where it is not that of the columns. */
  overlapY: z.number().int().nonnegative().optional(),
  columns: z.number().int().positive(),
  rows: z.number().int().positive(),
});
export type GridPlan = z.infer<typeof gridPlanSchema>;

export const runViewSchema = z.object({
  id: z.string(),
  caseId: z.string(),
  modelId: z.string(),
  modelName: z.string(),
  modelVersion: z.string(),
  modelSha256: z.string(),
  parameters: runParametersSchema,
  /** The threshold in force by default: the person's or the model's. */
  threshold: z.number(),
  state: runStateSchema,
  step: runStepSchema,
  /** null until preprocess has made the grid. */
  grid: gridPlanSchema.nullable(),
  tiles: tileCountsSchema,
  /** Findings at or above `threshold`; while tiles are analysed, those of the tiles that a screen was shown. */
  findings: z.number().int(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Seconds of work so far, pauses left out. */
  seconds: z.number(),
  /** Execution provider that was used: cpu, cuda … */
  provider: z.string().nullable(),
  /** Why the run is paused, failed or interrupted, for a person. */
  reason: z.string().nullable(),
  /** Why it came to its end; absent before that, and in runs that ended under earlier versions. */
  completion: completionSchema.optional(),
  /** Remote models only: what the run has cost, and after synthesize the description of the image. */
  usage: remoteUsageSchema.optional(),
  scene: sceneDescriptionSchema.optional(),
});
export type RunView = z.infer<typeof runViewSchema>;

/** A message on the live stream of a run; at most 10 a second. */
export const runEventSchema = z.object({
  run: runViewSchema,
  /** Revision of the newest committed tile state: ask `/tile-states` for what came after the one you have. */
  revision: z.number().int(),
  /** Tiles that ended per second, over the last ten seconds; null while unknown. */
  tilesPerSecond: z.number().nullable(),
  /** Seconds to go; null while unknown. */
  etaSeconds: z.number().nullable(),
  lastError: plainErrorSchema.nullable(),
  /**
   * Workers on this machine: how many are at it now, how many are wanted (fewer are at it where several runs share the cores), and how many
   * make sense. Absent while there are none.
   */
  workers: z
    .object({
      now: z.number().int().positive(),
      wanted: z.number().int().positive(),
      most: z.number().int().positive(),
    })
    .optional(),
  /** 0-1 while a large image without tiles is being prepared, which the run waits for; else absent. */
  preparation: z.number().optional(),
  /** 0-1 while the content gate looks through the image; else absent. */
  gate: z.number().optional(),
  /** 0-1 while it is measured how the model runs quickest on this machine; else absent. */
  tuning: z.number().optional(),
  /** Findings are those of so many tiles, merged before all were done; the number is another one with each merge. Else absent. */
  provisional: z.object({ tiles: z.number().int(), revision: z.number().int() }).optional(),
});
export type RunEvent = z.infer<typeof runEventSchema>;

export const tileViewSchema = z.object({
  index: z.number().int(),
  column: z.number().int(),
  row: z.number().int(),
  /** What the model sees, level-0 pixels. */
  rect: rectSchema,
  /** The cell that this tile owns. */
  core: rectSchema,
  state: tileStateSchema,
  attempts: z.number().int(),
  skipReason: z.string().nullable(),
  /** 0-1 as painted; null while unknown. */
  score: z.number().nullable(),
  /** Named numbers from the model: tile values or class fractions. */
  values: z.array(z.object({ name: z.string(), value: z.number() })),
  /** Sharpness of its pixels (core/quality/focus.ts); null: not measured, or nothing to measure. */
  sharpness: z.number().nullable(),
  /** Fraction of its core that is covered by pen, 0-1. */
  pen: z.number(),
  /** Detections kept in this tile, before merging. */
  detections: z.number().int(),
  error: plainErrorSchema.nullable(),
  /** What a remote model said of the tile. */
  note: tileNoteSchema.optional(),
  /** When a waiting tile is tried again. */
  wakesAt: z.string().nullable(),
});
export type TileView = z.infer<typeof tileViewSchema>;

export const failureGroupSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** What a person can do about it. */
  hint: z.string().optional(),
  count: z.number().int(),
  /** The first few tiles. */
  tiles: z.array(z.number().int()),
});
export type FailureGroup = z.infer<typeof failureGroupSchema>;
