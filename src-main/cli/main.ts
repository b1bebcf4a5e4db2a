/** The command line: one command, and its exit code. */
import { keepCompiled } from './keep-compiled.ts';

keepCompiled();
const { runCommand } = await import('./run-command.ts');

// "gigatile models | head": a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCommand(process.argv.slice(2));
