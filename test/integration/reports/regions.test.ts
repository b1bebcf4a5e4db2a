/** Regions against GDAL: its polygons of the same raster, and what it says about ours in every format that it reads. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { FindingView } from '../../../src-main/contract/finding.ts';
import { planGrid } from '../../../src-main/core/grid.ts';
import { coco } from '../../../src-main/reports/coco.ts';
import { geojsonQupath } from '../../../src-main/reports/geojson-qupath.ts';
import { geojsonRfc7946 } from '../../../src-main/reports/geojson-rfc7946.ts';
import { writeFileWhole } from '../../../src-main/reports/write-file.ts';
import { manifest, sampleReport, scene, slide } from '../../support/sample-report.ts';
import { highest, regionsOf, type Model } from '../../unit/core/segment/segment-field.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-regions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [width, height] = [160, 120];
/** Rings, stripes and grains: holes in holes, crossings, staircases. */
const model: Model = (x, y) => {
  const r = Math.hypot(x - 70, y - 55);
  const grain = (Math.imul(x >> 1, 73_856_093) ^ Math.imul(y >> 1, 19_349_663)) >>> 0;
  const label = x > 120 ? grain % 3 : r < 50 ? Math.floor(r / 7) % 3 : (x + 3 * y) % 90 < 30 ? 1 : 2;
  return [0, 1, 2].map((c) => (c === label ? 255 : 0));
};
const plan = planGrid({
  imageWidth: width,
  imageHeight: height,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 48,
  tileHeight: 40,
  overlap: 10,
});
const { regions } = regionsOf(model, plan, { classes: 3, background: 0 });

function sql(path: string, layer: string, select: string): string {
  return execFileSync('ogrinfo', [
    '-q',
    '-dialect',
    'SQLite',
    '-sql',
    `SELECT ${select} FROM "${layer}"`,
    path,
  ])
    .toString()
    .replaceAll(/\s+/g, ' ');
}
const number = (text: string, name: string): number =>
  Number(new RegExp(`${name} \\(\\w+\\) = ([-\\d.e]+)`).exec(text)?.[1] ?? Number.NaN);

test('as many regions, of the same classes and areas, as GDAL finds in the raster', () => {
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_, at) => highest(model(at % width, Math.floor(at / width), 0))),
  );
  const raster = join(folder, 'labels.pgm');
  writeFileSync(raster, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]));
  const found = join(folder, 'gdal.geojson');
  execFileSync('gdal_polygonize.py', ['-q', raster, '-f', 'GeoJSON', found, 'out', 'class']);
  const listed = execFileSync('ogrinfo', [
    '-q',
    '-dialect',
    'SQLite',
    '-sql',
    'SELECT class, round(ST_Area(geometry)) AS area FROM out WHERE class > 0',
    found,
  ]).toString();
  const theirs = [...listed.matchAll(/class \(\w+\) = (\d+)\s+area \(\w+\) = ([\d.]+)/g)].map(([, c, a]) => [
    Number(c),
    Number(a),
  ]);
  const sorted = (list: number[][]): number[][] => list.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  expect(sorted(regions.map(({ label, pixels: area }) => [label, area]))).toEqual(sorted(theirs));
  expect(theirs.length).toBeGreaterThan(100);
});

function report(image: typeof slide) {
  const findings = regions.map((region, ordinal): FindingView => {
    const { x, y, width: w, height: h } = region;
    return {
      id: `00000000-0000-8000-8000-${String(ordinal).padStart(12, '0')}`,
      ordinal,
      kind: 'region',
      box: { x, y, width: w, height: h },
      classIndex: region.label - 1,
      className: `class ${region.label}`,
      score: 1,
      shape: { polygons: [region.rings], keypoints: [] },
      tile: 0,
      verdict: null,
      reviewer: null,
      decidedAt: null,
    };
  });
  return {
    ...sampleReport({ image, findings: 0, manifest: { ...manifest, task: 'segment' } }),
    findings: () => findings,
  };
}
const total = regions.reduce((sum, { pixels }) => sum + pixels, 0);

test('QuPath’s GeoJSON: valid polygons with holes, covering just what they should', async () => {
  const path = join(folder, 'qupath.geojson');
  await writeFileWhole(path, geojsonQupath(report(slide)));
  const said = sql(
    path,
    'qupath',
    'count(*) AS n, sum(NOT ST_IsValid(geometry)) AS bad, sum(ST_Area(geometry)) AS area',
  );
  expect(number(said, 'n')).toBe(regions.length);
  expect(number(said, 'bad')).toBe(0);
  expect(number(said, 'area')).toBeCloseTo(total, 3);
  // No two of them overlap: together they cover as much as one by one.
  const union = sql(path, 'qupath', 'ST_Area(ST_Union(geometry)) AS area');
  expect(number(union, 'area')).toBeCloseTo(total, 3);
});

test('RFC 7946: valid, right-handed, of the right size on the ground', async () => {
  const path = join(folder, 'rfc.geojson');
  await writeFileWhole(path, geojsonRfc7946(report(scene)));
  const local = join(folder, 'local.geojson');
  execFileSync('ogr2ogr', ['-t_srs', 'EPSG:32632', local, path]);
  const said = sql(
    local,
    'rfc',
    'count(*) AS n, sum(NOT ST_IsValid(geometry)) AS bad, sum(ST_Area(geometry)) AS area',
  );
  expect(number(said, 'n')).toBe(regions.length);
  expect(number(said, 'bad')).toBe(0);
  // Pixels of 10 m; places are rounded to about a centimetre.
  expect(number(said, 'area') / (total * 100)).toBeCloseTo(1, 4);
});

/** Run lengths as pycocotools takes them apart (maskApi.c, rleFrString). */
const readCoco = `
import json, sys
def counts_of(s):
    counts, p = [], 0
    while p < len(s):
        x, k, more = 0, 0, True
        while more:
            c = ord(s[p]) - 48
            x |= (c & 0x1f) << 5 * k
            more, p, k = bool(c & 0x20), p + 1, k + 1
            if not more and c & 0x10: x |= -1 << 5 * k
        if len(counts) > 2: x += counts[-2]
        counts.append(x)
    return counts
owner, areas = {}, []
for a in json.load(sys.stdin)['annotations']:
    seg = a['segmentation']
    if isinstance(seg, list):
        areas.append(None)
        continue
    h, w = seg['size']
    counts = counts_of(seg['counts'])
    assert sum(counts) == h * w, 'runs do not fill the image'
    at, area = 0, 0
    for i, n in enumerate(counts):
        assert n >= 0
        if i % 2:
            area += n
            for q in range(at, at + n): owner.setdefault((q // h, q % h), []).append(a['category_id'])
        at += n
    areas.append(area)
print(json.dumps({'areas': areas, 'pixels': [[x, y, *c] for (x, y), c in owner.items()]}))`;

test('COCO: outlines with holes are run lengths that cover just the pixels of their class, others polygons', async () => {
  let text = '';
  for await (const part of coco(report(slide))) text += part;
  const { annotations } = JSON.parse(text) as { annotations: { area: number; segmentation: unknown }[] };
  expect(annotations).toHaveLength(regions.length);
  const read = JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', readCoco], { input: text, maxBuffer: 1 << 26 }).toString(),
  ) as { areas: (number | null)[]; pixels: [number, number, ...number[]][] };
  for (const [i, { area, segmentation }] of annotations.entries()) {
    const { pixels, rings } = regions[i]!;
    expect(area).toBe(pixels);
    expect(Array.isArray(segmentation)).toBe(rings.length === 1);
    expect(read.areas[i]).toBe(rings.length === 1 ? null : pixels);
  }
  expect(read.pixels.length).toBeGreaterThan(1000);
  for (const [x, y, ...classes] of read.pixels) expect(classes).toEqual([highest(model(x, y, 0))]);
});
