/** Models that lie on this machine, or on a share that it reaches, by their content: what is there need not come through the queue. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { sha256Of } from '../model-parts.ts';
import type { ModelSource } from './served-run.ts';

export class ModelFolders implements ModelSource {
  readonly #folders: readonly string[];
  readonly #otherwise: ModelSource;
  /** By path; with what tells that the file is still the same. */
  readonly #known = new Map<string, { stamp: string; sha256: string }>();

  /** @param otherwise where a model is taken from that lies in none of them */
  constructor(folders: readonly string[], otherwise: ModelSource) {
    this.#folders = folders;
    this.#otherwise = otherwise;
  }

  /** @throws {GigatileError} file-unreadable for a folder that is not there; else as `otherwise` */
  async path(sha256: string): Promise<string> {
    for (const folder of this.#folders) {
      for (const path of await modelsBelow(folder)) if ((await this.#hash(path)) === sha256) return path;
    }
    return this.#otherwise.path(sha256);
  }

  async #hash(path: string): Promise<string> {
    const { size, mtimeMs, ino } = await stat(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.sha256;
    const sha256 = await sha256Of(path);
    this.#known.set(path, { stamp, sha256 });
    return sha256;
  }
}

async function modelsBelow(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => /\.onnx$/i.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new GigatileError('file-unreadable', 'The folder of models cannot be read', {
      where: folder,
      hint: 'Correct --models, or leave it out: models come through the queue then.',
      cause,
    });
  }
}
