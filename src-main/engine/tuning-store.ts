/**
 * What was measured on this machine, so that it is measured once: a JSON file in the data folder. It is a memory, not a record:
 * where it is missing, damaged or of another version, the measurement is made again.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { executionProviderSchema } from '../contract/run.ts';

const timingSchema = z.object({
  workers: z.number().int().positive(),
  threads: z.number().int().positive(),
  batch: z.number().int().positive(),
  tilesPerSecond: z.number().positive(),
});
export type Timing = z.infer<typeof timingSchema>;

const tunedSchema = z.object({
  at: z.string(),
  /** The quickest, and all that were measured. */
  best: timingSchema,
  measured: z.array(timingSchema),
});
export type Tuned = z.infer<typeof tunedSchema>;

const probedSchema = z.object({
  at: z.string(),
  provider: executionProviderSchema,
  /** null: usable, and its results agree with the processor's; else why not, for a person. */
  problem: z.string().nullable(),
  /** A tile on it, and on one thread of the processor, milliseconds; null where it could not be tried. */
  ms: z.number().nullable(),
  cpuMs: z.number().nullable(),
});
export type Probed = z.infer<typeof probedSchema>;

const fileSchema = z.object({
  schema: z.literal(1),
  tuned: z.record(z.string(), tunedSchema),
  probed: z.record(z.string(), probedSchema),
  /** Models that were loaded here. */
  loaded: z.record(z.string(), z.object({ at: z.string() })),
});
type Contents = z.infer<typeof fileSchema>;

/** Entries of each kind that are kept, the newest. */
const most = 200;

/** What decides how quick a model is here, but for the model: another of these, another measurement. */
function machineClass(): string {
  const model = cpus()[0]?.model ?? 'unknown';
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return [platform(), arch(), release(), model, availableParallelism(), gigabytes].join('|');
}

export class TuningStore {
  readonly #path: string;
  readonly #context: string;
  readonly #notice: (message: string) => void;

  /** @param notice hears where the file was damaged or could not be written: nothing is lost by it but time */
  constructor(dataDir: string, version: string, notice: (message: string) => void) {
    this.#path = join(dataDir, 'measured.json');
    this.#context = `${version}|${machineClass()}`;
    this.#notice = notice;
  }

  /** @param what everything that the measurement depends on beside this machine and this version */
  tuned(what: readonly (string | number)[]): Tuned | null {
    return this.#read().tuned[this.#key(what)] ?? null;
  }

  setTuned(what: readonly (string | number)[], tuned: Tuned): void {
    this.#change((contents) => (contents.tuned[this.#key(what)] = tuned));
  }

  probed(what: readonly (string | number)[]): Probed | null {
    return this.#read().probed[this.#key(what)] ?? null;
  }

  setProbed(what: readonly (string | number)[], probed: Probed): void {
    this.#change((contents) => (contents.probed[this.#key(what)] = probed));
  }

  wasLoaded(what: readonly (string | number)[]): boolean {
    return this.#read().loaded[this.#key(what)] !== undefined;
  }

  setLoaded(what: readonly (string | number)[]): void {
    this.#change((contents) => (contents.loaded[this.#key(what)] = { at: new Date().toISOString() }));
  }

  /** How many entries of this and other machines and versions there are, for a person. */
  summary(): string {
    const { tuned, probed } = this.#read();
    return `${Object.keys(tuned).length} models timed, ${Object.keys(probed).length} tried on other providers (${this.#path})`;
  }

  #key(what: readonly (string | number)[]): string {
    return createHash('sha256')
      .update([this.#context, ...what].join('\n'))
      .digest('hex')
      .slice(0, 32);
  }

  /** Read each time: another Gigatile may have measured meanwhile, and the file is small. */
  #read(): Contents {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (!isMissing(error)) this.#notice(`What was measured before cannot be read: ${String(error)}`);
      return empty();
    }
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      this.#notice(`${this.#path} is damaged or of another version: what it held is measured again.`);
      return empty();
    }
  }

  #change(change: (contents: Contents) => void): void {
    const contents = this.#read();
    change(contents);
    const { tuned, probed, loaded } = contents;
    const kept = { schema: 1, tuned: newest(tuned), probed: newest(probed), loaded: newest(loaded) };
    const temporary = `${this.#path}.${process.pid}.new`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(temporary, JSON.stringify(kept, null, 1));
      renameSync(temporary, this.#path);
    } catch (error) {
      if (existsSync(temporary)) rmSync(temporary);
      this.#notice(
        `What was measured cannot be kept: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

function empty(): Contents {
  return { schema: 1, tuned: {}, probed: {}, loaded: {} };
}

function newest<T extends { at: string }>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(entries)
      .sort(([, a], [, b]) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
      .slice(0, most),
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
