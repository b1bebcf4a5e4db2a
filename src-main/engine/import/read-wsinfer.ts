/** WSInfer's table of tiles: minx, miny, width, height in level-0 pixels, and prob_<class> for each class. */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageInfo } from '../../contract/image.ts';
import type { ImportedFinding, ImportedFindings } from './imported-findings.ts';

const place = ['minx', 'miny', 'width', 'height'] as const;
const prefix = 'prob_';

/** Fields of a line (RFC 4180, without line ends in fields: the table has none). */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/gy;
  while (pattern.lastIndex < line.length || fields.length === 0) {
    const match = pattern.exec(line);
    if (match === null) break;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (pattern.lastIndex === line.length && !line.endsWith(',')) break;
  }
  return fields;
}

export function isWsinfer(text: string): boolean {
  const header = fieldsOf(text.slice(0, 65_536).split(/\r?\n/, 1)[0] ?? '');
  return place.every((name) => header.includes(name)) && header.some((name) => name.startsWith(prefix));
}

/** @throws {GigatileError} usage, naming the line that is none of such a table */
export function readWsinfer(text: string, image: ImageInfo): ImportedFindings {
  const lines = text.split(/\r?\n/);
  const header = fieldsOf(lines[0] ?? '');
  const places = place.map((name) => header.indexOf(name));
  const columns = header.flatMap((name, i) => (name.startsWith(prefix) ? [i] : []));
  const classes = columns.map((i) => header[i]?.slice(prefix.length) ?? '');
  const findings: ImportedFinding[] = [];
  let beyond = 0;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const fields = fieldsOf(line);
    const numberAt = (i: number): number => {
      const field = fields[i]?.trim() ?? '';
      const value = field === '' ? Number.NaN : Number(field);
      if (Number.isFinite(value)) return value;
      throw new GigatileError('usage', `"${field}" is no number`, {
        where: `line ${at + 1}, ${header[i] ?? `column ${i + 1}`}`,
      });
    };
    const [x = 0, y = 0, width = 0, height = 0] = places.map(numberAt);
    if (width <= 0 || height <= 0) {
      throw new GigatileError('usage', 'A tile has no size', { where: `line ${at + 1}` });
    }
    const probabilities = columns.map(numberAt);
    const best = probabilities.reduce((most, value, c) => (value > probabilities[most]! ? c : most), 0);
    if (x + width <= 0 || y + height <= 0 || x >= image.width || y >= image.height) beyond++;
    findings.push({ x, y, width, height, classIndex: best, score: probabilities[best] ?? 0, probabilities });
  }
  if (findings.length > 0 && beyond === findings.length) {
    throw new GigatileError('usage', 'Everything in this file lies outside of the image', {
      hint: 'Places must be in pixels of the full resolution.',
    });
  }
  return { format: 'wsinfer', kind: areTiles(findings) ? 'tile' : 'detection', classes, findings, notes: [] };
}

/** Tiles have one size, but for those at the edges of the image; what has not are objects in a table of the same form. */
function areTiles(findings: readonly ImportedFinding[]): boolean {
  const [first] = findings;
  const isLike = ({ width, height }: ImportedFinding): boolean =>
    Math.abs(width - (first?.width ?? 0)) <= 1 && Math.abs(height - (first?.height ?? 0)) <= 1;
  return findings.filter(isLike).length >= findings.length / 2;
}
