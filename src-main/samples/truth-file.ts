/** Writes a sample's truth as a GeoJSON FeatureCollection while blocks come in, in the order of the blocks. */
import { AtomicFile } from '../images/write/atomic-file.ts';

export class TruthFile {
  readonly #file: AtomicFile;
  readonly #waiting = new Map<number, string>();
  readonly #columns: number;
  #next = 0;
  #position = 0;
  #empty = true;
  #tail: Promise<void> = Promise.resolve();

  private constructor(file: AtomicFile, columns: number) {
    this.#file = file;
    this.#columns = columns;
  }

  /** `columns`: blocks in a row. @throws {GigatileError} not-writable, disk-full, io. */
  static async create(path: string, columns: number): Promise<TruthFile> {
    const truth = new TruthFile(await AtomicFile.create(path), columns);
    truth.#write('{"type":"FeatureCollection","features":[\n');
    try {
      await truth.#tail;
    } catch (error) {
      await truth.discard();
      throw error;
    }
    return truth;
  }

  /** Features of one block, joined by ",\n"; every block is put once. */
  async put(column: number, row: number, features: string): Promise<void> {
    this.#waiting.set(row * this.#columns + column, features);
    for (;;) {
      const text = this.#waiting.get(this.#next);
      if (text === undefined) break;
      this.#waiting.delete(this.#next);
      this.#next++;
      if (text !== '') this.#add(text);
    }
    await this.#tail;
  }

  /** Ends the collection, with a last feature where one is given, and gives the file its name. */
  async finish(last?: string): Promise<void> {
    if (last !== undefined) this.#add(last);
    this.#write('\n]}\n');
    await this.#tail;
    await this.#file.commit();
  }

  async discard(): Promise<void> {
    // What is still being written fails or ends; either way the file goes.
    await Promise.allSettled([this.#tail]);
    await this.#file.discard();
  }

  #add(features: string): void {
    this.#write(this.#empty ? features : `,\n${features}`);
    this.#empty = false;
  }

  #write(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    const position = this.#position;
    this.#position += bytes.length;
    this.#tail = this.#tail.then(() => this.#file.write(bytes, position));
  }
}
