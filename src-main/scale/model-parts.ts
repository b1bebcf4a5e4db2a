/** Models travel through the queue by their content: whoever lacks one takes it from there, and checks it. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { QueueDatabase } from './queue/database.ts';

const partBytes = 8 * 2 ** 20;

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

/**
 * Puts a model's file into the queue, unless it is there already.
 * @throws {GigatileError} model-not-found; model-changed where the file is another one than the run's; model-invalid where its weights
 *   lie in files of their own
 */
export async function publishModel(database: QueueDatabase, sha256: string, path: string): Promise<void> {
  const [known] = await database.query('SELECT 1 FROM model WHERE sha256 = $1', [sha256]);
  if (known) return;
  const found = await sha256Of(path).catch((cause: unknown) => {
    throw new GigatileError('model-not-found', 'The model’s file cannot be read', { where: path, cause });
  });
  if (found !== sha256) {
    throw new GigatileError('model-changed', 'The model’s file is not the one of the run, or not all of it', {
      where: path,
      hint: 'Models whose weights lie in files of their own cannot be sent to a queue: put them into the .onnx file.',
    });
  }
  const { size } = await stat(path);
  await database.transaction(async (sql) => {
    await sql.query('INSERT INTO model (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      sha256,
      size,
    ]);
    let no = 0;
    for await (const part of createReadStream(path, { highWaterMark: partBytes })) {
      await sql.query(
        'INSERT INTO model_part (sha256, no, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [sha256, no++, part],
      );
    }
  });
}

export class ModelCache {
  readonly #database: QueueDatabase;
  readonly #folder: string;

  /** @param folder where models that were taken from the queue stay */
  constructor(database: QueueDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  /**
   * @returns path of the .onnx file of this content
   * @throws {GigatileError} model-not-found, model-changed
   */
  async path(sha256: string): Promise<string> {
    const path = join(this.#folder, `${sha256}.onnx`);
    if (existsSync(path)) {
      if ((await sha256Of(path)) === sha256) return path;
      // Cut short by a full disk or changed by somebody: taken anew.
      await rm(path);
    }
    await mkdir(this.#folder, { recursive: true });
    const [model] = await this.#database.query<{ bytes: string }>(
      'SELECT bytes FROM model WHERE sha256 = $1',
      [sha256],
    );
    if (!model) {
      throw new GigatileError('model-not-found', `The queue does not hold the model ${sha256.slice(0, 12)}`, {
        hint: 'Resume the run on the machine that submitted it: it sends the model again.',
      });
    }
    const partial = `${path}.${process.pid}.part`;
    const file = await open(partial, 'w');
    const hash = createHash('sha256');
    try {
      for (let no = 0, got = 0; got < Number(model.bytes); no++) {
        const [part] = await this.#database.query<{ bytes: Buffer }>(
          'SELECT bytes FROM model_part WHERE sha256 = $1 AND no = $2',
          [sha256, no],
        );
        if (!part) break;
        hash.update(part.bytes);
        await file.write(part.bytes);
        got += part.bytes.byteLength;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (hash.digest('hex') !== sha256) {
      await rm(partial);
      throw new GigatileError(
        'model-changed',
        `The queue’s copy of the model ${sha256.slice(0, 12)} is damaged`,
      );
    }
    await rename(partial, path);
    return path;
  }
}
