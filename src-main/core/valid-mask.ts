/** Where an image holds data. */

export interface Samples {
  width: number;
  height: number;
  bands: number;
  /** Interleaved. */
  data: ArrayLike<number>;
}

/**
 * 1 where a pixel holds data. It does not where alpha is 0; where every band has the file's no-data value (NaN included); and,
 * in files that state no such value, where every band is 0.
 *
 * @param alpha index of the alpha band, or null
 */
export function validMask(
  { width, height, bands, data }: Samples,
  noData: number | null,
  alpha: number | null,
): Uint8Array {
  const empty = noData ?? 0;
  const mask = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < mask.length; i++, p += bands) {
    if (alpha !== null && data[p + alpha] === 0) continue;
    for (let band = 0; band < bands; band++) {
      const value = data[p + band] ?? empty;
      if (band === alpha || value === empty || Number.isNaN(value)) continue;
      mask[i] = 1;
      break;
    }
  }
  return mask;
}
