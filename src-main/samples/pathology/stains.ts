/**
 * Amounts of stain to colours, by the Beer-Lambert law: light is the glass's times 10 to the power of minus the optical
 * density, which is the sum over the stains of amount times absorbance.
 *
 * Absorbances of red, green and blue: haematoxylin as measured by Ruifrok & Johnston (Anal Quant Cytol Histol 23:291-299,
 * 2001). Their eosin, measured alone, absorbs nearly no blue, while eosinophilic tissue on scanned slides does; its vector
 * here is that of tissue, unit length too. Blood absorbs further blue.
 */

/** Units of the stain buffers: 1000 = an amount of 1. */
export const stainUnit = 1000;

const haematoxylin = [0.65, 0.704, 0.286] as const;
const eosin = [0.15, 0.82, 0.55] as const;
const blood = [0.05, 0.25, 0.97] as const;

/** Light through clean glass. */
const glass = 243;

const tableLength = 4096;

/** Stain amounts of a square block; row-major, in `stainUnit`s. */
export class StainBlock {
  readonly size: number;
  readonly haematoxylin: Uint16Array;
  readonly eosin: Uint16Array;
  readonly blood: Uint16Array;

  constructor(size: number) {
    this.size = size;
    this.haematoxylin = new Uint16Array(size * size);
    this.eosin = new Uint16Array(size * size);
    this.blood = new Uint16Array(size * size);
  }

  clear(): void {
    this.haematoxylin.fill(0);
    this.eosin.fill(0);
    this.blood.fill(0);
  }
}

export class Developer {
  readonly #table = new Uint8Array(tableLength);
  readonly #noise: Int8Array;

  constructor(noise: Int8Array) {
    for (let i = 0; i < tableLength; i++) this.#table[i] = Math.round(glass * 10 ** (-i / stainUnit));
    this.#noise = noise;
  }

  /**
   * RGB of rows [fromRow, toRow) x columns [fromColumn, toColumn) of the block whose corner lies at (x0, y0) of the slide.
   * `light` is an optical density that is added everywhere. Writes into a tile of `tileSize` px.
   */
  develop(
    block: StainBlock,
    area: { column: number; row: number; x0: number; y0: number; light: (x: number, y: number) => number },
    tile: Uint8Array,
    tileSize: number,
  ): void {
    const table = this.#table;
    const noise = this.#noise;
    const mask = noise.length - 1;
    // Fixed point with 10 fractional bits.
    const [hr, hg, hb] = haematoxylin.map((v) => Math.round(v * 1024)) as [number, number, number];
    const [er, eg, eb] = eosin.map((v) => Math.round(v * 1024)) as [number, number, number];
    const [br, bg, bb] = blood.map((v) => Math.round(v * 1024)) as [number, number, number];
    const last = tableLength - 1;
    let out = 0;
    for (let y = 0; y < tileSize; y++) {
      const row = area.row + y;
      let i = row * block.size + area.column;
      const start = (Math.imul(area.y0 + row, 40503) + area.x0 + area.column) | 0;
      let light = 0;
      for (let x = 0; x < tileSize; x++, i++) {
        if ((x & 15) === 0) {
          light = Math.round(
            area.light(area.x0 + area.column + x, area.y0 + row) * stainUnit * 1024 + 6 * 1024,
          );
        }
        const h = block.haematoxylin[i] as number;
        const e = block.eosin[i] as number;
        const b = block.blood[i] as number;
        const n = noise[(start + x) & mask] as number;
        const r0 = (light + h * hr + e * er + b * br) >> 10;
        const g0 = (light + h * hg + e * eg + b * bg) >> 10;
        const b0 = (light + h * hb + e * eb + b * bb) >> 10;
        const red = (table[r0 < 0 ? 0 : r0 > last ? last : r0] as number) + n;
        const green =
          (table[g0 < 0 ? 0 : g0 > last ? last : g0] as number) +
          (noise[(start + x + 7919) & mask] as number);
        const blue = (table[b0 < 0 ? 0 : b0 > last ? last : b0] as number) + n;
        tile[out++] = red < 0 ? 0 : red > 255 ? 255 : red;
        tile[out++] = green < 0 ? 0 : green > 255 ? 255 : green;
        tile[out++] = blue < 0 ? 0 : blue > 255 ? 255 : blue;
      }
    }
  }
}
