/** `gigatile export`: one format of one run, of every case of a folder, or one table over all of them. */
import { mkdirSync, statSync } from 'node:fs';
import { basename, join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import { formatError, GigatileError, toPlainError } from '../../contract/errors.ts';
import { caseRow, casesIn } from '../../engine/case-folder.ts';
import type { EngineParts } from '../../engine/engine.ts';
import { exportName, writeExport, type ExportOptions } from '../../engine/export-run.ts';
import { runNoOf } from '../../engine/run-id.ts';
import { caseTable } from '../../reports/case-table.ts';
import { writeFileWhole } from '../../reports/write-file.ts';
import { withEngine } from '../environment.ts';
import { exportOptions, readExportOptions } from '../export-options.ts';
import { interruptible } from '../interruption.ts';
import { readSummaryOptions, sumUp, summaryOptions, type SummaryChoice } from '../summary-options.ts';

export async function exportRun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string' },
      format: { type: 'string' },
      table: { type: 'boolean' },
      out: { type: 'string' },
      ...exportOptions,
      ...summaryOptions,
    },
  });
  const [path] = positionals;
  const { format, out, table = false } = values;
  if (path === undefined || positionals.length > 1 || (format === undefined) !== table || out === undefined) {
    throw new GigatileError(
      'usage',
      'export takes one case file or folder, --format (or --table), and --out',
    );
  }
  const options = readExportOptions(values);
  const summary = readSummaryOptions(values);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (table) {
    if (!isFolder) throw new GigatileError('usage', '--table is for a folder of cases', { where: path });
    return exportTable(path, out, options);
  }
  if (isFolder && values.run !== undefined) {
    throw new GigatileError(
      'usage',
      '--run is for one case: of a folder, the newest run of each is exported',
    );
  }
  return withEngine((engine) =>
    interruptible((signal) =>
      isFolder
        ? exportFolder(engine, path, format ?? '', out, { ...options, signal }, summary)
        : exportCase(engine, path, values.run, format ?? '', out, { ...options, signal }, summary),
    ),
  );
}

type Interruptible = ExportOptions & { signal: AbortSignal };

const interruptedCode = 130;

async function exportCase(
  engine: EngineParts,
  path: string,
  run: string | undefined,
  format: string,
  out: string,
  options: Interruptible,
  summary: SummaryChoice | null,
): Promise<number> {
  const session = await engine.cases.openCase(path);
  const newest = session.file.runs.list().at(-1);
  if (!newest) throw new GigatileError('run-not-found', 'This case has no run yet', { where: path });
  const no = run === undefined ? newest.no : runNoOf(run);
  try {
    if (summary !== null) await sumUp(session, no, summary, options.signal);
    await writeExport(session, engine.images, no, format, out, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    process.stderr.write(`gigatile: interrupted: ${out} was not written\n`);
    return interruptedCode;
  }
  process.stdout.write(`wrote ${out}\n`);
  return 0;
}

/** A case that cannot be exported stops none of the others; the exit code tells. Interrupted, what is written is whole. */
async function exportFolder(
  engine: EngineParts,
  folder: string,
  format: string,
  out: string,
  options: Interruptible,
  summary: SummaryChoice | null,
): Promise<number> {
  const { signal } = options;
  const cases = casesIn(folder);
  mkdirSync(out, { recursive: true });
  let failed = 0;
  let whole = 0;
  const written = new Set<string>();
  for (const path of cases) {
    if (signal.aborted) break;
    try {
      const session = await engine.cases.openCase(path);
      const newest = session.file.runs.list().at(-1);
      if (!newest) throw new GigatileError('run-not-found', 'This case has no run yet');
      const target = join(out, distinct(exportName(session, newest.no, format), written));
      if (summary !== null) await sumUp(session, newest.no, summary, signal);
      await writeExport(session, engine.images, newest.no, format, target, options);
      whole++;
      process.stdout.write(`wrote ${target}\n`);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof GigatileError) || error.code === 'disk-full') throw error;
      failed++;
      process.stderr.write(`gigatile: ${basename(path)}: ${formatError(toPlainError(error))}\n`);
    }
  }
  if (signal.aborted && whole + failed < cases.length) {
    process.stderr.write(
      `gigatile: interrupted: ${whole} of ${cases.length} cases are written, each whole\n`,
    );
    return interruptedCode;
  }
  return failed === 0 ? 0 : 1;
}

/** Two cases can be of one image. */
function distinct(name: string, taken: Set<string>): string {
  const { name: stem, ext } = parse(name);
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${stem}-${i}${ext}`;
  taken.add(free);
  return free;
}

async function exportTable(folder: string, out: string, { settings }: ExportOptions): Promise<number> {
  const isNamed = settings?.include?.includes('file-name') ?? false;
  const rows = casesIn(folder).map((path) => {
    const row = caseRow(path, isNamed);
    // The table does not name it: its file can bear a person's name.
    if ('error' in row) process.stderr.write(`gigatile: ${basename(path)}: ${row.error}\n`);
    return row;
  });
  await writeFileWhole(out, [caseTable(rows)]);
  const unread = rows.filter((row) => 'error' in row).length;
  process.stdout.write(
    `wrote ${out}: ${rows.length} cases${unread > 0 ? `, ${unread} of which could not be read` : ''}\n`,
  );
  return unread === 0 ? 0 : 1;
}
