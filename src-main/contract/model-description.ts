/** What a model file is, for a person who has just chosen it: what is known and where that was read, and what only they can say. */
import { z } from 'zod';
import { modelCardSchema } from './model.ts';

export const modelDescriptionSchema = z.object({
  /** Opaque id of the file: to start a run with, or to say what is missing. */
  fileId: z.string(),
  /** File name without folder. */
  file: z.string(),
  /** The model, ready to run; null where something is missing. */
  card: modelCardSchema.nullable(),
  /** How the model is described: Ultralytics, Deepness, gigatile.json …; null where nowhere. */
  convention: z.string().nullable(),
  /** Inputs and outputs of the graph, one line each: `images: float32 1 x 3 x 640 x 640`. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  /** What only a person can say, in the order in which it is asked; empty where `card` is there. */
  missing: z.array(
    z.object({
      /** The fact's name, under which it is answered. */
      fact: z.string(),
      question: z.string(),
      /** Where only some answers are possible; `settles` names facts that need not be said with it. */
      choices: z
        .array(z.object({ value: z.string(), label: z.string(), settles: z.array(z.string()).optional() }))
        .optional(),
      /** Where an answer is likely; the person may change it. */
      suggestion: z.string().optional(),
    }),
  ),
  /** Where each fact was read. */
  readFrom: z.record(z.string(), z.string()),
  notes: z.array(z.string()),
});
export type ModelDescription = z.infer<typeof modelDescriptionSchema>;
