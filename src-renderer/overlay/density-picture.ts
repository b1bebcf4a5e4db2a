/**
 * Very many findings from afar as a picture of their density. Nothing is left out: each cell of a grid, a pixel or two on the screen,
 * sums what lies in it, and is painted as strongly as so many points on top of each other would be.
 */
import { verdictCode, type FindingSet } from '../state/finding-set.ts';
import type { ViewTransform } from './view-transform.ts';

/** Fewer are painted one by one. */
const fewest = 20_000;
/** Cells along the longer side, at most: closer than that they are few enough to be painted one by one. */
const mostCells = 1024;
/** Half sides of findings from which they are boxes and no points, CSS pixels. */
export const pointBelow = 3.5;
/** A point's radius for its half side, and how much of its inside is filled; its rim is all. */
export const pointRadius = { factor: 0.7, least: 1.1, most: 2.2 } as const;
export const pointFill = 0.9;
/** A point with its smooth rim has the colour of a disc so much wider (CSS pixels) and of this strength. */
const rim = 0.77;
export const discStrength = 0.97;
/** Rejected ones are fainter, and grey. */
const rejectedWeight = 0.5;
const rejectedGrey = 158;
/** Steps of a cell's sum in a byte. */
export const stepsPerFinding = 8;

export interface DensityGrid {
  columns: number;
  rows: number;
  /** Edge of a cell, level-0 pixels. */
  cell: number;
}

/** The grid for a zoom, of cells of 1 to 2 CSS pixels; null where the findings are painted one by one. */
export function densityGrid(findings: FindingSet, { scale }: ViewTransform): DensityGrid | null {
  if (findings.count < fewest || findings.longestHalf * scale >= pointBelow) return null;
  const { width, height } = findings.image;
  const onScreen = Math.max(width, height) * scale;
  const along = 2 ** Math.floor(Math.log2(Math.max(1, onScreen)));
  if (along > mostCells) return null;
  const cell = Math.max(width, height) / along;
  return { columns: Math.max(1, Math.ceil(width / cell)), rows: Math.max(1, Math.ceil(height / cell)), cell };
}

export interface DensityPicture extends DensityGrid {
  /** RGBA by cell: the mean colour of its findings, and in A how many they are, in steps of 1 / stepsPerFinding. */
  texels: Uint8Array;
  /** Mean half side of the findings, level-0 pixels. */
  halfSide: number;
}

/** @param classColours 256 RGBA texels */
export function densityPicture(
  findings: FindingSet,
  grid: DensityGrid,
  threshold: number,
  classColours: Uint8Array,
): DensityPicture {
  const { columns, rows, cell } = grid;
  const sums = new Float32Array(columns * rows * 4);
  let sides = 0;
  let shown = 0;
  for (let i = 0; i < findings.count; i++) {
    if ((findings.scores[i] ?? 0) < threshold) continue;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(findings.centreX(i) / cell)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(findings.centreY(i) / cell)));
    const at = (row * columns + column) * 4;
    const isRejected = findings.verdicts[i] === verdictCode.rejected;
    const weight = isRejected ? rejectedWeight : 1;
    for (let channel = 0; channel < 3; channel++) {
      const own = classColours[(findings.classes[i] ?? 0) * 4 + channel] ?? 0;
      sums[at + channel]! += weight * (isRejected ? rejectedGrey : own);
    }
    sums[at + 3]! += weight;
    sides += Math.max(findings.boxes[i * 4 + 2] ?? 0, findings.boxes[i * 4 + 3] ?? 0) / 2;
    shown++;
  }
  const texels = new Uint8Array(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    const weight = sums[at + 3]!;
    if (weight === 0) continue;
    for (let channel = 0; channel < 3; channel++)
      texels[at + channel] = Math.round(sums[at + channel]! / weight);
    texels[at + 3] = Math.max(1, Math.min(255, Math.round(weight * stepsPerFinding)));
  }
  return { ...grid, texels, halfSide: shown === 0 ? 0 : sides / shown };
}

/** How the findings of a cell are spread at a zoom. */
export interface Spread {
  /** Discs over each pixel of a cell that has one finding. */
  layers: number;
  /** A disc reaches beyond its cell: the part of a cell's sum that goes to each neighbour along a side (the same variance). */
  aside: number;
}

export function spreadOf({ halfSide, cell }: DensityPicture, scale: number): Spread {
  const { factor, least, most } = pointRadius;
  const radius = Math.min(most, Math.max(least, halfSide * scale * factor)) + rim;
  const edge = cell * scale;
  const variance = radius ** 2 / 4 - edge ** 2 / 12;
  return {
    layers: (Math.PI * radius ** 2) / edge ** 2,
    aside: Math.min(0.4, Math.max(0, variance / (2 * edge ** 2))),
  };
}

/**
 * How opaque a cell is: as points of this strength, spread over it, would be together.
 * @param sum of the cell with what its neighbours spread to it, findings
 * @param strength of a point, 0-1
 */
export function densityAlpha(sum: number, { layers }: Spread, strength: number): number {
  return 1 - (1 - strength * discStrength) ** (sum * layers);
}

/** What a picture was made of. */
interface Made {
  picture: DensityPicture;
  findings: FindingSet;
  version: number;
  threshold: number;
  classColours: Uint8Array;
}

export interface DensityScene {
  findings: FindingSet;
  findingsVersion: number;
  threshold: number;
  classColours: Uint8Array;
}

/** The picture for a view, made anew only where something in it is another; null where findings are painted one by one. */
export class DensityPictures {
  #made: Made | null = null;

  pictureOf(view: ViewTransform, scene: DensityScene): DensityPicture | null {
    const { findings, findingsVersion: version, threshold, classColours } = scene;
    const grid = densityGrid(findings, view);
    if (grid === null) return null;
    const made = this.#made;
    if (
      made === null ||
      made.findings !== findings ||
      made.version !== version ||
      made.threshold !== threshold ||
      made.classColours !== classColours ||
      made.picture.cell !== grid.cell
    ) {
      const picture = densityPicture(findings, grid, threshold, classColours);
      this.#made = { picture, findings, version, threshold, classColours };
      return picture;
    }
    return made.picture;
  }
}
