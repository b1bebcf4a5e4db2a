/** `manifest.json` of a bundle: what is in it, byte by byte, and which state of the case it was made from. */
import { z } from 'zod';
import type { EventHead } from '../../store/event-head.ts';
import { provenance, type ReportData } from '../report-data.ts';

export const manifestName = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const bundleManifestSchema = z.object({
  /** Version of this form. */
  gigatileBundle: z.literal(1),
  /** What the exports say of where they come from. */
  provenance: z.record(z.string(), z.unknown()),
  /** The case's event log when the bundle was made (store/event-head.ts). */
  events: z.object({ count: z.number().int().nonnegative(), head: sha256 }),
  files: z.array(z.object({ name: z.string().min(1), bytes: z.number().int().nonnegative(), sha256 })),
});
export type BundleManifest = z.infer<typeof bundleManifestSchema>;
export type BundledFile = BundleManifest['files'][number];

export function manifestText(data: ReportData, events: EventHead, files: readonly BundledFile[]): string {
  const manifest: BundleManifest = {
    gigatileBundle: 1,
    provenance: provenance(data),
    events,
    files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
