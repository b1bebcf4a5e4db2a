/** One-dimensional kernels for separable filters. */

/** Gaussian of standard deviation `sigma` (px), cut at `radius`, sum 1. */
export function gaussian(sigma: number, radius: number): number[] {
  const values = offsets(radius).map((x) => Math.exp(-(x * x) / (2 * sigma * sigma)));
  const sum = total(values);
  return values.map((v) => v / sum);
}

/**
 * Negated second derivative of the Gaussian times sigma² (scale-normalised: T. Lindeberg, "Feature detection with automatic
 * scale selection", IJCV 30 (1998)). Cutting the kernel off spoils two properties that are restored here: a flat
 * image answers 0, and the parabola -x²/2 answers sigma².
 */
export function negatedSecondDerivative(sigma: number, radius: number): number[] {
  const smooth = gaussian(sigma, radius);
  const raw = offsets(radius).map((x, i) => (1 - (x * x) / (sigma * sigma)) * (smooth[i] ?? 0));
  const mean = total(raw) / raw.length;
  const flat = raw.map((v) => v - mean);
  const curvature = -total(flat.map((v, i) => (v * (i - radius) ** 2) / 2));
  return flat.map((v) => (v * sigma * sigma) / curvature);
}

function offsets(radius: number): number[] {
  return Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0);
}
