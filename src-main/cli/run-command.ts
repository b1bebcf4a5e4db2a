/** Picks the command; errors become one line and the agreed exit code. */
import { formatError, GigatileError, isInputError, toPlainError } from '../contract/errors.ts';
import { usage } from './usage.ts';

type Command = (args: string[]) => Promise<number>;

/** By the name that a person types. Each is loaded when it is asked for: most of what a start costs is loading. */
const commands: Record<string, () => Promise<Command>> = {
  info: async () => (await import('./commands/inspect.ts')).info,
  analyze: async () => (await import('./commands/analyze.ts')).analyze,
  resume: async () => (await import('./commands/analyze.ts')).resume,
  rerun: async () => (await import('./commands/analyze.ts')).rerun,
  runs: async () => (await import('./commands/inspect.ts')).runs,
  case: async () => (await import('./commands/case.ts')).caseCommand,
  compare: async () => (await import('./commands/compare.ts')).compare,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluate,
  export: async () => (await import('./commands/export.ts')).exportRun,
  import: async () => (await import('./commands/import.ts')).importResults,
  verify: async () => (await import('./commands/verify.ts')).verify,
  models: async () => (await import('./commands/models.ts')).models,
  sample: async () => (await import('./commands/sample.ts')).sample,
  serve: async () => (await import('./commands/serve.ts')).serve,
  open: async () => (await import('./commands/serve.ts')).open,
  worker: async () => (await import('./commands/queue.ts')).worker,
  queue: async () => (await import('./commands/queue.ts')).queue,
  doctor: async () => (await import('./commands/inspect.ts')).doctor,
  licences: async () => (await import('./commands/licences.ts')).licences,
};

async function answer(argv: string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === 'help' || name === '--help' || name === '-h' || rest.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    throw new GigatileError('usage', `There is no command "${name}"`, { hint: 'See "gigatile help".' });
  }
  const command = await load();
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
