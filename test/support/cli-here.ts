/** The command line inside the test's own process. */
import { vi } from 'vitest';
import { runCommand } from '../../src-main/cli/run-command.ts';
import { parseLines, type CliAnswer } from './cli.ts';

/**
 * As `gigatile` of ./cli.ts, without the second that the start of a process takes. One at a time: it takes what the process prints.
 */
export async function gigatileHere(dataDir: string, args: string[]): Promise<CliAnswer> {
  const printed = { stdout: '', stderr: '' };
  const taken = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    }),
  );
  vi.stubEnv('GIGATILE_DATA_DIR', dataDir);
  try {
    const code = await runCommand(args);
    return { code, ...printed, json: () => parseLines(printed.stdout) };
  } finally {
    vi.unstubAllEnvs();
    for (const spy of taken) spy.mockRestore();
  }
}
