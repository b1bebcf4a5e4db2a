/** Two runs of a case against each other: which findings both have, which only one of them, and how far they agree. */
import { z } from 'zod';
import { findingViewSchema } from './finding.ts';

/**
 * `both`: matched, and of the same class; `other-class`: matched, but of another class (only where classes need not be the same).
 * The number is what is sent in comparison frames: never renumber.
 */
export const comparisonGroups = ['both', 'only-a', 'only-b', 'other-class'] as const;
export const comparisonGroupSchema = z.enum(comparisonGroups);
export type ComparisonGroup = z.infer<typeof comparisonGroupSchema>;
export const groupCode = { both: 0, 'only-a': 1, 'only-b': 2, 'other-class': 3 } as const satisfies Record<
  ComparisonGroup,
  number
>;

/** What was compared as a file: a line for each object, or a feature. */
export const differencesFormatSchema = z.enum(['csv', 'geojson']);
export type DifferencesFormat = z.infer<typeof differencesFormatSchema>;

/** Below this, boxes that hardly touch would be called the same object. */
export const leastIou = 0.05;
export const usualIou = 0.5;

export const comparisonOptionsSchema = z.object({
  /** Two findings are the same object where their IoU is at least this. */
  iou: z.number().min(leastIou).max(1).optional(),
  /** Only findings of the same class (by name) match. Left out: where the two runs have a class in common. */
  classAware: z.boolean().optional(),
  /** Findings from these scores on; the runs' own thresholds where left out. */
  thresholdA: z.number().min(0).max(1).optional(),
  thresholdB: z.number().min(0).max(1).optional(),
  /** Findings that a reviewer rejected are compared too; left out they are not. */
  withRejected: z.boolean().optional(),
});
export type ComparisonOptions = z.infer<typeof comparisonOptionsSchema>;

const groupCountsSchema = z.object({
  both: z.number().int(),
  onlyA: z.number().int(),
  onlyB: z.number().int(),
  otherClass: z.number().int(),
});
export type GroupCounts = z.infer<typeof groupCountsSchema>;

/** With A as the reference. Each is null where it is not defined: nothing to divide by. */
export const referenceScoresSchema = z.object({
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
});
export type ReferenceScores = z.infer<typeof referenceScoresSchema>;

export const tileAgreementSchema = z.object({
  /** Tiles that are done in both runs and have a score in both. */
  compared: z.number().int(),
  /** Of the tiles' scores as painted (0-1), B less A. */
  meanDifference: z.number(),
  meanAbsoluteDifference: z.number(),
  /** What the kappa is about: the strongest class of each tile, or whether its score reaches the threshold. */
  by: z.enum(['class', 'threshold', 'none']),
  /** Tiles of which both say the same; null by `none`. */
  agreed: z.number().int().nullable(),
  /** Cohen's kappa; null by `none`, and where it is not defined (both always say the same one thing). */
  kappa: z.number().nullable(),
});
export type TileAgreement = z.infer<typeof tileAgreementSchema>;

export const comparisonSummarySchema = z.object({
  /** Of this comparison, for `page`, `place` and the frame. */
  id: z.string(),
  runA: z.string(),
  runB: z.string(),
  /** What was in force. */
  options: comparisonOptionsSchema.required(),
  counts: groupCountsSchema,
  /** Under the class that A gives; findings of B alone under B's. */
  byClass: z.array(groupCountsSchema.extend({ name: z.string() })),
  reference: referenceScoresSchema,
  /** Mean IoU of the matched; null where there are none. */
  meanIou: z.number().nullable(),
  /** Cohen's kappa over the classes of the matched; null where classes had to be the same, or it is not defined. */
  classKappa: z.number().nullable(),
  /** Only where both runs cut the image into the same tiles. */
  tiles: tileAgreementSchema.nullable(),
});
export type ComparisonSummary = z.infer<typeof comparisonSummarySchema>;

export const comparisonListSchema = z.object({
  groups: z.array(comparisonGroupSchema).min(1).max(4),
  /** A class by name; all where left out. */
  className: z.string().optional(),
  /** `position`: along rows of the image, so that neighbours come one after another. */
  sort: z.enum(['score', 'position']).default('score'),
});
export type ComparisonList = z.input<typeof comparisonListSchema>;

/** One object that both found, or one of them. */
export const comparedFindingSchema = z.object({
  /** Its place in the comparison's frame. */
  index: z.number().int(),
  group: comparisonGroupSchema,
  a: findingViewSchema.nullable(),
  b: findingViewSchema.nullable(),
  /** null where it is not matched. */
  iou: z.number().nullable(),
});
export type ComparedFinding = z.infer<typeof comparedFindingSchema>;
