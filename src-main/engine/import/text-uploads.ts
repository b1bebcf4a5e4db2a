/** Texts that a screen sends in parts, because a message over the link must not be longer than a few megabytes. */
import { GigatileError } from '../../contract/errors.ts';
import { longestImport } from '../../contract/import.ts';

/** Uploads that are going on at once; who begins more loses the oldest. */
const most = 4;

export class TextUploads {
  readonly #parts = new Map<string, { parts: string[]; length: number }>();

  /** @throws {GigatileError} usage where it becomes too long */
  add(id: string, part: string): void {
    const upload = this.#parts.get(id) ?? { parts: [], length: 0 };
    upload.length += part.length;
    if (upload.length > longestImport) {
      this.#parts.delete(id);
      throw new GigatileError('usage', 'This file is too large to be imported on the screen', {
        hint: `At most ${longestImport >> 20} million characters; larger ones are imported by "gigatile import <case> <file>".`,
      });
    }
    upload.parts.push(part);
    this.#parts.set(id, upload);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > most && oldest !== undefined) this.#parts.delete(oldest);
  }

  /** The whole text, which is forgotten then. @throws {GigatileError} usage where nothing was sent */
  take(id: string): string {
    const upload = this.#parts.get(id);
    this.#parts.delete(id);
    if (upload === undefined) throw new GigatileError('usage', 'Nothing of this file has arrived');
    return upload.parts.join('');
  }
}
