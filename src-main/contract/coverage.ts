/** What of an image reviewers have looked at, and how closely. */
import { z } from 'zod';
import { rectSchema } from './run.ts';

/** Of one reviewer: a byte a cell of core/look-coverage.ts, row by row, as base64. */
export const coverageViewSchema = z.object({ reviewer: z.string(), cells: z.base64() });
export type CoverageView = z.infer<typeof coverageViewSchema>;

export const lookSchema = z.object({
  /** What was in view, level-0 pixels. */
  rect: rectSchema,
  /** Level-0 pixels that one CSS pixel showed. */
  pixels: z.number().positive(),
});
export type Look = z.infer<typeof lookSchema>;

/** As many at once: what gathers while a link is down. */
export const mostLooks = 500;
