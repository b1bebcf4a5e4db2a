/** Findings as the screens see them, and the numbers about them. */
import type { FindingSummary, FindingView } from '../contract/finding.ts';
import type { ModelManifest } from '../contract/model.ts';
import { coreRect } from '../core/grid.ts';
import type { CaseFile, StoredImage } from '../store/case-file.ts';
import type { DecidedFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';

const bins = 20;

export function findingView(manifest: ModelManifest, row: DecidedFinding): FindingView {
  return {
    id: row.id,
    ordinal: row.ordinal,
    kind: row.kind,
    box: { x: row.x, y: row.y, width: row.width, height: row.height },
    classIndex: row.classIndex,
    className: manifest.classes[row.classIndex]?.name ?? `class ${row.classIndex}`,
    score: row.score,
    tile: row.tile,
    verdict: row.verdict,
    reviewer: row.reviewer,
    decidedAt: row.decidedAt,
  };
}

interface Physical {
  /** Area of one level-0 pixel in `unit`. */
  perPixel: number;
  unit: 'mm²' | 'km²';
}

/** The person's own mpp goes before the file's. null where the image has no physical size. */
export function physicalSize(image: StoredImage, run: StoredRun): Physical | null {
  const mpp =
    run.parameters.mpp === undefined ? image.info.mpp : { x: run.parameters.mpp, y: run.parameters.mpp };
  if (mpp) return { perPixel: (mpp.x * mpp.y) / 1e6, unit: 'mm²' };
  const metres = image.info.geo?.metersPerPixel;
  return metres ? { perPixel: (metres.x * metres.y) / 1e6, unit: 'km²' } : null;
}

function analysed(file: CaseFile, run: StoredRun): { pixels: number; fractions: number[] } {
  let pixels = 0;
  const sums = run.manifest.classes.map(() => 0);
  for (const { tile, values } of file.tiles.results(run.no)) {
    const core = coreRect(run.grid, tile);
    const area = core.width * core.height;
    pixels += area;
    for (let c = 0; c < sums.length; c++) sums[c] = (sums[c] ?? 0) + (values[c] ?? 0) * area;
  }
  return { pixels, fractions: sums.map((sum) => (pixels > 0 ? sum / pixels : 0)) };
}

export function findingSummary(
  { file, image }: { file: CaseFile; image: StoredImage },
  no: number,
  threshold: number,
): FindingSummary {
  const run = file.runs.get(no);
  const tally = file.findings.tally(no, threshold);
  const count = (keep: (row: (typeof tally)[number]) => boolean): number =>
    tally.filter(keep).reduce((sum, row) => sum + row.n, 0);
  const area = analysed(file, run);
  const physical = physicalSize(image, run);
  return {
    total: count(() => true),
    accepted: count((row) => row.verdict === 'accepted'),
    rejected: count((row) => row.verdict === 'rejected'),
    undecided: count((row) => row.verdict === null),
    byClass: run.manifest.classes.map(({ name }, c) => ({
      name,
      count: count((row) => row.classIndex === c),
    })),
    histogram: file.findings.histogram(no, bins),
    analysedArea: physical && { value: area.pixels * physical.perPixel, unit: physical.unit },
    areaFractions:
      run.manifest.task === 'segment'
        ? run.manifest.classes.map(({ name }, c) => ({ name, fraction: area.fractions[c] ?? 0 }))
        : [],
  };
}
