/** What became of a file of results from elsewhere. */
import { z } from 'zod';

/** Longest text of a file that a screen may send, characters. */
export const longestImport = 64 * 2 ** 20;

/** Characters of a part of it: four bytes each at most, below what a message may have. */
export const importPartLength = 2 ** 18;

const count = z.number().int().nonnegative();

export const importSummarySchema = z.discriminatedUnion('kind', [
  /** A run of its own, of what another program found. */
  z.object({ kind: z.literal('run'), run: z.string(), format: z.enum(['coco', 'wsinfer']), findings: count }),
  /** Decisions about findings of a run that is there. */
  z.object({
    kind: z.literal('decisions'),
    run: z.string(),
    matched: count,
    accepted: count,
    rejected: count,
    relabelled: count,
    cleared: count,
    missing: count,
    annotations: count,
    leftOut: count,
    unknownClasses: z.array(z.string()),
  }),
]);
export type ImportSummary = z.infer<typeof importSummarySchema>;
