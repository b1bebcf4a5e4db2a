/**
 * The report as one self-contained HTML file: no scripts, nothing from the network (its own Content-Security-Policy forbids both),
 * every name escaped. It can be mailed, archived and printed.
 */
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { banner, imageQuality, missing } from './missing.ts';
import { hotspots, overview, type ReportPictures } from './pictures.ts';
import { scene } from './scene.ts';
import { style } from './style.ts';
import { classTable, figures, findingsTable, howItWasMade } from './tables.ts';
import { dateTime, html, markupText, type Markup } from './text.ts';

export const reportCsp = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

export function* htmlReport(
  data: ReportData,
  summary: ReportSummary,
  pictures: ReportPictures,
): Generator<string> {
  const { image, model } = data;
  const title = `${image.name}: ${model.manifest.name}`;
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportCsp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${markupText(html`<title>${title}</title>`)}
<style>${style}</style></head>\n<body><main>\n`;
  const sections: (() => Markup | null)[] = [
    () =>
      html`<header>
        <p class="brand">${data.software.name} report</p>
        <h1>${image.name}</h1>
        <p class="lead">
          ${model.manifest.name} ${model.manifest.version},
          ${dateTime(data.run.finishedAt ?? data.run.createdAt)}
        </p>
      </header>`,
    () => banner(data, summary),
    () => missing(data, summary),
    () => scene(data),
    () => imageQuality(data),
    () => figures(data, summary),
    () =>
      html`<h2>Where</h2>
        ${overview(data, summary, pictures)}`,
    () => classTable(data, summary),
    () => hotspots(data, summary, pictures),
    () => findingsTable(data, summary),
    () => howItWasMade(data, summary),
    () => footer(data),
  ];
  for (const section of sections) {
    const markup = section();
    if (markup !== null) yield `${markupText(markup)}\n`;
  }
  yield '</main></body></html>\n';
}

function footer(data: ReportData): Markup {
  const { leftOut } = data.image;
  return html`<footer>
    <p>
      <b>Left out for privacy:</b> ${
        leftOut.length === 0
          ? 'the file has no pictures beside the image itself'
          : `the file's other pictures (${leftOut.join(', ')})`
      };
      the scanner's own properties; where the file lies. The file's name is shown as it is: check that it
      names no patient.
    </p>
    <p>For research use. What a model says is not a diagnosis.</p>
    <p>Written by ${data.software.name} ${data.software.version} on ${dateTime(data.generatedAt)}.</p>
  </footer>`;
}
