/** What --out gets: the report and the findings as people hand them on. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseSession } from '../engine/case-session.ts';
import type { EngineParts } from '../engine/engine.ts';
import { writeExport } from '../engine/export-run.ts';

const outputs = [
  ['html', 'report.html'],
  ['geojson', 'findings.geojson'],
  ['csv', 'findings.csv'],
] as const;

/** @param wrote told of each file */
export async function writeOutputs(
  engine: EngineParts,
  session: CaseSession,
  no: number,
  folder: string,
  wrote: (path: string) => void = () => undefined,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [format, name] of outputs) {
    const path = join(folder, name);
    await writeExport(session, engine.images, no, format, path);
    wrote(path);
  }
}
