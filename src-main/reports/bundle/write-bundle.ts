/** A bundle: several exports of one run with a manifest of their hashes, as a folder or, where the name ends in .zip, as one file. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import type { EventHead } from '../../store/event-head.ts';
import type { ReportData } from '../report-data.ts';
import { diskError, sweepLeft, temporaryFor, throwIfCancelled, writeFileWhole } from '../write-file.ts';
import { zipped } from '../zip.ts';
import { manifestName, manifestText, type BundledFile } from './manifest.ts';

/**
 * @param writers by name in the bundle; each writes its file at the path that it is given
 * @throws {GigatileError} not-writable where there is a folder of this name already; disk-full, io, cancelled
 */
export async function writeBundle(
  path: string,
  data: ReportData,
  events: EventHead,
  writers: Record<string, (path: string) => Promise<void>>,
  signal?: AbortSignal,
): Promise<void> {
  const target = resolve(path);
  const isZip = target.toLowerCase().endsWith('.zip');
  if (!isZip && existsSync(target)) {
    throw new GigatileError('not-writable', 'There is something of this name already', {
      where: basename(target),
      hint: 'Choose another name for the bundle: a folder that is there is never written over.',
    });
  }
  const folder = temporaryFor(target);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw diskError(target, error);
  });
  try {
    await sweepLeft(target, folder);
    const inside = join(folder, 'bundle');
    await mkdir(inside);
    const files: BundledFile[] = [];
    for (const [name, write] of Object.entries(writers)) {
      await write(join(inside, name));
      throwIfCancelled(target, signal);
      files.push({ name, ...(await hashed(join(inside, name))) });
    }
    const names = [manifestName, ...files.map(({ name }) => name).toSorted()];
    await writeFileWhole(join(inside, manifestName), [manifestText(data, events, files)]);
    if (isZip) {
      // Opened one after the other: what is cancelled leaves none open.
      const entries = function* () {
        for (const name of names) yield { name, content: createReadStream(join(inside, name)) };
      };
      await writeFileWhole(target, zipped(entries(), data.generatedAt), signal);
    } else {
      throwIfCancelled(target, signal);
      await rename(inside, target).catch((error: unknown) => {
        throw diskError(target, error);
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hashed(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(chunk);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}
