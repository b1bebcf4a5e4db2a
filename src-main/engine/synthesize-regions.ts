/**
 * Findings of a segmenter: the connected regions of each class over all tiles, with their outlines. Goes through the tiles row by
 * row; what it keeps is two rows of tiles, the regions that are still open, and a line of numbers for each that has ended.
 */
import type { Shape } from '../contract/finding.ts';
import { modelSize, tileAt } from '../core/grid.ts';
import { SegmentSweep } from '../core/segment-sweep.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { NewFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';
import { labelRows } from './label-rows.ts';
import { OutlineFile } from './outline-file.ts';

/** A region whose outline has more corners is cut along a row of pixels: no outline fills the memory, here or on a screen. */
export const mostCorners = 100_000;

export interface Regions {
  count: number;
  /** All but the outline. */
  at(i: number): Omit<NewFinding, 'ordinal' | 'id' | 'shape'>;
  shape(i: number): Shape;
  /** Regions that were cut because of `mostCorners`. */
  cuts: number;
  /** Regions below the model's smallest size, and below its lowest confidence. */
  tooSmall: number;
  tooWeak: number;
  /** Sentences for the person about what is not as the model said it. */
  notes: string[];
  /** Afterwards there are no shapes any more. */
  close(): void;
}

/** Numbers of a region that has ended: x, y, width, height (model pixels), class, score, tile, where its list of rings is. */
const stride = 8;

/**
 * null where tiles have no masks: the model gives none, or the run was begun by a version that kept none.
 *
 * @throws {GigatileError} case-corrupt; disk-full, io; cancelled
 */
export async function collectRegions(
  caseFile: CaseFile,
  run: StoredRun,
  signal?: AbortSignal,
): Promise<Regions | null> {
  if (run.manifest.task !== 'segment' || !caseFile.tiles.hasMasks(run.no)) return null;
  const file = new OutlineFile(caseFile.path);
  try {
    return await sweep(caseFile, run, file, signal);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function sweep(
  caseFile: CaseFile,
  run: StoredRun,
  file: OutlineFile,
  signal: AbortSignal | undefined,
): Promise<Regions> {
  const { grid, manifest } = run;
  const { scaleX, scaleY } = grid;
  const smallest = manifest.smallestRegion ?? 0;
  const found = new Columns();
  let tooWeak = 0;
  const regions = new SegmentSweep(
    modelSize(grid).width,
    { smallest, mostCorners },
    file,
    ({ label, pixels, sum, x, y, width, height, firstX, firstY, outer, holes }) => {
      const score = Math.min(1, sum / (255 * pixels));
      if (score < manifest.keepFrom) {
        tooWeak++;
        return;
      }
      const tile = tileAt(grid, (firstX + 0.5) * scaleX, (firstY + 0.5) * scaleY);
      found.add(x, y, width, height, label, score, tile, outer);
      for (const hole of holes) found.addHole(hole);
    },
  );
  for await (const row of labelRows(caseFile, run, manifest.backgroundClass, signal)) regions.push(row);
  regions.finish();

  const inImageX = (x: number): number => Math.min(grid.imageWidth, x * scaleX);
  const inImageY = (y: number): number => Math.min(grid.imageHeight, y * scaleY);
  const toImage = (ring: number[]): number[] => ring.map((v, i) => (i % 2 === 0 ? inImageX(v) : inImageY(v)));
  return {
    count: found.count,
    at(i) {
      const [x = 0, y = 0, width = 0, height = 0, classIndex = 0, score = 0, tile = 0] = found.at(i);
      const left = inImageX(x);
      const top = inImageY(y);
      return {
        kind: 'region',
        x: left,
        y: top,
        width: inImageX(x + width) - left,
        height: inImageY(y + height) - top,
        classIndex,
        score,
        tile,
      };
    },
    shape: (i) => ({ polygons: [found.rings(i).map((at) => toImage(file.get(at)))], keypoints: [] }),
    cuts: regions.cuts,
    tooSmall: regions.dropped,
    tooWeak,
    notes: notesOf(regions, smallest),
    close: () => file.close(),
  };
}

/** Without numbers, which change when failed tiles are retried: those are in the event log. */
function notesOf({ cuts, dropped }: SegmentSweep, smallest: number): string[] {
  const notes: string[] = [];
  if (cuts > 0) {
    notes.push(
      `Regions with outlines of more than ${mostCorners.toLocaleString('en')} corners were cut along a row of pixels: their parts are findings of their own.`,
    );
  }
  if (dropped > 0) {
    notes.push(
      `Regions of fewer than ${smallest} model pixels were left out, as the model asks. The area fractions count their pixels.`,
    );
  }
  return notes;
}

/** A million regions are columns of numbers, not a million objects. */
class Columns {
  count = 0;
  #numbers = new Float64Array(stride * 1024);
  #holes = new Float64Array(1024);
  #holeCount = 0;

  add(...numbers: readonly number[]): void {
    const at = this.count++ * stride;
    if (at + stride > this.#numbers.length) this.#numbers = grown(this.#numbers);
    this.#numbers.set(numbers, at);
    this.#numbers[at + stride - 1] = this.#holeCount;
    this.addHole(numbers[stride - 1] ?? 0);
  }

  /** Of the region that was added last. */
  addHole(ring: number): void {
    if (this.#holeCount === this.#holes.length) this.#holes = grown(this.#holes);
    this.#holes[this.#holeCount++] = ring;
  }

  at(i: number): Float64Array {
    return this.#numbers.subarray(i * stride, (i + 1) * stride);
  }

  /** The outer ring and the holes. */
  rings(i: number): number[] {
    const from = this.at(i)[stride - 1] ?? 0;
    const to = i + 1 < this.count ? (this.at(i + 1)[stride - 1] ?? 0) : this.#holeCount;
    return [...this.#holes.subarray(from, to)];
  }
}

function grown(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
