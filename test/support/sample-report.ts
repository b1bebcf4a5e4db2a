/** A run's results as the writers take them, made up: what a report test needs without an image, a model or a case. */
import { modelManifestSchema, type ModelManifest } from '../../src-main/contract/model.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import { tileStateCode, type RunView } from '../../src-main/contract/run.ts';
import { findingId } from '../../src-main/core/finding-id.ts';
import { coreRect, planGrid, tileAt, tileCount } from '../../src-main/core/grid.ts';
import type { ReportData, ReportImage } from '../../src-main/reports/report-data.ts';

export const slide: ReportImage = {
  name: 'S24-0815 A1.svs',
  format: 'svs',
  width: 12_000,
  height: 9_000,
  mpp: { x: 0.5, y: 0.5 },
  geo: null,
  objectivePower: 20,
  bands: 3,
  dtype: 'uint8',
  compression: 'jpeg',
  parts: null,
  isNamed: true,
  vendor: 'aperio',
  properties: [],
  leftOut: ["the file's other pictures (label, macro)"],
};

/** 10 m pixels in UTM zone 32 north, near Zurich. */
export const scene: ReportImage = {
  ...slide,
  name: 'scene.tif',
  format: 'geotiff',
  mpp: null,
  geo: {
    epsg: 32632,
    crsName: 'WGS 84 / UTM zone 32N',
    transform: [465_000, 10, 0, 5_250_000, 0, -10],
    metersPerPixel: { x: 10, y: 10 },
  },
  objectivePower: null,
  bands: 4,
  dtype: 'uint16',
  compression: 'deflate',
  parts: null,
  leftOut: [],
};

export const manifest: ModelManifest = modelManifestSchema.parse({
  schema: 1,
  id: 'he-nuclei',
  name: 'Nuclei in H&E',
  version: '1.0.0',
  task: 'detect',
  license: 'Apache-2.0',
  description: 'Finds nuclei by colour unmixing and a Laplacian of Gaussian on the haematoxylin channel.',
  limits: [
    'Large vesicular nuclei can be hit several times.',
    'Elongated and touching nuclei can be missed.',
    'A wrong resolution gives wrong results.',
  ],
  references: ['Ruifrok and Johnston 2001, Anal Quant Cytol Histol 23:291-299'],
  files: [{ file: 'he-nuclei.onnx', imageTypes: ['uint8'] }],
  mpp: 0.5,
  input: {
    name: 'image',
    layout: 'NHWC',
    dtype: 'uint8',
    bands: ['red', 'green', 'blue'],
    tileSize: 512,
    fixedSize: false,
  },
  halo: 16,
  outputs: { detections: { name: 'detections' } },
  classes: [
    { name: 'Nucleus', color: [86, 180, 233] },
    { name: 'Mitosis', color: [230, 159, 0] },
  ],
  backgroundClass: null,
  threshold: 0.5,
  keepFrom: 0.3,
  tileColor: { by: 'density', full: 6000 },
  background: 'tissue',
});

/** Repeatable numbers (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SampleOptions {
  image?: ReportImage;
  manifest?: ModelManifest;
  findings?: number;
  /** Tiles that failed. */
  failed?: number;
  run?: Partial<RunView>;
  /** Put over each finding. */
  finding?: (finding: FindingView) => Partial<FindingView>;
  name?: string;
}

/** Findings in a few clusters, some of them decided; background at the rim skipped; every other as asked. */
export function sampleReport(options: SampleOptions = {}): ReportData {
  const image = {
    ...(options.image ?? slide),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  const model = options.manifest ?? manifest;
  const random = randomNumbers(7);
  const plan = planGrid({
    imageWidth: image.width,
    imageHeight: image.height,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 512,
    tileHeight: 512,
    overlap: 64,
  });
  const total = tileCount(plan);

  const findings: FindingView[] = [];
  for (let i = 0; i < (options.findings ?? 2000); i++) {
    const cluster = i % 4;
    const away = () => (random() + random() + random() - 1.5) * image.width * 0.12;
    const x = Math.min(image.width - 20, Math.max(0, image.width * (0.3 + 0.14 * cluster) + away()));
    const y = Math.min(image.height - 20, Math.max(0, image.height * (0.35 + 0.1 * (cluster % 3)) + away()));
    const score = Math.fround(0.3 + random() * 0.7);
    const classIndex = model.classes.length > 1 && random() < 0.04 ? 1 : 0;
    const size = 12 + random() * 8;
    const verdict = score > 0.97 ? 'accepted' : score > 0.95 ? 'rejected' : null;
    const box = { x, y, width: size, height: size * 1.1 };
    findings.push({
      id: findingId('sample', { kind: 'detection', ...box, classIndex, score }),
      ordinal: 0,
      kind: 'detection',
      box,
      classIndex,
      className: model.classes[classIndex]?.name ?? '',
      score,
      tile: tileAt(plan, x + size / 2, y + size / 2),
      verdict,
      reviewer: verdict === null ? null : 'Dr. A. Berger',
      decidedAt: verdict === null ? null : '2024-05-31T14:03:00.000Z',
    });
  }
  findings.sort((a, b) => b.score - a.score || a.box.y - b.box.y || a.box.x - b.box.x);
  for (const [ordinal, finding] of findings.entries()) {
    finding.ordinal = ordinal;
    Object.assign(finding, options.finding?.(finding));
  }

  const perTile = new Float64Array(total);
  for (const { tile } of findings) perTile[tile]!++;
  const most = Math.max(1, ...perTile);
  const states = new Uint8Array(total).fill(tileStateCode.done);
  const skipReasons = new Uint8Array(total);
  for (let tile = 0; tile < total; tile++) {
    const core = coreRect(plan, tile);
    const dx = (core.x + core.width / 2) / image.width - 0.5;
    const dy = (core.y + core.height / 2) / image.height - 0.5;
    if (perTile[tile] === 0 && Math.hypot(dx, dy) > 0.42) {
      states[tile] = tileStateCode.skipped;
      skipReasons[tile] = 1;
    }
  }
  const failedTiles: number[] = [];
  for (
    let tile = Math.floor(total / 2) + 5;
    failedTiles.length < (options.failed ?? 0) && tile < total;
    tile++
  ) {
    if (states[tile] !== tileStateCode.done) continue;
    states[tile] = tileStateCode.failed;
    failedTiles.push(tile);
  }
  const inState = (state: number) =>
    states.reduce<number>((sum, value) => sum + (value === state ? 1 : 0), 0);
  const threshold = model.threshold;

  return {
    software: { name: 'Gigatile', version: '0.1.0' },
    generatedAt: '2024-06-01T08:00:00.000Z',
    image,
    fingerprint: '3f5a9c'.padEnd(64, '0'),
    model: { manifest: model, sha256: 'a1b2c3'.padEnd(64, '0'), file: model.files[0]?.file ?? '' },
    run: {
      id: 'run-1',
      caseId: 'case',
      modelId: model.id,
      modelName: model.name,
      modelVersion: model.version,
      modelSha256: 'a1b2c3'.padEnd(64, '0'),
      parameters: { workers: 2, threshold },
      threshold,
      state: failedTiles.length > 0 ? 'complete-with-gaps' : 'complete',
      step: 'finished',
      grid: plan,
      tiles: {
        total,
        pending: 0,
        running: 0,
        waiting: 0,
        done: inState(tileStateCode.done),
        skipped: inState(tileStateCode.skipped),
        failed: failedTiles.length,
      },
      findings: findings.filter(({ score }) => score >= threshold).length,
      createdAt: '2024-05-31T13:20:00.000Z',
      finishedAt: '2024-05-31T13:31:40.000Z',
      seconds: 702.4,
      provider: 'cpu',
      reason: null,
      ...options.run,
    },
    runSoftware: '0.1.0',
    notes: [],
    machine: 'linux x64, 8 cores, 32 GiB',
    review: { reviewers: [], pairs: [] },
    coverage: [],
    annotations: [],
    plan,
    tiles: {
      states,
      scores: Uint8Array.from(perTile, (n) => Math.round((255 * n) / most)),
      classes: new Uint8Array(total).fill(255),
      skipReasons,
      values: null,
      valueNames: [],
    },
    failures:
      failedTiles.length === 0
        ? []
        : [
            {
              code: 'image-corrupt',
              message: 'The stored tile at column 17, row 9 of level 0 is damaged',
              count: failedTiles.length,
              tiles: failedTiles.slice(0, 10),
            },
          ],
    quality: { judged: 0, blurred: 0, pen: 0 },
    threshold,
    findings: () => findings,
  };
}

export async function textOf(chunks: AsyncIterable<string> | Iterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
