/** Tag trees (ISO/IEC 15444-1 B.10.2): a grid of numbers of which each is told only as far as it is needed. */
export class TagTree {
  readonly #widths: number[] = [];
  readonly #starts: number[] = [];
  /** What is known so far: the value is at least this. */
  readonly #low: Int32Array;
  readonly #known: Uint8Array;

  constructor(width: number, height: number) {
    let count = 0;
    let [w, h] = [width, height];
    for (;;) {
      this.#widths.push(w);
      this.#starts.push(count);
      count += w * h;
      if (w <= 1 && h <= 1) break;
      w = (w + 1) >> 1;
      h = (h + 1) >> 1;
    }
    this.#low = new Int32Array(count);
    this.#known = new Uint8Array(count);
  }

  /** Whether the value at (x, y) is less than `threshold`; reads as many bits as that takes. */
  isBelow(x: number, y: number, threshold: number, bit: () => number): boolean {
    let low = 0;
    let node = 0;
    for (let level = this.#widths.length - 1; level >= 0; level--) {
      node = (this.#starts[level] ?? 0) + (y >> level) * (this.#widths[level] ?? 0) + (x >> level);
      if ((this.#low[node] ?? 0) < low) this.#low[node] = low;
      low = this.#low[node] ?? 0;
      while (low < threshold && this.#known[node] === 0) {
        if (bit() === 1) this.#known[node] = 1;
        else low++;
      }
      this.#low[node] = low;
    }
    return this.#known[node] === 1 && low < threshold;
  }

  /** The value at (x, y); `limit` or more means a damaged stream. */
  value(x: number, y: number, limit: number, bit: () => number): number {
    for (let value = 0; value < limit; value++) if (this.isBelow(x, y, value + 1, bit)) return value;
    return limit;
  }
}
