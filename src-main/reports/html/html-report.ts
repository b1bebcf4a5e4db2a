/**
 * The report as one self-contained HTML file: no scripts, nothing from the network (its own Content-Security-Policy forbids both),
 * every name escaped. It can be mailed, archived and printed.
 */
import type { ReportSettings } from '../../contract/report.ts';
import { composeReport } from '../document/compose.ts';
import type { ReportDocument } from '../document/document.ts';
import type { ReportPictures } from '../document/pictures.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { blockMarkup, dataUrl } from './blocks.ts';
import { html, markupText, type Markup } from './markup.ts';
import { pageStyle, style } from './style.ts';

export const reportCsp = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

export function htmlReport(
  data: ReportData,
  summary: ReportSummary,
  pictures: ReportPictures,
  settings?: ReportSettings,
): Generator<string> {
  return documentHtml(composeReport(data, summary, pictures, settings));
}

export function* documentHtml(report: ReportDocument): Generator<string> {
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportCsp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${markupText(html`<title>${report.title}</title>`)}
<style>${style}${pageStyle[report.page]}</style></head>\n<body><main>\n`;
  yield markupText(head(report));
  for (const { title, blocks } of report.sections) {
    if (title !== null) yield `${markupText(html`<h2>${title}</h2>`)}\n`;
    for (const block of blocks) yield `${markupText(blockMarkup(block))}\n`;
  }
  yield markupText(html`<footer>${report.footer.map((line) => html`<p>${line}</p>`)}</footer>`);
  yield '\n</main></body></html>\n';
}

function head({ brand, header, logo, heading, lead }: ReportDocument): Markup {
  return html`<header>
    ${
      header === null && logo === null
        ? null
        : html`<div class="letterhead">
            ${logo === null ? null : html`<img src="${dataUrl(logo)}" alt="" />`}${header === null ? null : html`<p>${header}</p>`}
          </div>`
    }
    <p class="brand">${brand}</p>
    <h1>${heading}</h1>
    <p class="lead">${lead}</p>
  </header> `;
}
