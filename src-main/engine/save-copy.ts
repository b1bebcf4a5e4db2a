/** `Save a copy…`: by the system's dialog where there is one, else as a download. Work on the case goes on meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, parse } from 'node:path';
import type { CaseSession } from './case-session.ts';
import type { ShellServices } from './shell.ts';

/** In place of a run and a format in paths of exports. */
export const copyAsExport = { run: 'case', format: 'copy' } as const;

function copyName(session: CaseSession): string {
  const { name, ext } = parse(session.file.path);
  return `${name}-copy${ext}`;
}

export async function saveCopy(
  shell: ShellServices,
  session: CaseSession,
  signal?: AbortSignal,
): Promise<{ savedAs: string | null; download: string | null }> {
  if (!shell.pickSavePath) {
    const download = `/exports/${session.id}/${copyAsExport.run}/${copyAsExport.format}`;
    return { savedAs: null, download };
  }
  const path = await shell.pickSavePath(copyName(session));
  if (path === null) return { savedAs: null, download: null };
  await session.file.saveCopy(path, signal);
  return { savedAs: basename(path), download: null };
}

export async function copyToTemporary(
  session: CaseSession,
  signal?: AbortSignal,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-copy-'));
  try {
    const name = copyName(session);
    const path = join(folder, name);
    await session.file.saveCopy(path, signal);
    return { folder, path, name, type: 'application/vnd.sqlite3' };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
