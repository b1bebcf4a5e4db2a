/**
 * A report as it will be. The page is shown in a frame in which nothing runs; the screens' policy forbids styles in markup, so they
 * are taken out of the page and set from here.
 */
import { useEffect, useRef } from 'react';

export function ReportPreview({ html, label }: { html: string; label: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    if (frame.current !== null) show(frame.current, html);
  }, [html]);
  return <iframe ref={frame} className="report-preview" title={label} sandbox="allow-same-origin" />;
}

/** What is drawn by its content alone; the report has none of the rest. */
const dropped = 'script, style, link, meta, base, iframe, object, embed, form';
const sheetOf = /<style>([^<]*)<\/style>/;

function show(frame: HTMLIFrameElement, html: string): void {
  const page = frame.contentDocument;
  // Of the frame's own: a sheet serves only the document that it was made for.
  const Sheet = (frame.contentWindow as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null)
    ?.CSSStyleSheet;
  if (page === null || Sheet === undefined) return;
  // Quotes of text are escaped in a report: this finds attributes alone.
  const bare = html.replace(sheetOf, '').replaceAll(' style="', ' data-style="');
  const parsed = new DOMParser().parseFromString(bare, 'text/html');
  for (const element of parsed.querySelectorAll(dropped)) element.remove();
  const top = page.scrollingElement?.scrollTop ?? 0;
  const body = page.adoptNode(parsed.body);
  for (const element of body.querySelectorAll<HTMLElement>('[data-style]')) {
    element.style.cssText = element.dataset['style'] ?? '';
  }
  const sheet = new Sheet();
  sheet.replaceSync(sheetOf.exec(html)?.[1] ?? '');
  page.adoptedStyleSheets = [sheet];
  page.documentElement.lang = 'en';
  page.body.replaceWith(body);
  // A change of a word should not throw the reader back to the top.
  if (page.scrollingElement !== null) page.scrollingElement.scrollTop = top;
}
