/** The pathology sample: how it is stored, its blocks, and its truth as QuPath reads it. */
import type { PaintedBlock, SampleLayout, SamplePainter, SampleSpec } from '../sample-protocol.ts';
import type { Nucleus, NucleusKind } from './nuclei.ts';
import { PathologyBlocks } from './render-block.ts';

export const pathologyLayout: SampleLayout = {
  tileSize: 256,
  blockSize: 1024,
  blockLevels: 2,
  bands: 3,
  dtype: 'uint8',
  photometric: 'ycbcr',
  compression: 'jpeg',
  subsampling: [2, 2],
  layout: 'streamed',
  mpp: { x: 0.5, y: 0.5 },
};

/** Okabe & Ito's palette: told apart by colour-blind eyes. */
const classes: Record<NucleusKind, { name: string; color: [number, number, number] }> = {
  epithelial: { name: 'Epithelial', color: [0, 158, 115] },
  tumour: { name: 'Tumor', color: [213, 94, 0] },
  lymphocyte: { name: 'Lymphocyte', color: [230, 159, 0] },
  stromal: { name: 'Stroma', color: [86, 180, 233] },
  endothelial: { name: 'Endothelium', color: [204, 121, 167] },
};

const corners = 12;

/**
 * A nucleus as a QuPath detection: its ellipse in level-0 px. The corners lie evenly around, so that their mean is the true
 * centre; the measurements have it exactly.
 */
export function nucleusFeature(nucleus: Nucleus): string {
  const { x, y, a, b, angle } = nucleus;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const ring: string[] = [];
  for (let i = 0; i < corners; i++) {
    const t = (i / corners) * 2 * Math.PI;
    const u = a * Math.cos(t);
    const v = b * Math.sin(t);
    ring.push(`[${(x + u * c - v * s).toFixed(2)},${(y + u * s + v * c).toFixed(2)}]`);
  }
  const measurements = {
    'Centre X px': round(x),
    'Centre Y px': round(y),
    'Semi-major px': round(a),
    'Semi-minor px': round(b),
  };
  return (
    `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[${ring.join(',')},${ring[0]}]]},` +
    `"properties":{"objectType":"detection","classification":${JSON.stringify(classes[nucleus.kind])},` +
    `"measurements":${JSON.stringify(measurements)}}}`
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

export class PathologyPainter implements SamplePainter {
  readonly #blocks: PathologyBlocks;
  readonly #truth: boolean;

  constructor(spec: SampleSpec, truth: boolean) {
    this.#blocks = new PathologyBlocks(spec, pathologyLayout.blockSize);
    this.#truth = truth;
  }

  paint(x0: number, y0: number): PaintedBlock {
    const block = this.#blocks.render(x0, y0);
    return {
      tile: (column, row, size) => block.tile(column, row, size),
      truth: this.#truth ? block.nuclei.map(nucleusFeature).join(',\n') : '',
      counts: { nuclei: block.nuclei.length },
    };
  }
}
