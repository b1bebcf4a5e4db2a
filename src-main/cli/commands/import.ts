/** `gigatile import`: results and decisions from other programs. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import type { ImportSummary } from '../../contract/import.ts';
import { importText } from '../../engine/import/import-file.ts';
import { runNoOf } from '../../engine/run-id.ts';
import { withEngine } from '../environment.ts';

export async function importResults(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      run: { type: 'string' },
      reviewer: { type: 'string' },
      'reject-missing': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const [casePath, filePath] = positionals;
  if (casePath === undefined || filePath === undefined || positionals.length > 2) {
    throw new GigatileError('usage', 'import takes one case file and one file of results');
  }
  const text = readText(filePath);
  const reviewer = values.reviewer?.trim() || userInfo().username;
  return withEngine(async (engine) => {
    const session = await engine.cases.openCase(casePath);
    const summary = importText(session, text, {
      reviewer,
      run: values.run === undefined ? undefined : runNoOf(values.run),
      rejectMissing: values['reject-missing'] ?? false,
    });
    process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${sentence(summary)}\n`);
    return 0;
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isMissing = code === 'ENOENT';
    throw new GigatileError(
      isMissing ? 'file-not-found' : 'file-unreadable',
      isMissing ? 'There is no such file' : 'This file cannot be read',
      {
        where: path,
        hint: code === 'ERR_STRING_TOO_LONG' ? 'It is larger than 512 MB.' : undefined,
        cause: error,
      },
    );
  }
}

function sentence(summary: ImportSummary): string {
  if (summary.kind === 'run') {
    return `${summary.run}: ${summary.findings} findings imported, to be reviewed`;
  }
  const {
    run,
    matched,
    accepted,
    rejected,
    relabelled,
    cleared,
    missing,
    annotations,
    leftOut,
    unknownClasses,
  } = summary;
  const lines = [
    `${run}: ${matched} of its findings are in the file; ${accepted} accepted, ${rejected} rejected, ${relabelled} relabelled, ${cleared} taken back`,
    ...(missing > 0 ? [`${missing} findings are not in the file (--reject-missing rejects them)`] : []),
    ...(annotations > 0 ? [`${annotations} annotations imported`] : []),
    ...(leftOut > 0 ? [`${leftOut} objects left out: neither findings of this run nor annotations`] : []),
    ...(unknownClasses.length > 0
      ? [`classes that the model does not have: ${unknownClasses.join(', ')}`]
      : []),
  ];
  return lines.join('\n');
}
