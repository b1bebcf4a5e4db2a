/**
 * A case whose tiles have been segmented, without a model: `node test/bench/segment-case.ts <case> <edge> [overlap]`. The classes are
 * the highest of five smooth planes of noise; each tile tips them a little its own way, so that neighbours disagree where two
 * classes are nearly alike and have to be blended.
 */
import { deflateRawSync } from 'node:zlib';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { modelManifestSchema } from '../../src-main/contract/model.ts';
import { planGrid, tileCount } from '../../src-main/core/grid.ts';
import { encodeClasses, encodeMeans, packMask, stripPixels } from '../../src-main/core/segment-mask.ts';
import { inStrip, maskPlace, seamRule } from '../../src-main/core/segment-seams.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import type { TileChange } from '../../src-main/store/tile-store.ts';

const [path = '', edgeText = '30000', overlapText = '64'] = process.argv.slice(2);
const edge = Number(edgeText);
const classes = 5;
/** Edge of the field, which repeats. */
const period = 2048;
const grain = [160, 40, 10];

const manifest: ModelManifest = modelManifestSchema.parse({
  schema: 1,
  id: 'made-up',
  name: 'Made-up segmenter',
  version: '1',
  task: 'segment',
  license: 'none',
  description: 'Smooth noise',
  limits: [],
  references: [],
  files: [{ file: 'none.onnx', imageTypes: ['uint8'] }],
  mpp: null,
  input: { name: 'i', layout: 'NCHW', dtype: 'float32', bands: ['red'], tileSize: 512, fixedSize: true },
  halo: 0,
  outputs: { classMap: { name: 'o', layout: 'NCHW', activation: 'softmax' } },
  classes: Array.from({ length: classes }, (_, c) => ({ name: `class ${c}`, color: [c * 50, 0, 0] })),
  backgroundClass: 0,
  threshold: 0.5,
  keepFrom: 0,
  tileColor: { by: 'class' },
  seams: 'blend',
  smallestRegion: 8,
  background: 'none',
});

function random(seed: number, x: number, y: number): number {
  let h = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b) ^ Math.imul(seed + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** One plane of noise, 0-255, over the period. */
function plane(c: number): Uint8Array {
  const values = new Float32Array(period * period);
  grain.forEach((size, octave) => {
    const cells = Math.round(period / size);
    const weight = 1 / 2 ** octave;
    for (let y = 0; y < period; y++) {
      const gy = (y / period) * cells;
      for (let x = 0; x < period; x++) {
        const gx = (x / period) * cells;
        const [x0, y0] = [Math.floor(gx), Math.floor(gy)];
        const at = (i: number, j: number): number =>
          random(c * 7 + octave, (x0 + i) % cells, (y0 + j) % cells);
        const [fx, fy] = [gx - x0, gy - y0];
        const top = at(0, 0) * (1 - fx) + at(1, 0) * fx;
        values[y * period + x]! += weight * (top * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy);
      }
    }
  });
  return Uint8Array.from(values, (v) => Math.floor((v / 1.75) * 240));
}

const grid = planGrid({
  imageWidth: edge,
  imageHeight: edge,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 512,
  tileHeight: 512,
  overlap: Number(overlapText),
});
const planes = Array.from({ length: classes }, (_, c) => plane(c));
const rule = seamRule(manifest);
const tiles = tileCount(grid);

function maskOf(tile: number): Uint8Array {
  const place = maskPlace(grid, tile, rule);
  const { rect, strips } = place;
  const labels = new Uint8Array(rect.width * rect.height);
  const probability = new Uint8Array(labels.length);
  const pixels = stripPixels({ ...rect, strips });
  const stripPlanes = new Uint8Array(classes * pixels);
  const tip = planes.map((_, c) => Math.floor(random(99, tile, c) * 8));
  for (let y = 0, strip = 0, to = 0; y < rect.height; y++) {
    const row = ((rect.y + y) % period) * period;
    for (let x = 0; x < rect.width; x++, to++) {
      const from = row + ((rect.x + x) % period);
      const isStrip = inStrip(place, x, y);
      let most = -1;
      for (let c = 0; c < classes; c++) {
        const value = planes[c]![from]! + tip[c]!;
        if (isStrip) stripPlanes[c * pixels + strip] = value;
        if (value <= most) continue;
        most = value;
        labels[to] = c;
      }
      probability[to] = most;
      if (isStrip) strip++;
    }
  }
  return packMask(
    {
      width: rect.width,
      height: rect.height,
      strips,
      planes: classes,
      rule: 'highest',
      classes: encodeClasses(labels, rect.width),
      means: encodeMeans(labels, probability, rect.width),
      stripPlanes,
    },
    (bytes) => deflateRawSync(bytes, { level: 1 }),
  );
}

const file = CaseFile.open(path, 'create');
const levels = [{ width: edge, height: edge, downsample: 1, tileWidth: 512, tileHeight: 512 }];
const info = {
  name: 'made-up.tif',
  format: 'tiff',
  vendor: null,
  width: edge,
  height: edge,
  mpp: { x: 0.5, y: 0.5 },
  geo: null,
  objectivePower: null,
  bands: 3,
  bandNames: null,
  dtype: 'uint8' as const,
  noData: null,
  associated: [],
  compression: 'none',
  levels,
  display: { levels, passthrough: true },
};
const image = { path: '/nowhere', name: 'made-up.tif', fingerprint: 'f', bytes: 1, modifiedMs: 1, info };
file.setImage({ ...image, thumbnail: null }, 'now');
const no = file.runs.create(
  {
    modelPath: 'none.onnx',
    modelSha256: 's',
    manifest,
    fit: { fileIndex: 0, bandIndexes: [0], notes: [] },
    parameters: {},
    threshold: 0,
    grid,
    software: 'bench',
  },
  'now',
);
file.transaction(() =>
  file.tiles.insertGrid(no, new Uint8Array(tiles), new Float32Array(tiles).fill(1), new Float32Array(tiles)),
);
const epoch = file.runs.beginEpoch(no);
let bytes = 0;
for (let from = 0; from < tiles; from += grid.columns) {
  const changes: TileChange[] = [];
  for (let tile = from; tile < from + grid.columns; tile++) {
    const mask = maskOf(tile);
    bytes += mask.length;
    const result = {
      tile,
      score: 0,
      classIndex: 0,
      values: new Float32Array(classes),
      detections: new Float32Array(0),
      mask,
    };
    changes.push({ kind: 'done', epoch, result });
  }
  if (file.transaction(() => file.tiles.apply(no, changes)).size > 0)
    throw new Error('the case refused tiles');
}
file.close();
console.log(`${tiles} tiles, ${(bytes / 1e6).toFixed(1)} MB of masks`);
