/** Half the size of a picture of classes: an average of class numbers would be a class that nobody saw. */

/**
 * The number that most of 2 x 2 pixels have; of several the one that comes first, row by row, but `rest` only where nothing else is.
 * @param width pixels of a source row; even, as is the number of rows
 * @param rest of which nothing is known: it must not hide what is
 */
export function modeOfFour(source: Uint8Array, width: number, target: Uint8Array, rest: number): void {
  const half = width / 2;
  for (let out = 0; out < target.length; out++) {
    const at = Math.floor(out / half) * 2 * width + (out % half) * 2;
    const [a, b, c, d] = [source[at]!, source[at + 1]!, source[at + width]!, source[at + width + 1]!];
    if (a === b && c === d && a === c) {
      target[out] = a;
      continue;
    }
    const four = [a, b, c, d].filter((value) => value !== rest);
    let best = four[0] ?? rest;
    let most = 0;
    for (const value of four) {
      const count = four.reduce((sum, other) => sum + (other === value ? 1 : 0), 0);
      if (count > most) [best, most] = [value, count];
    }
    target[out] = best;
  }
}
