/**
 * Stain vectors and their unmixing. Source: A. C. Ruifrok, D. A. Johnston, "Quantification of histochemical staining by
 * color deconvolution", Anal Quant Cytol Histol 23 (2001), 291-299: optical densities of red, green, blue for pure stains.
 */
export type Vector = readonly [number, number, number];

export const stains = {
  hematoxylin: [0.65, 0.7, 0.29],
  eosin: [0.07, 0.99, 0.11],
  dab: [0.27, 0.57, 0.78],
} as const satisfies Record<string, Vector>;

function unit(v: Vector): Vector {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/**
 * Rows that turn the optical densities (red, green, blue) of a pixel into amounts of the first and second stain. Of a mixture
 * of two unit vectors a, b and their unit normal n, the amount of a is the component along b x n, scaled so that a itself
 * has 1; likewise for b. What neither stain explains goes to n and is dropped.
 */
export function unmixing(first: Vector, second: Vector): readonly [Vector, Vector] {
  const a = unit(first);
  const b = unit(second);
  const n = unit(cross(a, b));
  const row = (of: Vector, normal: Vector): Vector => {
    const scale = dot(of, normal);
    return [normal[0] / scale, normal[1] / scale, normal[2] / scale];
  };
  return [row(a, cross(b, n)), row(b, cross(n, a))];
}
