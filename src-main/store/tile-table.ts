/** The tiles of a run at one moment, column by column: a million of them take 20 MB, and are read from the file once. */
export interface TileRow {
  idx: number;
  state: number;
  attempts: number;
  crashes: number;
  wakeMs: number | null;
  skip: number;
  content: number;
  score: number | null;
  classIndex: number | null;
}

/** As the file gives it: idx, state, attempts, crashes, wake_ms, skip, content, score, class. */
export type RawTile = [
  idx: number,
  state: number,
  attempts: number,
  crashes: number,
  wakeMs: number | null,
  skip: number,
  content: number,
  score: number | null,
  classIndex: number | null,
];

const noClass = 255;

export class TileTable implements Iterable<TileRow> {
  /** Tiles of the grid; 0 before it is made. */
  readonly length: number;
  readonly #state: Uint8Array;
  readonly #attempts: Uint16Array;
  readonly #crashes: Uint16Array;
  readonly #skip: Uint8Array;
  readonly #classIndex: Uint8Array;
  readonly #content: Float32Array;
  /** NaN: null. */
  readonly #score: Float64Array;
  readonly #wakeMs = new Map<number, number>();

  constructor(length: number) {
    this.length = length;
    this.#state = new Uint8Array(length);
    this.#attempts = new Uint16Array(length);
    this.#crashes = new Uint16Array(length);
    this.#skip = new Uint8Array(length);
    this.#classIndex = new Uint8Array(length).fill(noClass);
    this.#content = new Float32Array(length);
    this.#score = new Float64Array(length).fill(NaN);
  }

  set([idx, state, attempts, crashes, wakeMs, skip, content, score, classIndex]: RawTile): void {
    this.#state[idx] = state;
    this.#attempts[idx] = attempts;
    this.#crashes[idx] = crashes;
    if (wakeMs !== null) this.#wakeMs.set(idx, wakeMs);
    this.#skip[idx] = skip;
    this.#content[idx] = content;
    if (score !== null) this.#score[idx] = score;
    if (classIndex !== null) this.#classIndex[idx] = classIndex;
  }

  *[Symbol.iterator](): Generator<TileRow> {
    for (let idx = 0; idx < this.length; idx++) {
      const score = this.#score[idx] ?? NaN;
      const classIndex = this.#classIndex[idx] ?? noClass;
      yield {
        idx,
        state: this.#state[idx] ?? 0,
        attempts: this.#attempts[idx] ?? 0,
        crashes: this.#crashes[idx] ?? 0,
        wakeMs: this.#wakeMs.get(idx) ?? null,
        skip: this.#skip[idx] ?? 0,
        content: this.#content[idx] ?? 0,
        score: Number.isNaN(score) ? null : score,
        classIndex: classIndex === noClass ? null : classIndex,
      };
    }
  }
}
