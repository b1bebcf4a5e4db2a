/** One table over many cases: a row a case, with what was analysed, what is missing, what was found and what reviewers made of it. */
import { csvText, decimalText, tableLine } from './table-text.ts';

export interface CaseRow {
  image: string;
  fingerprint: string;
  width: number;
  height: number;
  run: string | null;
  state: string | null;
  model: string | null;
  modelVersion: string | null;
  modelSha256: string | null;
  threshold: number | null;
  tiles: { total: number; done: number; skipped: number; failed: number } | null;
  /** Of the done tiles. */
  area: { value: number; unit: 'mm²' | 'km²' } | null;
  findings: { total: number; accepted: number; rejected: number } | null;
  /** Findings by class, those that were rejected left out. */
  counts: Record<string, number>;
  /** Of segmenters: the part of the analysed area. */
  fractions: Record<string, number>;
  finishedAt: string | null;
}

/** A case that could not be read: a hole in the table must be seen. */
export interface UnreadCase {
  image: string;
  error: string;
}

const style = { separator: ',', end: '\r\n', text: csvText };
const whole = (value: number | undefined | null): string => (value == null ? '' : String(value));
const number = (value: number | undefined | null, decimals: number): string =>
  value == null ? '' : decimalText(value, decimals);

/** Columns of classes are those of all cases together, in the order in which they first come. */
export function caseTable(rows: readonly (CaseRow | UnreadCase)[]): string {
  const read = rows.filter((row): row is CaseRow => !('error' in row));
  const names = (of: (row: CaseRow) => Record<string, number>): string[] => [
    ...new Set(read.flatMap((row) => Object.keys(of(row)))),
  ];
  const classes = names((row) => row.counts);
  const covered = names((row) => row.fractions);
  const columns: { name: string; of(row: CaseRow): string }[] = [
    { name: 'image', of: (row) => csvText(row.image) },
    { name: 'image_fingerprint', of: (row) => row.fingerprint },
    { name: 'width_px', of: (row) => whole(row.width) },
    { name: 'height_px', of: (row) => whole(row.height) },
    { name: 'run', of: (row) => row.run ?? '' },
    { name: 'state', of: (row) => row.state ?? 'no run' },
    { name: 'model', of: (row) => csvText(row.model ?? '') },
    { name: 'model_version', of: (row) => csvText(row.modelVersion ?? '') },
    { name: 'model_sha256', of: (row) => row.modelSha256 ?? '' },
    { name: 'threshold', of: (row) => number(row.threshold, 6) },
    { name: 'tiles', of: (row) => whole(row.tiles?.total) },
    { name: 'tiles_done', of: (row) => whole(row.tiles?.done) },
    { name: 'tiles_skipped', of: (row) => whole(row.tiles?.skipped) },
    { name: 'tiles_failed', of: (row) => whole(row.tiles?.failed) },
    { name: 'analysed_mm2', of: (row) => areaIn(row, 'mm²') },
    { name: 'analysed_km2', of: (row) => areaIn(row, 'km²') },
    { name: 'findings', of: (row) => whole(row.findings?.total) },
    { name: 'accepted', of: (row) => whole(row.findings?.accepted) },
    { name: 'rejected', of: (row) => whole(row.findings?.rejected) },
    { name: 'undecided', of: (row) => whole(row.findings && undecided(row.findings)) },
    { name: 'findings_per_area', of: (row) => number(density(row), 4) },
    ...classes.map((name) => ({ name: `count_${name}`, of: (row: CaseRow) => whole(row.counts[name]) })),
    ...covered.map((name) => ({
      name: `area_fraction_${name}`,
      of: (row: CaseRow) => number(row.fractions[name], 6),
    })),
    { name: 'finished_at', of: (row) => row.finishedAt ?? '' },
  ];
  const lines = rows.map((row) => {
    if (!('error' in row)) return [...columns.map((column) => column.of(row)), ''];
    return [...columns.map(({ name }) => (name === 'image' ? csvText(row.image) : '')), csvText(row.error)];
  });
  return [[...columns.map(({ name }) => csvText(name)), 'error'], ...lines]
    .map((line) => tableLine(line, style))
    .join('');
}

function areaIn({ area }: CaseRow, unit: 'mm²' | 'km²'): string {
  return area?.unit === unit ? decimalText(area.value, 6) : '';
}

function undecided({ total, accepted, rejected }: NonNullable<CaseRow['findings']>): number {
  return total - accepted - rejected;
}

/** What was not rejected, per mm² or km². */
function density({ area, findings }: CaseRow): number | null {
  if (area === null || findings === null || area.value === 0) return null;
  return (findings.total - findings.rejected) / area.value;
}
