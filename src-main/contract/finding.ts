/** Findings and what a reviewer decides about them. */
import { z } from 'zod';
import { rectSchema } from './run.ts';

export const verdictSchema = z.enum(['accepted', 'rejected']);
export type Verdict = z.infer<typeof verdictSchema>;

/**
 * An outline: polygons, each a list of rings (x0, y0, x1, y1 …, closed without repeating the first point), of which the first is
 * the outer border and the others are holes; and the key points of a pose (x, y, confidence 0-1 of each). Level-0 pixels.
 */
export const shapeSchema = z.object({
  polygons: z.array(z.array(z.array(z.number()))),
  keypoints: z.array(z.number()),
});

export type Shape = z.infer<typeof shapeSchema>;

export const findingViewSchema = z.object({
  /** UUID; the same for the same image, model and parameters. */
  id: z.string(),
  /** Position in the run's list: score descending, then y, x. */
  ordinal: z.number().int(),
  /** `region`: connected pixels of one class, from a segmenter. */
  kind: z.enum(['detection', 'tile', 'region']),
  /** Level-0 pixels. */
  box: rectSchema,
  classIndex: z.number().int(),
  className: z.string(),
  /** What the model said, where a reviewer gave another class: `classIndex` and `className` are what is in force. */
  modelClassName: z.string().optional(),
  score: z.number(),
  /** Only where the model gives more than a box: level-0 pixels. */
  shape: shapeSchema.optional(),
  /** Tile of the grid that owns the centre. */
  tile: z.number().int(),
  verdict: verdictSchema.nullable(),
  /** A reviewer's note; absent where there is none. */
  note: z.string().optional(),
  reviewer: z.string().nullable(),
  decidedAt: z.string().nullable(),
  /** The run goes on, and tiles that see this place are still to come: it may change, or become a part of another one. */
  provisional: z.literal(true).optional(),
});
export type FindingView = z.infer<typeof findingViewSchema>;

export const findingSummarySchema = z.object({
  /** At or above the asked threshold. */
  total: z.number().int(),
  accepted: z.number().int(),
  rejected: z.number().int(),
  undecided: z.number().int(),
  byClass: z.array(z.object({ name: z.string(), count: z.number().int() })),
  /** Number of findings in 20 equal bins of score, 0 to 1, whatever the threshold. */
  histogram: z.array(z.number().int()).length(20),
  /** Analysed area (cores of done tiles), mm² for slides, km² for geo; null without a physical size. */
  analysedArea: z.object({ value: z.number(), unit: z.enum(['mm²', 'km²']) }).nullable(),
  /** Of the done tiles: how many could be judged for focus, are out of focus, are partly covered by pen. */
  quality: z.object({ judged: z.number().int(), blurred: z.number().int(), pen: z.number().int() }),
  /** Area fraction of each class over the analysed area, for segmenters; else empty. */
  areaFractions: z.array(z.object({ name: z.string(), fraction: z.number() })),
});
export type FindingSummary = z.infer<typeof findingSummarySchema>;
