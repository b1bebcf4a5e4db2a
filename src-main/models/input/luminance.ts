/** One grey band of three colours. */

/**
 * ITU-R 601 luminance. `integers`: rounded as Pillow's `convert('L')` does it, in 16-bit fixed point, for values up to 65535; else
 * a plain weighted sum.
 */
export function luminance(red: number, green: number, blue: number, integers: boolean): number {
  if (integers) return (red * 19_595 + green * 38_470 + blue * 7471 + 0x8000) >>> 16;
  return red * 0.299 + green * 0.587 + blue * 0.114;
}
