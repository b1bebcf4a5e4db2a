/** HTML out of text: only `html` makes markup, and everything that is put in is escaped. */

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
