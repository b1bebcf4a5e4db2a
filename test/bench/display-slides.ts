/** The two slides that display tiles are measured on, what tells them apart in the table, and OpenSlide's side of the comparison. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageSource } from '../../src-main/images/image-source.ts';
import { bigSlide, realSizeSlide } from './big-slide.ts';
import type { TileRequest } from './tile-requests.ts';

export interface DisplaySlide {
  path: string;
  /** The target is about the other one: with halves OpenSlide hardly ever scales. */
  isExact: boolean;
  /** What a row of the table says of it. */
  note: string;
}

/** @param repeats of the texture, in the slide whose levels are exact halves */
export function displaySlides(repeats: number): DisplaySlide[] {
  return [
    { path: realSizeSlide(), isExact: false, note: '' },
    { path: bigSlide(repeats), isExact: true, note: ' (exact levels only)' },
  ];
}

/** `target` and `reached` of a figure. */
export function target(
  { isExact }: DisplaySlide,
  wanted: string,
  reached: boolean,
): { target: string; reached: boolean } {
  return isExact ? { target: 'none', reached: true } : { target: wanted, reached };
}

export interface OpenSlideAnswer {
  seconds: number[];
  processor: number[];
  p50: number;
  p95: number;
  levels: number;
}

/** The same requests to OpenSlide's deep zoom in Python, in a process of its own. */
export function openSlideTiles(path: string, list: string, passes: number): OpenSlideAnswer {
  const script = join(import.meta.dirname, 'display-tiles-openslide.py');
  return JSON.parse(execFileSync('/usr/bin/python3', [script, path, list, String(passes)]).toString());
}

/**
 * Both show the same place at the same request, so that neither has less to do. @throws where a tile of ours is not nearer to deep
 * zoom's than to the same one moved by 8 pixels
 */
export async function checkSamePlace(
  source: ImageSource,
  path: string,
  requests: readonly TileRequest[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-'));
  try {
    for (const [index, request] of requests.entries()) {
      const tile = await source.displayTile(...request);
      if (tile === null) throw new Error(`no tile ${request.join('/')}`);
      writeFileSync(join(folder, `${index}.jpg`), tile.bytes);
    }
    writeFileSync(join(folder, 'requests.json'), JSON.stringify(requests));
    const script = join(import.meta.dirname, 'display-same-place.py');
    const said = execFileSync('/usr/bin/python3', [script, path, folder], { encoding: 'utf8' });
    console.log(said.trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}
