/** Files that were opened last, for the menu and for what the system keeps of it (dock, jump list). */
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { JsonFile } from '../engine/json-file.ts';

const most = 10;

export const recentFilesSchema = z.object({ version: z.literal(1), paths: z.array(z.string()).max(100) });
export type RecentFilesList = z.infer<typeof recentFilesSchema>;
export const noRecentFiles: RecentFilesList = { version: 1, paths: [] };

export class RecentFiles {
  readonly #file: JsonFile<RecentFilesList>;
  #paths: readonly string[];

  constructor(file: JsonFile<RecentFilesList>) {
    this.#file = file;
    this.#paths = file.read().paths.slice(0, most);
  }

  /** The newest first, each with a name that tells it apart from the others. */
  list(): { path: string; label: string }[] {
    return this.#paths.map((path) => {
      const name = basename(path);
      const twins = this.#paths.filter((other) => basename(other) === name).length > 1;
      return { path, label: twins ? `${name} (${basename(dirname(path))})` : name };
    });
  }

  /** @returns whether the list is another one now */
  add(path: string): boolean {
    if (this.#paths[0] === path) return false;
    this.#set([path, ...this.#paths.filter((known) => known !== path)].slice(0, most));
    return true;
  }

  clear(): void {
    this.#set([]);
  }

  #set(paths: readonly string[]): void {
    this.#paths = paths;
    this.#file.write({ version: 1, paths: [...paths] });
  }
}
