/** Text in the HTML report: escaping, numbers and dates for people. */

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe in text and in quoted attributes. Control characters, which browsers may drop or reorder by, become visible. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '')
    .replaceAll(/(?![\t\n])[\p{Cc}\p{Bidi_C}]/gu, '\ufffd');
}

const MARKUP = Symbol('markup');
/** A piece of HTML: only `html` makes it. */
export interface Markup {
  readonly [MARKUP]: string;
}

type Content = string | number | Markup | null | readonly Content[];

function render(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if (isMarkup(content)) return content[MARKUP];
  return content.map(render).join('');
}

function isMarkup(content: Markup | readonly Content[]): content is Markup {
  return MARKUP in content;
}

/** Template tag: what is put in is escaped unless it is markup itself; null is nothing, lists are joined. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  let text = parts[0] ?? '';
  for (const [i, content] of contents.entries()) text += render(content) + (parts[i + 1] ?? '');
  return { [MARKUP]: text };
}

export function markupText(markup: Markup): string {
  return markup[MARKUP];
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1,234,567 */
export function count(value: number): string {
  return whole.format(value);
}

/** Three significant digits, with thousands separated: 0.0123, 1.23, 1,230. */
export function measure(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return new Intl.NumberFormat('en-US', {
    maximumFractionDigits: Math.min(8, digits),
    minimumFractionDigits: 0,
  }).format(value);
}

export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(value)} %`;
}

/** 2024-05-31 14:03 UTC; what is no date stays as it is. */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${measure(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "1 tile", "2 tiles". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
