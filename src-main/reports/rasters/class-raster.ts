/**
 * The classes of the findings as a raster: of each pixel the class of the finding with the highest score that covers its middle. What a
 * reviewer has rejected is left out. Findings smaller than a pixel have the one that holds their centre.
 */
import type { ModelManifest } from '../../contract/model.ts';
import { tileStateCode } from '../../contract/run.ts';
import { classColour } from '../../core/colour.ts';
import { coreModelRect, tileCount } from '../../core/grid.ts';
import { fillPolygons } from '../../core/polygon-fill.ts';
import { polygonsOf } from '../outlines.ts';
import type { ReportData } from '../report-data.ts';
import { shownPages } from '../shown-pages.ts';
import { Turn } from '../turn.ts';
import { rasterPlace, type RasterPlace } from './raster-place.ts';

/** Not analysed: failed, skipped or not reached. */
export const notAnalysed = 255;
/** Numbers are 0 where there is nothing, and the class's number and one where there is something. */
export const nothingThere = 0;

/** 64 MiB of pixels. */
const longest = 8192;

/** What the numbers of a raster mean. `first`: number of the first class. */
export function classNames({ classes }: ModelManifest, first: 0 | 1): Record<string, string> {
  return {
    ...(first === 1 && { CLASS_0: 'nothing' }),
    ...Object.fromEntries(classes.map(({ name }, c) => [`CLASS_${c + first}`, name])),
    [`CLASS_${notAnalysed}`]: 'not analysed',
  };
}

/** The colour of each number. */
export function classPalette(manifest: ModelManifest, first: 0 | 1): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let c = 0; c < Math.min(255 - first, manifest.classes.length); c++) {
    palette.set(classColour(manifest, c), (c + first) * 3);
  }
  return palette;
}

export interface ClassRaster extends RasterPlace {
  pixels: Uint8Array;
}

/** @throws the signal's reason */
export async function classRaster(data: ReportData, signal?: AbortSignal): Promise<ClassRaster> {
  const place = rasterPlace(data, longest);
  const { width, height, factor, scaleX, scaleY } = place;
  const pixels = new Uint8Array(width * height).fill(nothingThere);
  const { plan, tiles } = data;
  const turn = new Turn();
  for (let tile = 0; tile < tileCount(plan); tile++) {
    if (tiles.states[tile] === tileStateCode.done) continue;
    const core = coreModelRect(plan, tile);
    const edge = (at: number): number => Math.ceil(at / factor - 0.5);
    const [left, right] = [edge(core.x), Math.min(width, edge(core.x + core.width))];
    for (let y = edge(core.y); y < Math.min(height, edge(core.y + core.height)); y++) {
      pixels.fill(notAnalysed, y * width + left, y * width + right);
    }
    if (!turn.isOver) continue;
    await turn.giveWay();
    signal?.throwIfAborted();
  }
  for await (const page of shownPages(data, signal)) {
    for (const finding of page) {
      if (finding.verdict === 'rejected') continue;
      const number = finding.classIndex + 1;
      let covers = false;
      const inRaster = polygonsOf(finding).map((rings) =>
        rings.map((ring) => ring.map((value, i) => value / (i % 2 === 0 ? scaleX : scaleY))),
      );
      fillPolygons(inRaster, (line, from, to) => {
        if (line < 0 || line >= height) return;
        covers = true;
        for (let at = line * width + Math.max(0, from); at < line * width + Math.min(width, to); at++) {
          if (pixels[at] === nothingThere) pixels[at] = number;
        }
      });
      if (covers) continue;
      const { box } = finding;
      const x = Math.min(width - 1, Math.max(0, Math.floor((box.x + box.width / 2) / scaleX)));
      const y = Math.min(height - 1, Math.max(0, Math.floor((box.y + box.height / 2) / scaleY)));
      if (pixels[y * width + x] === nothingThere) pixels[y * width + x] = number;
    }
  }
  return { ...place, pixels };
}
