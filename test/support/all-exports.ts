/** Everything that can be taken out of a run, as bytes: two runs that found the same give the same. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { unzipSync } from 'fflate';
import { exportFormats, exportFormatWords } from '../../src-main/contract/export-formats.ts';
import type { CaseSession } from '../../src-main/engine/case-session.ts';
import type { EngineParts } from '../../src-main/engine/engine.ts';
import { writeExport } from '../../src-main/engine/export-run.ts';
import { manifestName } from '../../src-main/reports/bundle/manifest.ts';

/** The moment that is written into each export. */
const timestamp = '2026-01-02T03:04:05.000Z';

/**
 * Exports say when and for how long a run was worked at, which is never the same twice; all else must be.
 * @param parameters also how it was executed (workers, batches, order), where that is what differs
 */
export function forgetCircumstances(casePath: string, parameters: 'keep' | 'forget' = 'keep'): void {
  const database = new Database(casePath);
  database.exec("UPDATE run SET created_at = '', finished_at = '', worked_ms = 0");
  if (parameters === 'forget') database.exec("UPDATE run SET parameters = '{}'");
  database.close();
}

export const exportFileNames: readonly string[] = exportFormats.map(
  (format) => `${format}.${exportFormatWords[format].extension}`,
);

/** Writes every format that there is into a folder. */
export async function writeAllExports(
  { images }: Pick<EngineParts, 'images'>,
  session: CaseSession,
  folder: string,
  wrote: (name: string) => void = () => undefined,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [i, format] of exportFormats.entries()) {
    const name = exportFileNames[i] ?? '';
    await writeExport(session, images, 1, format, join(folder, name), { timestamp });
    wrote(name);
  }
}

/** Of what writeAllExports wrote: bytes by name, of an archive of what is in it. */
export function readAllExports(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const path of filesBelow(folder)) {
    const bytes = readFileSync(path);
    const name = path.slice(folder.length + 1);
    files.set(name, bytes);
    if (name !== bundleName) continue;
    files.delete(name);
    for (const [entry, content] of Object.entries(unzipSync(bytes))) {
      const text = entry === manifestName ? withoutEvents(Buffer.from(content)) : Buffer.from(content);
      files.set(`${name} ${entry}`, text);
    }
  }
  return files;
}

const bundleName = `bundle.${exportFormatWords.bundle.extension}`;

/** The log is what happened, and that is what differs. */
function withoutEvents(manifest: Buffer): Buffer {
  const { events, ...rest } = JSON.parse(manifest.toString()) as { events?: unknown };
  if (events === undefined) throw new Error('the manifest of a bundle says nothing of the event log');
  return Buffer.from(JSON.stringify(rest));
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Which files differ, and what stands where they begin to; empty where there is no difference. */
export function differences(
  expected: ReadonlyMap<string, Buffer>,
  found: ReadonlyMap<string, Buffer>,
): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].flatMap((name) => {
    const [a, b] = [expected.get(name), found.get(name)];
    if (a === undefined || b === undefined) return [`${name}: only in one of them`];
    if (a.equals(b)) return [];
    const at = a.findIndex((byte, i) => byte !== b[i]);
    const near = (bytes: Buffer): string => bytes.subarray(Math.max(0, at - 60), at + 60).toString('latin1');
    return [`${name}, at ${at}: ${near(a)} | ${near(b)}`];
  });
}
