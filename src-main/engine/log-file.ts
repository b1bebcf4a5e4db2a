/**
 * What happened to the program, one line each, for whoever looks for a fault: in files that take turns, so that they never grow, and
 * without names or paths (core/scrub.ts).
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { scrub } from '../core/scrub.ts';

const mostBytes = 512 * 1024;
const generations = 3;
/** Of one entry. */
const mostCharacters = 8000;

export class LogFile {
  readonly #path: string;
  readonly #names: () => readonly string[];
  readonly #now: () => Date;
  #isBroken = false;
  #isClosed = false;

  /**
   * @param path absolute, ends in `.log`
   * @param names what must not be in it, as of now (see scrub)
   */
  constructor(path: string, names: () => readonly string[], now: () => Date = () => new Date()) {
    this.#path = path;
    this.#names = names;
    this.#now = now;
  }

  /** What is added later is dropped: whoever owned the folder may have removed it. */
  close(): void {
    this.#isClosed = true;
  }

  add(text: string): void {
    if (this.#isClosed) return;
    const line = `${this.#now().toISOString()} ${scrub(text.slice(0, mostCharacters), this.#names()).replaceAll('\n', '\n    ')}\n`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#makeRoom(Buffer.byteLength(line));
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#isBroken = false;
    } catch (error) {
      // A full disk must not end what is logged about; said once on the terminal, which is what is left.
      if (!this.#isBroken) process.stderr.write(`gigatile: the log cannot be written: ${String(error)}\n`);
      this.#isBroken = true;
    }
  }

  /** The newest lines, oldest first, of this file and the one before. */
  tail(lines: number): string {
    const texts = [this.#older(1), this.#path].map((path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      }
    });
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .slice(-lines)
      .join('\n');
  }

  #older(age: number): string {
    return this.#path.replace(/\.log$/, `.${age}.log`);
  }

  #makeRoom(bytes: number): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0 || size + bytes <= mostBytes) return;
    for (let age = generations - 1; age >= 1; age--) {
      const from = age === 1 ? this.#path : this.#older(age - 1);
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, this.#older(age));
    }
  }
}
