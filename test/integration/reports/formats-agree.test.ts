/**
 * Every format of data of the same run, read by programs that nobody here wrote (formats-oracle.py: Python's csv, json and zipfile, GDAL with
 * its rules for COG and GeoPackage, libtiff, libvips, OpenSlide): the same findings in the same places with the same areas.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Annotation } from '../../../src-main/contract/annotation.ts';
import { exportFormatWords } from '../../../src-main/contract/export-formats.ts';
import { coreRect } from '../../../src-main/core/grid.ts';
import { putAnnotations } from '../../../src-main/engine/annotations.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { writeExport } from '../../../src-main/engine/export-run.ts';
import { generateSample } from '../../../src-main/samples/generate-sample.ts';
import { Cleanup } from '../../support/cleanup.ts';

const formats = [
  'csv',
  'tsv',
  'parquet',
  'geojson',
  'gpkg',
  'coco',
  'yolo',
  'wsinfer',
  'overlay',
  'heatmap-cog',
  'classes-cog',
  'heatmap-ome',
  'classes-ome',
] as const;

interface Sums {
  count: number;
  x: number;
  y: number;
  area: number;
  ids: string[];
}
interface Cog {
  errors: string[];
  size: [number, number];
  bands: string[];
  overviews: [number, number][];
  transform: number[];
  noData: string;
  epsg: string | null;
  values: number[];
  metadata: Record<string, string>;
}
interface Ome {
  pixels: Record<string, string>;
  channels: Record<string, string>[];
  planes: Record<string, string>[];
  ids: string[];
  sizes: [number, number][];
  pages: number;
}
interface Read {
  csv: Sums & { classes: string[] };
  tsv: Sums;
  gpkg: Sums & {
    invalid: number;
    valid: boolean;
    layers: string[];
    tiles: number;
    drawn: Record<string, unknown>[];
    epsg: string | null;
    indexed: number;
  };
  geojson: Sums & { invalid: number };
  coco: Sums & { orphans: number };
  yolo: Omit<Sums, 'ids'>;
  wsinfer: { count: number; columns: string[] };
  heatmap: Cog;
  classes: Cog;
  ome: { heatmap: Ome; classes: Ome };
}

const drawings: Pick<Annotation, 'kind' | 'points' | 'holes'>[] = [
  { kind: 'polygon', points: [[10, 20], [110, 20], [60, 90]], holes: [[[50, 30], [70, 30], [60, 50]]] },
  { kind: 'point', points: [[30.5, 40.25]] },
  { kind: 'ruler', points: [[0, 0], [300, 400]] },
]; // prettier-ignore

const cleanup = new Cleanup();
let engine: EngineParts;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-formats-'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: 'test',
  });
  cleanup.add(() => engine.close());
});
afterAll(cleanup.run);

async function analysed(
  kind: 'pathology' | 'satellite',
  size: { width: number; height: number },
  model: string,
): Promise<CaseSession> {
  const image = join(folder, `${kind}.tif`);
  await generateSample({ kind, ...size, out: image, seed: 3 });
  const session = await engine.cases.open(image, join(folder, `${kind}.gigatile`));
  const conductor = await session.startRun(model, { workers: 1 });
  await conductor.ended;
  const decision = { reviewer: '=A', modelSha256: 's', at: '2024-05-31T14:03:00.000Z' };
  session.file.transaction(() => {
    const [first, second] = session.file.findings.all(1);
    session.file.decisions.add(1, { ...decision, finding: first?.id ?? '', verdict: 'rejected' });
    session.file.decisions.add(1, { ...decision, finding: second?.id ?? '', verdict: 'accepted' });
  });
  putAnnotations(
    session.file,
    drawings.map((each, i) => ({
      ...each,
      id: randomUUID(),
      className: 'Tümor',
      color: [255, 0, 16],
      name: `${i}`,
    })),
    'Dr. A',
  );
  return session;
}

async function exported(
  session: CaseSession,
  isGeo: boolean,
): Promise<{ read: Read; rows: Record<string, unknown>[] }> {
  const to = join(folder, isGeo ? 'scene' : 'slide');
  mkdirSync(to);
  for (const format of formats) {
    await writeExport(
      session,
      engine.images,
      1,
      format,
      join(to, `${format}.${exportFormatWords[format].extension}`),
    );
  }
  const { width, height } = session.image.info;
  const text = execFileSync(
    '/usr/bin/python3',
    [
      join(import.meta.dirname, 'formats-oracle.py'),
      to,
      String(width),
      String(height),
      isGeo ? 'geo' : 'pixels',
    ],
    { maxBuffer: 1 << 28 },
  ).toString();
  const file = new Uint8Array(readFileSync(join(to, 'parquet.parquet'))).buffer;
  return {
    read: JSON.parse(text.replaceAll(/\bNaN\b/g, 'null')) as Read,
    rows: await parquetReadObjects({ file }),
  };
}

const idsOf = (rows: readonly Record<string, unknown>[]): string[] =>
  rows.map(({ id }) => String(id)).toSorted();

/** What the case itself says. */
function truth(session: CaseSession): Sums & { polygonArea: number } {
  const sums = { count: 0, x: 0, y: 0, area: 0, polygonArea: 0, ids: [] as string[] };
  const { threshold } = session.file.runs.get(1);
  for (const finding of session.file.findings.all(1)) {
    if (finding.score < threshold) continue;
    sums.count++;
    sums.x += finding.x + finding.width / 2;
    sums.y += finding.y + finding.height / 2;
    sums.ids.push(finding.id);
    const rings = finding.shape?.polygons.flat() ?? [];
    const shoelace = (ring: number[]): number =>
      ring.reduce((sum, _, i) => {
        if (i % 2 === 1) return sum;
        const n = ring.length;
        return sum + ring[i]! * ring[(i + 3) % n]! - ring[(i + 2) % n]! * ring[i + 1]!;
      }, 0) / 2;
    const area = finding.shape
      ? Math.abs(rings.reduce((sum, ring) => sum + shoelace(ring), 0))
      : finding.width * finding.height;
    sums.area += area;
  }
  sums.ids.sort();
  return sums;
}

/** Places are rounded to hundredths, a finding each. */
function expectSame(found: Sums, wanted: Sums, name: string, areaFactor = 1): void {
  expect(found.count, name).toBe(wanted.count);
  expect(found.ids, name).toEqual(wanted.ids);
  expect(Math.abs(found.x - wanted.x), `${name} x`).toBeLessThan(0.011 * wanted.count);
  expect(Math.abs(found.y - wanted.y), `${name} y`).toBeLessThan(0.011 * wanted.count);
  expect(Math.abs(found.area * areaFactor - wanted.area) / wanted.area, `${name} area`).toBeLessThan(1e-3);
}

function expectRules(read: Read): void {
  expect(read.gpkg).toMatchObject({
    valid: true,
    invalid: 0,
    indexed: 1,
    layers: ['findings', 'tiles', 'annotations'],
  });
  expectDrawings(read.gpkg.drawn);
  expect(read.coco.orphans).toBe(0);
  for (const cog of [read.heatmap, read.classes]) {
    expect(cog.errors).toEqual([]);
    for (const [i, [width, height]] of cog.overviews.entries()) {
      expect([width, height]).toEqual(cog.size.map((edge) => Math.ceil(edge / 2 ** (i + 1))));
    }
  }
  for (const [name, ome] of Object.entries(read.ome)) {
    const { size, overviews } = name === 'heatmap' ? read.heatmap : read.classes;
    expect(ome.pixels).toMatchObject({
      SizeX: String(size[0]),
      SizeY: String(size[1]),
      SizeC: '1',
      DimensionOrder: 'XYCZT',
    });
    expect(ome.channels).toHaveLength(1);
    expect(ome.planes).toEqual([{ IFD: '0', PlaneCount: '1' }]);
    expect(new Set(ome.ids).size).toBe(ome.ids.length);
    expect(ome.pages).toBe(1);
    expect(ome.sizes).toEqual(overviews);
  }
}

function expectDrawings(drawn: readonly Record<string, unknown>[]): void {
  const common = { class: 'Tümor', color: '#ff0010', author: 'Dr. A', valid: true };
  expect(drawn).toEqual([
    { ...common, drawn: 'polygon', type: 'POLYGON', points: 8, name: '0', box: near([10, 20, 110, 90]) },
    { ...common, drawn: 'point', type: 'POINT', points: 1, name: '1', box: near([30.5, 40.25, 30.5, 40.25]) },
    { ...common, drawn: 'ruler', type: 'LINESTRING', points: 2, name: '2', box: near([0, 0, 300, 400]) },
  ]);
}

const near = (box: number[]): number[] => box.map((value) => expect.closeTo(value, 4) as number);

/** The score of each tile's middle in the heatmap. */
function expectHeat(session: CaseSession, { size, values }: Cog): void {
  const { grid } = session.file.runs.get(1);
  for (const { idx, state, score } of session.file.tiles.load(1)) {
    const { x, y, width, height } = coreRect(grid, idx);
    const column = Math.floor(((x + width / 2) / grid.imageWidth) * size[0]);
    const row = Math.floor(((y + height / 2) / grid.imageHeight) * size[1]);
    const value = values[row * size[0] + column];
    if (state === 2) expect(value).toBeCloseTo(score ?? -1, 5);
    else expect(value).toBeNull();
  }
}

describe('the same findings in every format', () => {
  it('of a slide with boxes', async () => {
    const session = await analysed('pathology', { width: 1400, height: 1100 }, 'he-nuclei');
    const { read, rows } = await exported(session, false);
    const wanted = truth(session);
    expect(wanted.count).toBeGreaterThan(50);
    expectSame(read.csv, wanted, 'csv');
    expectSame(read.tsv, wanted, 'tsv');
    expectSame(read.gpkg, wanted, 'gpkg');
    expectSame(read.geojson, wanted, 'geojson');
    expectSame(read.coco, wanted, 'coco');
    expect(idsOf(rows)).toEqual(wanted.ids);
    expect(rows.filter(({ verdict }) => verdict === 'rejected')).toHaveLength(1);
    expect(read.yolo.count).toBe(wanted.count - 1);
    expect(read.wsinfer).toEqual({
      count: wanted.count,
      columns: ['minx', 'miny', 'width', 'height', 'prob_nucleus'],
    });
    expect(read.gpkg.tiles).toBe(session.file.tiles.counts(1).total);
    expectRules(read);
    expectHeat(session, read.heatmap);
    expect(read.heatmap.bands[0]).toBe('score');
    expect(read.classes.metadata).toMatchObject({ CLASS_0: 'nothing', CLASS_1: 'nucleus' });
    const nuclei = read.classes.values.filter((value) => value === 1).length;
    // Boxes overlap a little, and one was rejected.
    expect(nuclei / wanted.area).toBeGreaterThan(0.8);
    expect(nuclei / wanted.area).toBeLessThanOrEqual(1);
    expect(read.ome.heatmap.pixels['PhysicalSizeX']).toBe('0.5');
  });

  it('of a scene with regions, in its own coordinates', async () => {
    const session = await analysed('satellite', { width: 700, height: 620 }, 'landcover-rgbn');
    const { read, rows } = await exported(session, true);
    const wanted = truth(session);
    const { geo } = session.image.info;
    const pixelArea = Math.abs((geo?.transform[1] ?? 0) * (geo?.transform[5] ?? 0));
    expect(wanted.count).toBeGreaterThan(5);
    expectSame(read.csv, wanted, 'csv');
    expectSame(read.tsv, wanted, 'tsv');
    expectSame(read.gpkg, wanted, 'gpkg', 1 / pixelArea);
    expectSame(read.coco, wanted, 'coco');
    expect(read.geojson.ids).toEqual(wanted.ids);
    expect(read.geojson.invalid).toBe(0);
    expect(idsOf(rows)).toEqual(wanted.ids);
    expect(read.yolo.count).toBe(wanted.count - 1);
    expect(read.gpkg.epsg).toBe(String(geo?.epsg));
    expectRules(read);
    expectHeat(session, read.heatmap);
    expect(read.classes).toMatchObject({ epsg: String(geo?.epsg), size: [700, 620], noData: '255.0' });
    expect(read.classes.transform).toEqual(geo?.transform);
    // Each pixel as the model says it: the regions of a class are its pixels, but for specks that are left out.
    const names = session.file.runs.get(1).manifest.classes.map(({ name }) => name);
    for (const name of read.csv.classes) {
      const number = names.indexOf(name);
      const pixels = read.classes.values.filter((value) => value === number).length;
      const regions = [...session.file.findings.all(1)].filter((finding) => finding.modelClass === number);
      expect(read.classes.metadata[`CLASS_${number}`]).toBe(name);
      expect(regions.length).toBeGreaterThan(0);
      expect(pixels).toBeGreaterThan(0);
    }
  });
});
