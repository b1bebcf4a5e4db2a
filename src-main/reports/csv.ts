/**
 * Findings as a table: RFC 4180 (CRLF, quotes doubled), UTF-8, units in the column names, a point as decimal mark.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection"): class names come from
 * model files and reviewers' names from people.
 */
import type { FindingView } from '../contract/finding.ts';
import { areaMeasure } from '../core/areas.ts';
import { partFinder } from '../core/set-layout.ts';
import { pixelToLonLat, roundDegrees } from '../core/geo.ts';
import { findingArea, hasOutlines, physicalArea } from './outlines.ts';
import { shownFindings, type ReportData } from './report-data.ts';

interface Column {
  name: string;
  of(finding: FindingView): string | number | null;
}

/** @throws {GigatileError} image-unsupported where the image lies in an unknown coordinate system */
export async function* csv(data: ReportData): AsyncGenerator<string> {
  const columns = columnsOf(data);
  yield line(columns.map(({ name }) => name));
  for await (const finding of shownFindings(data)) yield line(columns.map((column) => column.of(finding)));
}

function columnsOf(data: ReportData): Column[] {
  const centreX = (f: FindingView) => f.box.x + f.box.width / 2;
  const centreY = (f: FindingView) => f.box.y + f.box.height / 2;
  const columns: Column[] = [
    { name: 'id', of: (f) => f.id },
    { name: 'kind', of: (f) => f.kind },
    { name: 'class', of: (f) => f.className },
    { name: 'score', of: (f) => round(f.score, 6) },
    { name: 'x_px', of: (f) => round(f.box.x, 2) },
    { name: 'y_px', of: (f) => round(f.box.y, 2) },
    { name: 'width_px', of: (f) => round(f.box.width, 2) },
    { name: 'height_px', of: (f) => round(f.box.height, 2) },
  ];
  if (data.image.parts !== null) {
    const partOf = partFinder(data.image.parts);
    const at = (f: FindingView) => partOf(centreX(f), centreY(f));
    columns.push(
      { name: 'picture', of: (f) => at(f)?.name ?? null },
      { name: 'x_in_picture_px', of: (f) => round(f.box.x - (at(f)?.x ?? 0), 2) },
      { name: 'y_in_picture_px', of: (f) => round(f.box.y - (at(f)?.y ?? 0), 2) },
    );
  }
  const ownMpp = data.run.parameters.mpp;
  const mpp = ownMpp === undefined ? data.image.mpp : { x: ownMpp, y: ownMpp };
  if (mpp !== null) {
    columns.push(
      { name: 'center_x_um', of: (f) => round(centreX(f) * mpp.x, 2) },
      { name: 'center_y_um', of: (f) => round(centreY(f) * mpp.y, 2) },
      { name: 'box_area_um2', of: (f) => round(f.box.width * mpp.x * f.box.height * mpp.y, 2) },
    );
  }
  if (hasOutlines(data.model.manifest)) columns.push(...areaColumns(data));
  if (data.image.geo !== null) {
    const at = pixelToLonLat(data.image.geo);
    columns.push(
      { name: 'center_longitude_deg', of: (f) => roundDegrees(at(centreX(f), centreY(f))[0]) },
      { name: 'center_latitude_deg', of: (f) => roundDegrees(at(centreX(f), centreY(f))[1]) },
    );
  }
  const { values, valueNames } = data.tiles;
  if (values !== null && data.model.manifest.task !== 'detect') {
    for (const [v, name] of valueNames.entries()) {
      columns.push({
        name: `tile_${name}`,
        of: (f) => (f.kind === 'region' ? null : round(values[f.tile * valueNames.length + v] ?? NaN, 6)),
      });
    }
  }
  columns.push(
    { name: 'tile', of: (f) => f.tile },
    { name: 'verdict', of: (f) => f.verdict },
    { name: 'reviewer', of: (f) => f.reviewer },
    { name: 'decided_at', of: (f) => f.decidedAt },
  );
  return columns;
}

/** What the outlines cover, their holes left out. */
function areaColumns({ image, run }: ReportData): Column[] {
  const measure = areaMeasure(image, run.parameters.mpp);
  const area = (f: FindingView) => round(findingArea(f), 2);
  if (measure === null) return [{ name: 'area_px2', of: area }];
  return [
    { name: 'area_px2', of: area },
    measure.unit === 'mm²'
      ? { name: 'area_um2', of: (f) => round(physicalArea(f, measure) * 1e6, 2) }
      : { name: 'area_km2', of: (f) => round(physicalArea(f, measure), 8) },
  ];
}

const round = (value: number, decimals: number) => Number(value.toFixed(decimals));

function line(values: (string | number | null)[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r\n|]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
