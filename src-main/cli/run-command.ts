/** Picks the command; errors become one line and the agreed exit code. */
import { formatError, GigatileError, isInputError, toPlainError } from '../contract/errors.ts';
import { analyze, rerun, resume } from './commands/analyze.ts';
import { caseCommand } from './commands/case.ts';
import { compare } from './commands/compare.ts';
import { evaluate } from './commands/evaluate.ts';
import { exportRun } from './commands/export.ts';
import { importResults } from './commands/import.ts';
import { doctor, info, runs } from './commands/inspect.ts';
import { licences } from './commands/licences.ts';
import { models } from './commands/models.ts';
import { sample } from './commands/sample.ts';
import { open, serve } from './commands/serve.ts';
import { verify } from './commands/verify.ts';
import { usage } from './usage.ts';

const commands: Record<string, (args: string[]) => Promise<number>> = {
  info,
  analyze,
  resume,
  rerun,
  runs,
  case: caseCommand,
  compare,
  evaluate,
  export: exportRun,
  import: importResults,
  verify,
  models,
  sample,
  serve,
  open,
  // PostgreSQL's driver and the job table are nobody else's business.
  worker: async (args) => (await import('./commands/queue.ts')).worker(args),
  queue: async (args) => (await import('./commands/queue.ts')).queue(args),
  doctor,
  licences,
};

async function answer(argv: string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h' || rest.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const command = commands[name];
  if (!command) {
    throw new GigatileError('usage', `There is no command "${name}"`, { hint: 'See "gigatile help".' });
  }
  return command(rest);
}

/** parseArgs of Node throws TypeErrors with a code for wrong options: those are the person's, not ours. */
function asUsage(error: unknown): unknown {
  const code = error instanceof TypeError && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('ERR_PARSE_ARGS')) return error;
  return new GigatileError('usage', error instanceof Error ? error.message : String(error), {
    hint: 'See "gigatile help".',
  });
}

/** @returns the exit code; what was wrong is on stderr then */
export async function runCommand(argv: string[]): Promise<number> {
  try {
    return await answer(argv);
  } catch (caught) {
    const error = asUsage(caught);
    const plain = toPlainError(error);
    process.stderr.write(`gigatile: ${formatError(plain)}\n`);
    if (!(error instanceof GigatileError) && process.env['GIGATILE_DEBUG'] !== undefined) {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    }
    return isInputError(plain.code) ? 2 : 1;
  }
}
