/** What tables say of a finding, a column each: units in the names, level-0 pixels of the whole image where nothing else is said. */
import type { FindingView } from '../contract/finding.ts';
import { areaMeasure } from '../core/areas.ts';
import { isProjectable, pixelToCrs, pixelToLonLat } from '../core/geo.ts';
import { partFinder } from '../core/set-layout.ts';
import { findingArea, hasOutlines, physicalArea } from './outlines.ts';
import type { ReportData } from './report-data.ts';

export type Column =
  | { name: string; kind: 'text'; of(finding: FindingView): string | null }
  | { name: string; kind: 'integer'; of(finding: FindingView): number | null }
  /** Numbers that are none (NaN) are left empty. */
  | { name: string; kind: 'number'; decimals: number; of(finding: FindingView): number | null };

export function findingColumns(data: ReportData): Column[] {
  const centreX = (f: FindingView) => f.box.x + f.box.width / 2;
  const centreY = (f: FindingView) => f.box.y + f.box.height / 2;
  const columns: Column[] = [
    { name: 'id', kind: 'text', of: (f) => f.id },
    { name: 'kind', kind: 'text', of: (f) => f.kind },
    { name: 'class', kind: 'text', of: (f) => f.className },
    { name: 'score', kind: 'number', decimals: 6, of: (f) => f.score },
    { name: 'x_px', kind: 'number', decimals: 2, of: (f) => f.box.x },
    { name: 'y_px', kind: 'number', decimals: 2, of: (f) => f.box.y },
    { name: 'width_px', kind: 'number', decimals: 2, of: (f) => f.box.width },
    { name: 'height_px', kind: 'number', decimals: 2, of: (f) => f.box.height },
  ];
  if (data.image.parts !== null) {
    const partOf = partFinder(data.image.parts);
    const at = (f: FindingView) => partOf(centreX(f), centreY(f));
    columns.push(
      { name: 'picture', kind: 'text', of: (f) => at(f)?.name ?? null },
      { name: 'x_in_picture_px', kind: 'number', decimals: 2, of: (f) => f.box.x - (at(f)?.x ?? 0) },
      { name: 'y_in_picture_px', kind: 'number', decimals: 2, of: (f) => f.box.y - (at(f)?.y ?? 0) },
    );
  }
  const ownMpp = data.run.parameters.mpp;
  const mpp = ownMpp === undefined ? data.image.mpp : { x: ownMpp, y: ownMpp };
  if (mpp !== null) {
    columns.push(
      { name: 'center_x_um', kind: 'number', decimals: 2, of: (f) => centreX(f) * mpp.x },
      { name: 'center_y_um', kind: 'number', decimals: 2, of: (f) => centreY(f) * mpp.y },
      {
        name: 'box_area_um2',
        kind: 'number',
        decimals: 2,
        of: (f) => f.box.width * mpp.x * f.box.height * mpp.y,
      },
    );
  }
  if (hasOutlines(data.model.manifest)) columns.push(...areaColumns(data));
  const { geo } = data.image;
  if (geo !== null) {
    // In the unit of the image's own coordinate system: what a GeoPackage of the findings has too.
    const place = (f: FindingView) => pixelToCrs(geo.transform, centreX(f), centreY(f));
    columns.push(
      { name: 'center_x_crs', kind: 'number', decimals: 7, of: (f) => place(f)[0] },
      { name: 'center_y_crs', kind: 'number', decimals: 7, of: (f) => place(f)[1] },
    );
    if (isProjectable(geo)) {
      const at = pixelToLonLat(geo);
      columns.push(
        {
          name: 'center_longitude_deg',
          kind: 'number',
          decimals: 7,
          of: (f) => at(centreX(f), centreY(f))[0],
        },
        {
          name: 'center_latitude_deg',
          kind: 'number',
          decimals: 7,
          of: (f) => at(centreX(f), centreY(f))[1],
        },
      );
    }
  }
  const { values, valueNames } = data.tiles;
  if (values !== null && data.model.manifest.task !== 'detect') {
    for (const [v, name] of valueNames.entries()) {
      columns.push({
        name: `tile_${name}`,
        kind: 'number',
        decimals: 6,
        of: (f) => (f.kind === 'region' ? null : (values[f.tile * valueNames.length + v] ?? null)),
      });
    }
  }
  columns.push(
    { name: 'tile', kind: 'integer', of: (f) => f.tile },
    { name: 'verdict', kind: 'text', of: (f) => f.verdict },
    { name: 'reviewer', kind: 'text', of: (f) => f.reviewer },
    { name: 'decided_at', kind: 'text', of: (f) => f.decidedAt },
    // Where a reviewer gave another one.
    { name: 'model_class', kind: 'text', of: (f) => f.modelClassName ?? null },
    { name: 'note', kind: 'text', of: (f) => f.note ?? null },
  );
  return columns;
}

/** What the outlines cover, their holes left out. */
function areaColumns({ image, run }: ReportData): Column[] {
  const measure = areaMeasure(image, run.parameters.mpp);
  const pixels: Column = { name: 'area_px2', kind: 'number', decimals: 2, of: findingArea };
  if (measure === null) return [pixels];
  return [
    pixels,
    measure.unit === 'mm²'
      ? { name: 'area_um2', kind: 'number', decimals: 2, of: (f) => physicalArea(f, measure) * 1e6 }
      : { name: 'area_km2', kind: 'number', decimals: 8, of: (f) => physicalArea(f, measure) },
  ];
}
