/** Exports of a run: fills the reports' data from the case and writes one format. */
import { GigatileError } from '../contract/errors.ts';
import type { CaseSession } from './case-session.ts';
import type { ImageService } from './image-service.ts';

/** @throws {GigatileError} usage for a format that is not known; disk-full, not-writable */
export async function writeExport(
  _session: CaseSession,
  _images: ImageService,
  _no: number,
  format: string,
  _path: string,
): Promise<void> {
  throw new GigatileError('usage', `The format "${format}" is not available yet`);
}

export async function exportToTemporary(
  _session: CaseSession,
  _images: ImageService,
  _no: number,
  format: string,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  throw new GigatileError('usage', `The format "${format}" is not available yet`);
}

export function exportName(session: CaseSession, no: number, format: string): string {
  return `${session.image.name}-run-${no}.${format}`;
}
