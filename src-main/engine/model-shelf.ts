/**
 * Models that people have added from files of their own: remembered by path in the data folder, so that they are offered next time.
 * What a model is, is read from its file each time; one that has gone or changed into something else is left out of the list and
 * stays on the shelf, since its disk may only be away.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { GigatileError } from '../contract/errors.ts';
import type { ModelCard } from '../contract/model.ts';
import { listModels } from '../models/find-models.ts';
import { readModel } from '../models/read-manifest.ts';
import type { FileRegistry } from './file-registry.ts';

const shelfSchema = z.object({ version: z.literal(1), paths: z.array(z.string()) });

/** The newest ones; a list that is longer than a screen helps nobody. */
const mostKept = 30;

export class ModelShelf {
  readonly #path: string;
  readonly #modelsDir: string;
  readonly #files: FileRegistry;

  constructor(dataDir: string, modelsDir: string, files: FileRegistry) {
    this.#path = join(dataDir, 'models.json');
    this.#modelsDir = modelsDir;
    this.#files = files;
  }

  /** The built-in models, then those of files, the newest first. */
  async cards(): Promise<ModelCard[]> {
    const own: ModelCard[] = [];
    for (const path of this.#paths()) {
      const card = await this.#cardOf(path);
      if (card !== null) own.push(card);
    }
    return [...(await listModels(this.#modelsDir)).map(({ card }) => card), ...own];
  }

  async #cardOf(path: string): Promise<ModelCard | null> {
    try {
      return { ...(await readModel(path)).card, fileId: this.#files.register(path) };
    } catch (error) {
      // Gone, or no model any more: said when it is chosen again, not each time the list is shown.
      if (error instanceof GigatileError) return null;
      throw error;
    }
  }

  remember(path: string): void {
    this.#write([path, ...this.#paths().filter((known) => known !== path)].slice(0, mostKept));
  }

  forget(path: string): void {
    this.#write(this.#paths().filter((known) => known !== path));
  }

  #paths(): string[] {
    if (!existsSync(this.#path)) return [];
    let data: unknown;
    try {
      data = JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
    const parsed = shelfSchema.safeParse(data);
    if (!parsed.success) throw unreadable(this.#path, parsed.error);
    return parsed.data.paths;
  }

  #write(paths: string[]): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const half = `${this.#path}.${process.pid}`;
    writeFileSync(half, JSON.stringify({ version: 1, paths }));
    renameSync(half, this.#path);
  }
}

function unreadable(path: string, cause: unknown): GigatileError {
  return new GigatileError('io', 'The list of models that were added cannot be read', {
    where: path,
    hint: 'Delete this file and add the models again; nothing else depends on it.',
    cause,
  });
}
