/**
 * GeoJSON as RFC 7946 has it, for geo-referenced images: longitude and latitude in WGS84, right-handed rings, polygons cut at the
 * antimeridian, no `crs` member. The image's own coordinate system is named beside the features.
 */
import type { FindingView } from '../contract/finding.ts';
import { tileStateCode } from '../contract/run.ts';
import { areaMeasure, withinImage, type AreaMeasure } from '../core/areas.ts';
import { pixelToLonLat, polygonRings, rectRings, type LonLat, type Ring } from '../core/geo.ts';
import { coreRect } from '../core/grid.ts';
import { GigatileError } from '../contract/errors.ts';
import { physicalArea, polygonsOf } from './outlines.ts';
import { provenance, type ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { tilesInState } from './summary.ts';

/** @throws {GigatileError} image-unsupported where the image has no geo-reference, or one in an unknown coordinate system */
export async function* geojsonRfc7946(data: ReportData): AsyncGenerator<string> {
  const { geo } = data.image;
  if (geo === null) {
    throw new GigatileError(
      'image-unsupported',
      'The image has no geo-reference, so its findings have no place on Earth',
      {
        where: data.image.name,
      },
    );
  }
  const at = pixelToLonLat(geo);
  const about = {
    ...provenance(data),
    imageCrs: geo.crsName === null ? `EPSG:${geo.epsg}` : `EPSG:${geo.epsg} (${geo.crsName})`,
    // In RFC 7946 a feature is a finding: what was not analysed stands here, so that nobody counts it.
    notAnalysed: tilesInState(data, tileStateCode.failed).map((tile) =>
      geometry(rectRings(at, withinImage(coreRect(data.plan, tile), data.image))),
    ),
  };
  yield `{"type":"FeatureCollection","gigatile":${JSON.stringify(about)},"features":[`;
  const measure = areaMeasure(data.image);
  let separator = '\n';
  for await (const page of shownPages(data)) {
    yield separator + page.map((finding) => JSON.stringify(feature(data, finding, at, measure))).join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}

function feature(
  data: ReportData,
  finding: FindingView,
  at: (x: number, y: number) => LonLat,
  measure: AreaMeasure | null,
): object {
  const { values, valueNames } = data.tiles;
  const named = valueNames.map((name, v) => [name, values?.[finding.tile * valueNames.length + v] ?? null]);
  return {
    type: 'Feature',
    id: finding.id,
    geometry: outline(finding, at),
    properties: {
      kind: finding.kind,
      class: finding.className,
      score: finding.score,
      verdict: finding.verdict,
      reviewer: finding.reviewer,
      decidedAt: finding.decidedAt,
      ...(finding.modelClassName !== undefined && { modelClass: finding.modelClassName }),
      ...(finding.note !== undefined && { note: finding.note }),
      x: finding.box.x,
      y: finding.box.y,
      width: finding.box.width,
      height: finding.box.height,
      ...(measure !== null && finding.shape && { areaKm2: round(physicalArea(finding, measure)) }),
      ...(finding.kind === 'tile' && values !== null ? Object.fromEntries(named) : {}),
    },
  };
}

/** Outlines with their holes; boxes where a finding has none. */
function outline(finding: FindingView, at: (x: number, y: number) => LonLat): object {
  if (finding.shape === undefined || finding.shape.polygons.length === 0) {
    return geometry(rectRings(at, finding.box));
  }
  const polygons = polygonsOf(finding).flatMap((rings) =>
    polygonRings(rings.map((ring) => placed(ring, at))),
  );
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons };
}

function placed(ring: readonly number[], at: (x: number, y: number) => LonLat): LonLat[] {
  const points: LonLat[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push(at(ring[i] ?? 0, ring[i + 1] ?? 0));
  return points;
}

/** Square metres. */
const round = (km2: number) => Math.round(km2 * 1e6) / 1e6;

function geometry(rings: Ring[]): object {
  const [only, ...others] = rings;
  if (only !== undefined && others.length === 0) return { type: 'Polygon', coordinates: [only] };
  return { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) };
}
