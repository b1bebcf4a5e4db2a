/** Tables: columns as wide as what is in them, words in the rest; the head again on each page. */
import { isMeter, type Block, type Cell, type Column } from '../document/document.ts';
import { cssColour } from '../../core/colour.ts';
import { ink } from './ink.ts';
import type { Sheet } from './sheet.ts';
import type { TextBlock } from './typeface.ts';

const size = 8.5;
const headSize = 7.8;
const gap = 12;
const pad = 3.2;
const meterWidth = 90;

interface Grid {
  columns: readonly Column[];
  widths: number[];
  lefts: number[];
}

export function drawTable(sheet: Sheet, table: Extract<Block, { kind: 'table' }>, indent: number): void {
  const columns = table.columns ?? (table.rows[0] ?? []).map((): Column => ({ title: '', align: 'left' }));
  const grid = gridOf(sheet, columns, table.rows, sheet.left + indent, sheet.width - indent);
  const hasHead = columns.some(({ title }) => title !== '');
  // A short table stays on one page.
  const { bottom, top } = sheet;
  const height = tableHeight(sheet, table, indent);
  if (height !== null && height < (bottom - top) / 2) sheet.need(height);
  sheet.within(
    'Table',
    () => {
      if (hasHead) drawHead(sheet, grid, true);
      for (const row of table.rows) drawRow(sheet, grid, row, hasHead);
    },
    { title: table.label },
  );
  sheet.y += 6;
}

/** So many rows are a short table. */
const shortRows = 14;

/** null: it is long, and goes over pages. */
export function tableHeight(
  sheet: Sheet,
  { columns: given, rows }: Extract<Block, { kind: 'table' }>,
  indent = 0,
): number | null {
  if (rows.length > shortRows) return null;
  const columns = given ?? (rows[0] ?? []).map((): Column => ({ title: '', align: 'left' }));
  const { widths } = gridOf(sheet, columns, rows, sheet.left + indent, sheet.width - indent);
  const tallest = (cells: readonly Cell[], look: number): number =>
    Math.max(
      ...cells.map((cell, c) =>
        isMeter(cell) ? look : sheet.type.layOut(cell, widths[c]!, { size: look }).height,
      ),
    );
  const head = columns.some(({ title }) => title !== '')
    ? tallest(
        columns.map(({ title }) => title),
        headSize,
      ) +
      2 * pad
    : 0;
  return rows.reduce(
    (sum, row) =>
      sum +
      tallest(
        columns.map((_, c) => row[c] ?? ''),
        size,
      ) +
      2 * pad,
    head,
  );
}

function gridOf(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  left: number,
  width: number,
): Grid {
  const natural = columns.map(({ title }, c) => {
    const cells = rows.map((row) => row[c] ?? '');
    const widths = cells.map((cell) =>
      isMeter(cell)
        ? meterWidth
        : sheet.type.layOut(cell, 10_000, { size, isTabular: columns[c]!.align === 'right' }).width,
    );
    return (
      Math.max(sheet.type.layOut(title, 10_000, { size: headSize, weight: 'bold' }).width, ...widths) + 0.5
    );
  });
  const room = width - gap * (columns.length - 1);
  const wanted = natural.reduce((sum, each) => sum + each, 0);
  const weights = columns.map(({ align, weight = 1 }) => (align === 'left' ? weight : 0));
  const weight = weights.reduce((sum, each) => sum + each, 0);
  let widths: number[];
  if (wanted <= room) {
    // Columns of words take what is left, but not so much that a row falls apart.
    const spare = Math.min(room - wanted, room * 0.6);
    widths = natural.map((each, c) => each + (weight === 0 ? 0 : (spare * weights[c]!) / weight));
  } else {
    const fixed = natural.reduce((sum, each, c) => sum + (weights[c] === 0 ? each : 0), 0);
    const words = columns.flatMap(({ align }, c) => (align === 'left' ? [c] : []));
    widths = [...natural];
    for (const [c, width] of sharedOut(words, natural, Math.max(40, room - fixed))) widths[c] = width;
  }
  const lefts: number[] = [];
  let at = left;
  for (const each of widths) {
    lefts.push(at);
    at += each + gap;
  }
  return { columns, widths, lefts };
}

/** Narrow columns get what they need; the others share the rest, each a part as it is long. */
function sharedOut(
  columns: readonly number[],
  natural: readonly number[],
  room: number,
): [column: number, width: number][] {
  const fair = room / columns.length;
  const narrow = columns.filter((c) => natural[c]! <= fair);
  const wide = columns.filter((c) => natural[c]! > fair);
  const taken = narrow.map((c): [number, number] => [c, natural[c]!]);
  const rest = room - taken.reduce((sum, [, width]) => sum + width, 0);
  if (narrow.length > 0) return [...taken, ...sharedOut(wide, natural, rest)];
  const whole = wide.reduce((sum, c) => sum + natural[c]!, 0);
  // None so narrow that its words fall apart.
  const least = Math.min(fair, 60);
  const free = room - least * wide.length;
  return wide.map((c) => [c, least + (free * natural[c]!) / whole]);
}

function drawHead(sheet: Sheet, { columns, widths, lefts }: Grid, isFirst: boolean): void {
  const cells = columns.map(({ title }, c) =>
    sheet.type.layOut(title, widths[c]!, { size: headSize, weight: 'bold', colour: ink.soft }),
  );
  const height = Math.max(...cells.map((cell) => cell.height)) + 2 * pad;
  if (isFirst) sheet.need(height + 40);
  const draw = (c: number) => (): void =>
    sheet.type.draw(cells[c]!, lefts[c]!, sheet.y + pad, { align: columns[c]!.align, width: widths[c]! });
  if (isFirst) {
    sheet.within('TR', () => {
      for (const c of columns.keys()) sheet.content('TH', draw(c), { scope: 'Column' });
    });
  } else {
    sheet.decoration(() => {
      for (const c of columns.keys()) draw(c)();
    });
  }
  sheet.y += height;
  rule(sheet, lefts[0]!, lefts.at(-1)! + widths.at(-1)!, 0.8);
}

function drawRow(sheet: Sheet, grid: Grid, row: readonly Cell[], hasHead: boolean): void {
  const { columns, widths, lefts } = grid;
  const cells = columns.map((_, c): Cell | TextBlock => {
    const cell = row[c] ?? '';
    return isMeter(cell)
      ? cell
      : sheet.type.layOut(cell, widths[c]!, { size, isTabular: columns[c]!.align === 'right' });
  });
  const height = Math.max(...cells.map((cell) => (isText(cell) ? cell.height : size))) + 2 * pad;
  if (sheet.y + height > sheet.bottom && sheet.y > sheet.top) {
    sheet.breakPage();
    if (hasHead) drawHead(sheet, grid, false);
  }
  sheet.within('TR', () => {
    for (const [c, cell] of cells.entries()) {
      sheet.content('TD', () => {
        if (isText(cell)) {
          sheet.type.draw(cell, lefts[c]!, sheet.y + pad, { align: columns[c]!.align, width: widths[c]! });
        } else if (isMeter(cell)) {
          const y = sheet.y + pad + size * 0.3;
          sheet.doc.roundedRect(lefts[c]!, y, widths[c]!, 6, 3).fill(ink.fill);
          const width = widths[c]! * Math.min(1, cell.meter);
          if (width > 0.2)
            sheet.doc
              .roundedRect(lefts[c]!, y, width, 6, Math.min(3, width / 2))
              .fill(cssColour(cell.colour));
        }
      });
    }
  });
  sheet.y += height;
  rule(sheet, lefts[0]!, lefts.at(-1)! + widths.at(-1)!, 0.4);
}

function isText(cell: Cell | TextBlock): cell is TextBlock {
  return typeof cell === 'object' && 'lines' in cell;
}

export function rule(sheet: Sheet, from: number, to: number, width: number): void {
  sheet.decoration(() => {
    sheet.doc.moveTo(from, sheet.y).lineTo(to, sheet.y).lineWidth(width).stroke(ink.line);
  });
}
