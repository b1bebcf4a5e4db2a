/**
 * The two stains of a slide from its own pixels. Source: M. Macenko et al., "A method for normalizing histology slides for quantitative
 * analysis", ISBI 2009, 1107-1110: optical densities of stained pixels lie near a plane; the outermost directions in it, but for a few
 * in a hundred, are the stains.
 */
import type { Vector } from './stains.ts';

/** Natural optical density that each channel of a stained pixel has at least, as in the paper; here in log10. */
const leastDensity = 0.15 / Math.LN10;
/** Part of the pixels beyond each stain. The paper's 1 % follows pen and dust on whole slides. */
const beyond = 0.05;
/** With fewer there is nothing to be said. */
const leastPixels = 1000;
/** Two directions nearer than this (cosine of 8°) are one stain. */
const sameStain = Math.cos((8 / 180) * Math.PI);

/**
 * @param rgb red, green and blue of pixels, one after the other, 0-255
 * @returns the stain that takes more of the red first (haematoxylin, before eosin or DAB), as unit vectors of optical density; null where
 * there are too few stained pixels, or only one stain
 */
export function macenko(rgb: Uint8Array): [Vector, Vector] | null {
  const density = densities(rgb);
  const count = density.length / 3;
  if (count < leastPixels) return null;
  const [first, second] = plane(density);
  const angle = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    angle[i] = Math.atan2(along(density, i, second), along(density, i, first));
  }
  angle.sort();
  const direction = (part: number): Vector => {
    const at = angle[Math.round((count - 1) * part)] ?? 0;
    const [cos, sin] = [Math.cos(at), Math.sin(at)];
    return [
      first[0] * cos + second[0] * sin,
      first[1] * cos + second[1] * sin,
      first[2] * cos + second[2] * sin,
    ];
  };
  const [a, b] = [direction(beyond), direction(1 - beyond)];
  if (a[0] * b[0] + a[1] * b[1] + a[2] * b[2] > sameStain) return null;
  return a[0] > b[0] ? [a, b] : [b, a];
}

/** Optical densities of the stained pixels, three after three. */
function densities(rgb: Uint8Array): Float64Array {
  const table = Float64Array.from({ length: 256 }, (_, value) => -Math.log10(Math.max(1, value) / 255));
  const all = new Float64Array(rgb.length);
  let used = 0;
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const [red, green, blue] = [table[rgb[i]!]!, table[rgb[i + 1]!]!, table[rgb[i + 2]!]!];
    if (red < leastDensity || green < leastDensity || blue < leastDensity) continue;
    all[used++] = red;
    all[used++] = green;
    all[used++] = blue;
  }
  return all.subarray(0, used);
}

function along(density: Float64Array, i: number, v: Vector): number {
  return density[i * 3]! * v[0] + density[i * 3 + 1]! * v[1] + density[i * 3 + 2]! * v[2];
}

/** The two directions in which the densities differ most, red not negative: eigenvectors of their covariance. */
function plane(density: Float64Array): [Vector, Vector] {
  const count = density.length / 3;
  const mean = [0, 0, 0];
  for (let i = 0; i < density.length; i++) mean[i % 3]! += density[i]! / count;
  const matrix = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < density.length; i += 3) {
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) {
        matrix[r]![c]! += ((density[i + r]! - mean[r]!) * (density[i + c]! - mean[c]!)) / count;
      }
    }
  }
  const [largest, next] = eigenvectors(matrix);
  const forward = (v: Vector): Vector => (v[0] < 0 ? [-v[0], -v[1], -v[2]] : v);
  return [forward(largest!), forward(next!)];
}

/** Of a symmetric 3 x 3 matrix, by Jacobi's rotations; the largest eigenvalue's first. */
function eigenvectors(matrix: readonly (readonly number[])[]): Vector[] {
  const a = matrix.map((row) => [...row]);
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  // Quadratic convergence: a handful of sweeps reach the precision of doubles.
  for (let sweep = 0; sweep < 16; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = a[p]![q]!;
      if (off === 0) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const c = 1 / Math.hypot(t, 1);
      const s = t * c;
      for (const m of [a, v]) {
        for (const row of m) {
          const [x, y] = [row[p]!, row[q]!];
          row[p] = c * x - s * y;
          row[q] = s * x + c * y;
        }
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [a[p]![k]!, a[q]![k]!];
        a[p]![k] = c * x - s * y;
        a[q]![k] = s * x + c * y;
      }
    }
  }
  return [0, 1, 2]
    .toSorted((i, j) => a[j]![j]! - a[i]![i]!)
    .map((i): Vector => [v[0]![i]!, v[1]![i]!, v[2]![i]!]);
}
