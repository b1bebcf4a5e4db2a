/** `gigatile licences`: those of the software that Gigatile is passed on with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { projectRoot } from '../environment.ts';

export async function licences(args: string[]): Promise<number> {
  if (args.length > 0) throw new GigatileError('usage', 'licences takes nothing');
  const file = join(projectRoot, 'out', 'renderer', 'licences.txt');
  try {
    process.stdout.write(await readFile(file, 'utf8'));
  } catch (error) {
    throw new GigatileError('file-not-found', 'The licences are collected when the screens are built', {
      where: file,
      hint: 'Run `npm run build` first.',
      cause: error,
    });
  }
  return 0;
}
