/** Fields and lines of tables that spreadsheets open. */

export interface TableStyle {
  separator: string;
  end: string;
  text(value: string): string;
}

export function tableLine(fields: readonly string[], { separator, end }: TableStyle): string {
  return fields.join(separator) + end;
}

/** Spreadsheets run what begins like this. */
const formula = /^[=+\-@\t\r\n|]/;

/** What no spreadsheet takes for a formula. */
function defused(value: string): string {
  return formula.test(value) ? `'${value}` : value;
}

/** RFC 4180. */
export function csvText(value: string): string {
  const text = defused(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Without the signs that end a field or a line: TSV has no quotes. */
export function tsvText(value: string): string {
  return defused(value).replaceAll(/[\t\r\n]+/g, ' ');
}

/** Without zeros at the end; empty where the number is none. Not by way of String: V8 would keep the text of each number. */
export function decimalText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '';
  const text = value.toFixed(decimals);
  if (!text.includes('.') || text.includes('e')) return text === '-0' ? '0' : text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  const short = text.slice(0, end);
  return short === '-0' ? '0' : short;
}
