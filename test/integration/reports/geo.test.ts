import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectionOf } from '../../../src-main/core/geo.ts';
import { geojsonRfc7946 } from '../../../src-main/reports/geojson-rfc7946.ts';
import { writeFileWhole } from '../../../src-main/reports/write-file.ts';
import { sampleReport, scene } from '../../support/sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-geo-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Longitude and latitude of points in a coordinate system, as PROJ has them. */
function gdal(epsg: number, points: [number, number][]): [number, number][] {
  const output = execFileSync(
    'gdaltransform',
    // Traditional order: longitude first, whatever the register says.
    ['-s_srs', `EPSG:${epsg}`, '-t_srs', 'OGC:CRS84', '-output_xy'],
    { input: points.map((point) => point.join(' ')).join('\n') },
  );
  return output
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number) as [number, number]);
}

describe('projections against GDAL', () => {
  it.each([
    [
      32632,
      [
        [300_000, 5_000_000],
        [465_123.4, 5_250_987.6],
        [800_000, 5_900_000],
      ],
    ],
    [
      32756,
      [
        [334_000, 6_250_000],
        [200_000, 7_900_000],
      ],
    ],
    [
      25832,
      [
        [465_123.4, 5_250_987.6],
        [700_000, 5_500_000],
      ],
    ],
    [
      26915,
      [
        [480_000, 4_980_000],
        [300_000, 3_300_000],
      ],
    ],
    [
      3857,
      [
        [1_000_000, 6_000_000],
        [-13_000_000, -4_000_000],
      ],
    ],
    [
      3035,
      [
        [4_321_000, 3_210_000],
        [3_900_000, 2_300_000],
      ],
    ],
    [
      2154,
      [
        [652_000, 6_862_000],
        [900_000, 6_250_000],
      ],
    ],
    [
      5070,
      [
        [-1_500_000, 1_900_000],
        [1_600_000, 2_200_000],
      ],
    ],
    [
      3413,
      [
        [-200_000, -2_200_000],
        [1_000_000, -1_000_000],
      ],
    ],
    [
      3031,
      [
        [300_000, -1_300_000],
        [-1_500_000, 900_000],
      ],
    ],
    [
      31985,
      [
        [288_776, 9_120_760],
        [298_722, 9_110_728],
      ],
    ],
    [3995, [[-200_000, -2_200_000]]],
    [3976, [[300_000, -1_300_000]]],
    [6931, [[-200_000, -2_200_000]]],
    [6932, [[300_000, 1_300_000]]],
    [32661, [[1_800_000, 2_300_000]]],
    [5041, [[1_800_000, 2_300_000]]],
    [32761, [[2_300_000, 700_000]]],
    [5042, [[2_300_000, 700_000]]],
    [3832, [[4_000_000, -2_000_000]]],
    [31970, [[400_000, 1_200_000]]],
    [28356, [[334_000, 6_250_000]]],
    [7856, [[334_000, 6_250_000]]],
    [6340, [[480_000, 4_980_000]]],
    [6690, [[400_000, 3_950_000]]],
    [3100, [[400_000, 3_950_000]]],
    [3395, [[1_000_000, 6_000_000]]],
    [3338, [[200_000, 1_000_000]]],
    [3577, [[1_200_000, -3_900_000]]],
    [2193, [[1_750_000, 5_430_000]]],
    [3346, [[580_000, 6_060_000]]],
    [2180, [[637_000, 486_000]]],
    [3006, [[674_000, 6_580_000]]],
    [3067, [[385_000, 6_672_000]]],
  ] as [number, [number, number][]][])('EPSG:%d', (epsg, points) => {
    const projection = projectionOf({ epsg, crsName: null });
    for (const [i, [longitude, latitude]] of gdal(epsg, points).entries()) {
      const [ours, oursLatitude] = projection.toLonLat(...points[i]!);
      // A millimetre is 1e-8 degrees.
      expect(Math.abs(ours - longitude)).toBeLessThan(2e-8);
      expect(Math.abs(oursLatitude - latitude)).toBeLessThan(2e-8);
    }
  });

  // GDAL moves NAD83(CSRS) by its own parameters; here it is taken as WGS84.
  it.each([2956, 2958, 3155])('EPSG:%d within two metres', (epsg) => {
    const [place] = gdal(epsg, [[480_000, 5_580_000]]);
    const [longitude, latitude] = projectionOf({ epsg, crsName: null }).toLonLat(480_000, 5_580_000);
    expect(Math.abs(longitude - place![0])).toBeLessThan(3e-5);
    expect(Math.abs(latitude - place![1])).toBeLessThan(2e-5);
  });
});

describe('GeoJSON by RFC 7946', () => {
  it('is read by GDAL: WGS84 polygons, all of them, valid, in the right place', async () => {
    const path = join(folder, 'findings.geojson');
    const data = sampleReport({ image: scene, failed: 3 });
    await writeFileWhole(path, geojsonRfc7946(data));
    const output = execFileSync('ogrinfo', ['-al', '-so', path]).toString();
    const expected = [...(data.findings() as Iterable<{ score: number }>)].filter(
      ({ score }) => score >= 0.5,
    );
    expect(output).toContain(`Feature Count: ${expected.length}\n`);
    expect(output).toContain('Geometry: Polygon\n');
    expect(output).toContain('ID["EPSG",4326]');
    const corners = gdal(32632, [
      [465_000, 5_160_000],
      [585_000, 5_250_000],
    ]);
    const [, ...extent] = /Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)/.exec(output) ?? [];
    const [west = NaN, south = NaN, east = NaN, north = NaN] = extent.map(Number);
    expect(west).toBeGreaterThan(corners[0]![0] - 0.05);
    expect(south).toBeGreaterThan(corners[0]![1] - 0.05);
    expect(east).toBeLessThan(corners[1]![0] + 0.05);
    expect(north).toBeLessThan(corners[1]![1] + 0.05);
    const invalid = execFileSync('ogrinfo', [
      '-q',
      '-dialect',
      'SQLite',
      '-sql',
      'SELECT count(*) AS n FROM findings WHERE NOT ST_IsValid(geometry)',
      path,
    ]).toString();
    expect(invalid).toMatch(/n \(Integer\) = 0/);
  });
});
