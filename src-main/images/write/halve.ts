/** Half the size by averaging 2 x 2 pixels: how every level of a pyramid is made from the one before. */

export type PyramidPixels = Uint8Array | Uint16Array;

export interface HalveRequest {
  source: PyramidPixels;
  /** Size of the source in pixels; both even. */
  width: number;
  height: number;
  bands: number;
  /** Of the source's type; width / 2 x height / 2 pixels. */
  target: PyramidPixels;
  /**
   * A pixel with this value in all its bands is left out of the average; the result is no data where all four are.
   * Left out: every pixel counts.
   */
  noData?: number | undefined;
}

/** Interleaved pixels; rounds half up. */
export function halve(request: HalveRequest): void {
  const { source, width, height, bands, target, noData } = request;
  const row = width * bands;
  let out = 0;
  for (let y = 0; y < height; y += 2) {
    let a = y * row;
    let b = a + row;
    for (let x = 0; x < width; x += 2) {
      if (noData === undefined || allValid(source, a, b, bands, noData)) {
        for (let band = 0; band < bands; band++, a++, b++) {
          target[out++] =
            ((source[a] as number) +
              (source[a + bands] as number) +
              (source[b] as number) +
              (source[b + bands] as number) +
              2) >>
            2;
        }
      } else {
        averageValid(source, a, b, bands, noData, target, out);
        out += bands;
        a += bands;
        b += bands;
      }
      a += bands;
      b += bands;
    }
  }
}

function isValid(source: PyramidPixels, at: number, bands: number, noData: number): boolean {
  for (let band = 0; band < bands; band++) if (source[at + band] !== noData) return true;
  return false;
}

function allValid(source: PyramidPixels, a: number, b: number, bands: number, noData: number): boolean {
  return (
    isValid(source, a, bands, noData) &&
    isValid(source, a + bands, bands, noData) &&
    isValid(source, b, bands, noData) &&
    isValid(source, b + bands, bands, noData)
  );
}

function averageValid(
  source: PyramidPixels,
  a: number,
  b: number,
  bands: number,
  noData: number,
  target: PyramidPixels,
  out: number,
): void {
  const valid = [a, a + bands, b, b + bands].filter((at) => isValid(source, at, bands, noData));
  for (let band = 0; band < bands; band++) {
    let sum = 0;
    for (const at of valid) sum += source[at + band] as number;
    target[out + band] = valid.length === 0 ? noData : Math.floor((sum + (valid.length >> 1)) / valid.length);
  }
}
