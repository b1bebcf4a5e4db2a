/** How far the preparation of a large image without tiles is: a pyramid of it is made once, and kept in a cache. */
import { z } from 'zod';
import { plainErrorSchema } from './errors.ts';

export const preparationViewSchema = z.object({
  /**
   * `idle`: not begun. `working`: being made, here or by another process. `ready`: the whole image can be seen and analysed.
   * `cancelled`, `failed`: only a coarse picture, or part of it, can be seen; it can be prepared again.
   */
  state: z.enum(['idle', 'working', 'ready', 'cancelled', 'failed']),
  /** 0-1. */
  fraction: z.number(),
  /** Counts up when more of the image can be seen than before: what is on the screen should be asked for again. */
  shown: z.number().int(),
  /** Why it failed. */
  error: plainErrorSchema.nullable(),
});
export type PreparationView = z.infer<typeof preparationViewSchema>;
