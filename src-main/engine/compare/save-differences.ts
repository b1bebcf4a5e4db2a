/** `comparisons.save`: what a screen compares as a file, by the system's dialog where there is one, else as a download. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DifferencesFormat } from '../../contract/compare.ts';
import { GigatileError } from '../../contract/errors.ts';
import { imageAlias } from '../../reports/identity.ts';
import type { CaseSession } from '../case-session.ts';
import type { ShellServices } from '../shell.ts';
import type { ComparedRuns } from './compare-runs.ts';
import type { Comparisons } from './comparisons.ts';
import { writeDifferences } from './write-differences.ts';

/** In place of a run in paths of exports, before the id of the comparison. */
const inPlaceOfRun = 'compared.';
const types = { csv: 'text/csv; charset=utf-8', geojson: 'application/geo+json' } as const;

/** The image's own name can be a person's. */
function differencesName(
  session: CaseSession,
  { a, b }: Pick<ComparedRuns, 'a' | 'b'>,
  format: DifferencesFormat,
): string {
  const image = imageAlias(session.image.fingerprint).toLowerCase().replace(' ', '-');
  return `${image}-run-${a.run.no}-and-${b.run.no}.${format}`;
}

/** @throws {GigatileError} conflict where it has to be compared again; not-writable, disk-full */
export async function saveDifferences(
  shell: ShellServices,
  comparisons: Comparisons,
  session: CaseSession,
  id: string,
  format: DifferencesFormat,
): Promise<{ savedAs: string | null; download: string | null }> {
  const compared = comparisons.compared(session, id);
  if (!shell.pickSavePath) {
    return { savedAs: null, download: `/exports/${session.id}/${inPlaceOfRun}${id}/${format}` };
  }
  const path = await shell.pickSavePath(differencesName(session, compared, format));
  if (path === null) return { savedAs: null, download: null };
  await writeDifferences(session.file, compared, path, format);
  return { savedAs: basename(path), download: null };
}

/** The id of a comparison out of a path of exports; null where a run is there. */
export function comparisonInPath(run: string): string | null {
  return run.startsWith(inPlaceOfRun) ? run.slice(inPlaceOfRun.length) : null;
}

/** For the download: a folder of its own, that the caller removes. @throws {GigatileError} usage for another format */
export async function differencesToTemporary(
  comparisons: Comparisons,
  session: CaseSession,
  id: string,
  format: string,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  if (format !== 'csv' && format !== 'geojson') {
    throw new GigatileError('usage', `Differences are not written as "${format}"`, {
      hint: 'There are csv and geojson.',
    });
  }
  const compared = comparisons.compared(session, id);
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-differences-'));
  try {
    const name = differencesName(session, compared, format);
    const path = join(folder, name);
    await writeDifferences(session.file, compared, path, format);
    return { folder, path, name, type: types[format] };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
