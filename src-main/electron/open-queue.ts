/**
 * The one way in for files that a person hands to the application from outside: command line, second instance, macOS
 * `open-file`. They may come before there is an engine, and are kept until one takes them.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { isImageUrl } from '../core/image-address.ts';

export class OpenQueue {
  #waiting: string[] = [];
  #take: ((path: string) => void) | null = null;

  /** An absolute path, or an address. */
  add(path: string): void {
    if (this.#take === null) this.#waiting.push(path);
    else this.#take(path);
  }

  /** The paths so far; whatever comes later goes to `take`. */
  drain(take: (path: string) => void): string[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#take = take;
    return waiting;
  }
}

/** What a second instance hands to the first: its files as it understands them itself, in its own folder. */
export const instanceDataSchema = z.object({ files: z.array(z.string().min(1).max(32_768)).max(1000) });
export type InstanceData = z.infer<typeof instanceDataSchema>;

/**
 * The files named on a command line, absolute; addresses of images on servers as they are. Electron itself is the first argument, followed by the application's
 * folder where it is not packaged; Chromium adds switches of its own to a second instance's arguments, in front of the
 * files, and everything after `--` is a file.
 */
export function filesOfArguments(
  argv: readonly string[],
  workingDirectory: string,
  isPackaged: boolean,
): string[] {
  const files: string[] = [];
  let toSkip = isPackaged ? 1 : 2;
  let onlyFiles = false;
  for (const argument of argv) {
    if (!onlyFiles && argument === '--') onlyFiles = true;
    else if (!onlyFiles && argument.startsWith('-')) continue;
    else if (toSkip > 0) toSkip--;
    else if (argument !== '')
      files.push(isImageUrl(argument) ? argument : resolve(workingDirectory, argument));
  }
  return files;
}
