/** `gigatile export`: one format of one run. */
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import { writeExport } from '../../engine/export-run.ts';
import { runNoOf } from '../../engine/run-id.ts';
import { withEngine } from '../environment.ts';
import { exportOptions, readExportOptions } from '../export-options.ts';

export async function exportRun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      ...exportOptions,
    },
  });
  const [path] = positionals;
  const { format, out } = values;
  if (path === undefined || positionals.length > 1 || format === undefined || out === undefined) {
    throw new GigatileError('usage', 'export takes one case file, --format and --out');
  }
  const options = readExportOptions(values);
  return withEngine(async (engine) => {
    const session = await engine.cases.openCase(path);
    const newest = session.file.runs.list().at(-1);
    if (!newest) throw new GigatileError('run-not-found', 'This case has no run yet', { where: path });
    const no = values.run === undefined ? newest.no : runNoOf(values.run);
    await writeExport(session, engine.images, no, format, out, options);
    process.stdout.write(`wrote ${out}\n`);
    return 0;
  });
}
