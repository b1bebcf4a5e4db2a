/** What all rooms of the API share. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { plainErrorSchema } from './errors.ts';

/** Every procedure may answer with this typed error; `data` is the plain GigatileError. */
export const base = oc.errors({ GIGATILE: { status: 400, data: plainErrorSchema } });

export const runRef = z.object({ caseId: z.string(), runId: z.string() });

/** Saved by the shell under this name (null: cancelled), or to be downloaded from this path. */
export const savedSchema = z.object({ savedAs: z.string().nullable(), download: z.string().nullable() });
