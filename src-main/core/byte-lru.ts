/** What was used last, within a budget of bytes: decoded and rendered tiles. */
export class ByteLru<V, K = number> {
  /** Bytes to keep; a smaller one holds from the next entry on. */
  budget: number;
  readonly #sizeOf: (value: V) => number;
  readonly #dropped: ((value: V) => void) | undefined;
  readonly #entries = new Map<K, V>();
  #bytes = 0;

  /**
   * @param budget bytes to keep; the newest entry is kept whatever its size
   * @param dropped told of each entry that had to make room
   */
  constructor(budget: number, sizeOf: (value: V) => number, dropped?: (value: V) => void) {
    this.budget = budget;
    this.#sizeOf = sizeOf;
    this.#dropped = dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // A Map keeps insertion order: the oldest entry is the least recently used.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#bytes -= this.#sizeOf(before);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#bytes += this.#sizeOf(value);
    for (const [oldKey, old] of this.#entries) {
      if (this.#bytes <= this.budget || this.#entries.size === 1) break;
      this.#entries.delete(oldKey);
      this.#bytes -= this.#sizeOf(old);
      this.#dropped?.(old);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
