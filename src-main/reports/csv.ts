/**
 * Findings as a table: CSV by RFC 4180 (CRLF, quotes doubled), or TSV (IANA text/tab-separated-values: no tabs or line ends within
 * a field); UTF-8, a point as decimal mark.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection"): class names come from
 * model files and reviewers' names from people.
 */
import type { FindingView } from '../contract/finding.ts';
import { findingColumns, type Column } from './finding-columns.ts';
import type { ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { csvText, decimalText, tableLine, tsvText, type TableStyle } from './table-text.ts';

export function csv(data: ReportData): AsyncGenerator<string> {
  return table(data, { separator: ',', end: '\r\n', text: csvText });
}

export function tsv(data: ReportData): AsyncGenerator<string> {
  return table(data, { separator: '\t', end: '\n', text: tsvText });
}

async function* table(data: ReportData, style: TableStyle): AsyncGenerator<string> {
  const columns = findingColumns(data);
  yield tableLine(
    columns.map(({ name }) => style.text(name)),
    style,
  );
  for await (const page of shownPages(data)) {
    let lines = '';
    for (const finding of page) {
      lines += tableLine(
        columns.map((column) => field(column, finding, style)),
        style,
      );
    }
    yield lines;
  }
}

function field(column: Column, finding: FindingView, style: TableStyle): string {
  if (column.kind === 'text') return style.text(column.of(finding) ?? '');
  const value = column.of(finding);
  if (value === null) return '';
  return column.kind === 'integer' ? String(value) : decimalText(value, column.decimals);
}
