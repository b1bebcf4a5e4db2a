/**
 * Which pixels an outline covers: those whose middle lies inside (even-odd rule, so that holes are holes whatever way they run).
 * Outlines along pixel edges give exactly the pixels that they go around.
 */

/** A ring as x0, y0, x1, y1 …, without repeating the first point. */
type Ring = readonly number[];

/**
 * Row by row from top to bottom, in each row from left to right.
 * @param columns down the columns instead: x and y change places, in the rings and in what is emitted
 * @param emit `line` and the pixels [from, to) of it
 */
export function fillPolygons(
  polygons: readonly (readonly Ring[])[],
  emit: (line: number, from: number, to: number) => void,
  columns = false,
): void {
  const [along, across] = columns ? [1, 0] : [0, 1];
  let first = Infinity;
  let last = -Infinity;
  for (const rings of polygons) {
    for (const ring of rings) {
      for (let i = across; i < ring.length; i += 2) {
        first = Math.min(first, ring[i]!);
        last = Math.max(last, ring[i]!);
      }
    }
  }
  if (first > last) return;
  const top = Math.ceil(first - 0.5);
  const count = Math.ceil(last - 0.5) - top;
  if (count <= 0) return;
  const crossings: number[][] = Array.from({ length: count }, () => []);
  for (const rings of polygons) {
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const [y1, y2] = [ring[j + across]!, ring[i + across]!];
        if (y1 === y2) continue;
        const [x1, x2] = [ring[j + along]!, ring[i + along]!];
        // The lines whose middle lies in [upper, lower).
        const to = Math.ceil(Math.max(y1, y2) - 0.5);
        for (let line = Math.ceil(Math.min(y1, y2) - 0.5); line < to; line++) {
          crossings[line - top]?.push(x1 + ((line + 0.5 - y1) / (y2 - y1)) * (x2 - x1));
        }
      }
    }
  }
  for (const [l, places] of crossings.entries()) {
    places.sort((a, b) => a - b);
    for (let i = 0; i + 1 < places.length; i += 2) {
      const from = Math.ceil(places[i]! - 0.5);
      const to = Math.ceil(places[i + 1]! - 0.5);
      if (to > from) emit(top + l, from, to);
    }
  }
}
