/** Tells the person that images are decoded more slowly here, once for each version of the program. */
import { app } from 'electron';
import { z } from 'zod';
import type { CodecVerdict } from '../core/worker-host.ts';
import type { JsonFile } from '../engine/json-file.ts';
import { sayCodecsAreSlow, sayCodecsFail } from './dialogs.ts';

export const codecNoticeSchema = z.object({ told: z.string().max(40) });
export const notToldOfCodecs: z.infer<typeof codecNoticeSchema> = { told: '' };

export async function tellOfCodecs(
  { works }: CodecVerdict,
  kept: JsonFile<z.infer<typeof codecNoticeSchema>>,
): Promise<void> {
  if (!works) return sayCodecsFail();
  if (kept.read().told === app.getVersion()) return;
  kept.write({ told: app.getVersion() });
  await sayCodecsAreSlow();
}
