/**
 * A small JSON file of the program's own, in the person's folders: checked when it is read, and written whole or not at all. One that
 * cannot be understood is set aside, so that a person can mend it, and the program starts with what it would have without one.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

export interface JsonFileOptions<T> {
  /** Absolute. */
  path: string;
  schema: z.ZodType<T>;
  /** What holds where there is no file. */
  initial: T;
  /** Hears where a file was set aside, as absolute path of where it lies now, and why. */
  onSetAside: (path: string, why: string) => void;
  /** Left out, others may read it as far as the system's settings allow. */
  mode?: number;
}

export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  /** @throws what the system says where the file is there and cannot be read, or not be set aside */
  read(): T {
    const { path, schema, initial } = this.#options;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return initial;
      throw error;
    }
    const [data, why] = parse(text);
    if (why !== null) return this.#setAside(why);
    const checked = schema.safeParse(data);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    return this.#setAside(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not understood'}`);
  }

  /** On the disk when it returns. @throws what the system says */
  write(value: T): void {
    const { path, mode } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    const half = `${path}.${process.pid}.new`;
    const handle = openSync(half, 'w', mode ?? 0o666);
    try {
      writeFileSync(handle, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(half, path);
  }

  #setAside(why: string): T {
    const { path, initial, onSetAside } = this.#options;
    const aside = path.replace(/(\.json)?$/, '.damaged.json');
    renameSync(path, aside);
    onSetAside(aside, why);
    return initial;
  }
}

function parse(text: string): [data: unknown, why: string | null] {
  try {
    return [JSON.parse(text), null];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [null, 'it is no JSON'];
  }
}
