/** Decisions of reviewers: what they are, how they came about, and how far reviewers agree. */
import { z } from 'zod';
import { verdictSchema } from './finding.ts';

/** Longest note, characters. */
export const longestNote = 2000;

/** Which findings a list has, and in which order. */
export const findingListSchema = z.object({
  /** `uncertainty`: the closest calls first (two classes nearly equal, or a score near the run's threshold); `area`: the largest first. */
  sort: z.enum(['score', 'uncertainty', 'class', 'area', 'position']).default('score'),
  /** The other way round. */
  reverse: z.boolean().optional(),
  /** `disagreed`: reviewers differ; `relabelled`: with another class than the model's. */
  verdict: z
    .enum(['all', 'undecided', 'accepted', 'rejected', 'relabelled', 'noted', 'disagreed'])
    .default('all'),
  /** Highest score. */
  highest: z.number().optional(),
  /** Indexes of the classes in force. */
  classes: z.array(z.number().int()).max(256).optional(),
  /** Those whose decision in force is this reviewer's. */
  reviewer: z.string().optional(),
  /** Only this reviewer's decisions count: a second reading that does not see the first. */
  by: z.string().optional(),
});
export type FindingList = z.input<typeof findingListSchema>;

/** Who decides, and `by`: whose decisions count in the answer. */
export const decisionReaderSchema = z.object({
  reviewer: z.string().min(1).max(200),
  by: z.string().optional(),
});

export const newDecisionSchema = decisionReaderSchema.extend({
  findingId: z.string(),
  verdict: verdictSchema.nullable(),
  /** Another class than the model's; null: the model's; left out: what is in force stays. */
  classIndex: z.number().int().nonnegative().nullable().optional(),
  /** null takes the note away; left out: what is in force stays. */
  note: z.string().max(longestNote).nullable().optional(),
});

export const decisionActions = ['decide', 'undo', 'redo'] as const;

const standSchema = z.object({
  verdict: verdictSchema.nullable(),
  /** The class that the reviewer gave; null: the model's. */
  className: z.string().nullable(),
  note: z.string().nullable(),
});

/** One entry of the log: who, when, from what to what, about the result of which model. */
export const decisionViewSchema = standSchema.extend({
  seq: z.number().int(),
  /** `undo` and `redo` say what is in force after them. */
  action: z.enum(decisionActions),
  /** What was in force before. */
  previous: standSchema,
  reviewer: z.string(),
  at: z.string(),
  modelSha256: z.string(),
});
export type DecisionView = z.infer<typeof decisionViewSchema>;

export const agreementSchema = z.object({
  reviewers: z.array(z.object({ name: z.string(), decided: z.number().int() })),
  /** Of each two reviewers, over the findings that both have decided. */
  pairs: z.array(
    z.object({
      first: z.string(),
      second: z.string(),
      both: z.number().int(),
      agreed: z.number().int(),
      /** Cohen's kappa; null where it is not defined: nothing in common, or no variation. */
      kappa: z.number().nullable(),
    }),
  ),
  /** Findings on which any two reviewers differ. */
  disagreed: z.number().int(),
});
export type Agreement = z.infer<typeof agreementSchema>;
