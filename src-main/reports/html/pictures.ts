/** The image beside its heatmap, and the hotspots. */
import type { Rect } from '../../contract/run.ts';
import { classColour, cssColour } from '../../core/colour.ts';
import type { Picture, ReportData } from '../report-data.ts';
import type { ReportHotspot, ReportSummary } from '../summary.ts';
import { scaleBar } from './scale-bar.ts';
import { scoreGradient } from './style.ts';
import { count, html, measure, plural, type Markup } from './text.ts';

/** Pictures of a report; null where one could not be made: the report says so. */
export interface ReportPictures {
  /** The whole image. */
  thumbnail: Picture | null;
  /** heatmapPixels of the same image, as PNG with transparency. */
  heatmap: Picture | null;
  /** Crops of summary.hotspots, in their order. */
  hotspots: (Picture | null)[];
}

function dataUrl({ type, bytes }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
}

function bar(data: ReportData, widthInPixels: number): Markup | null {
  const found = scaleBar(data, widthInPixels);
  if (found === null) return null;
  return html`<div class="bar" style="width:${(found.fraction * 100).toFixed(3)}%">
    <span>${found.label}</span>
  </div>`;
}

export function overview(data: ReportData, summary: ReportSummary, pictures: ReportPictures): Markup {
  const { thumbnail, heatmap } = pictures;
  const { image } = data;
  if (thumbnail === null) {
    return html`<div class="stack none">
      The image could not be read any more, so there is no picture of it here.
    </div>`;
  }
  const url = dataUrl(thumbnail);
  const shape = image.height > image.width * 1.25 ? 'stack tall' : 'stack';
  return html`<div class="pictures">
      <figure>
        <div class="${shape}">
          <img src="${url}" alt="The whole image" />${summary.hotspots.map((spot, i) =>
            windowMark(spot.rect, image, i + 1),
          )}${bar(data, image.width)}
        </div>
        <figcaption>
          <b>Image</b>${summary.hotspots.length > 0 ? ', with the hotspots numbered as below' : ''}
        </figcaption>
      </figure>
      <figure>
        <div class="${shape}">
          <img src="${url}" alt="" />${
            heatmap === null
              ? null
              : html`<img class="over" src="${dataUrl(heatmap)}" alt="Result by tile" />`
          }${bar(data, image.width)}
        </div>
        <figcaption><b>Result by tile</b>${heatmap === null ? ': could not be made' : ''}</figcaption>
      </figure>
    </div>
    ${legend(data)}`;
}

function windowMark(rect: Rect, image: { width: number; height: number }, number: number): Markup {
  const part = (value: number, whole: number) => `${((value / whole) * 100).toFixed(3)}%`;
  return html`<div
    class="window"
    style="left:${part(rect.x, image.width)};top:${part(rect.y, image.height)};width:${part(
      rect.width,
      image.width,
    )};height:${part(rect.height, image.height)}"
  >
    <span>${number}</span>
  </div>`;
}

function legend(data: ReportData): Markup {
  const { manifest } = data.model;
  const { failed, skipped } = data.run.tiles;
  return html`<ul class="legend">
    ${
      manifest.tileColor.by === 'class'
        ? manifest.classes.map(
            ({ name }, c) =>
              html`<li>
                <span class="chip" style="background:${cssColour(classColour(manifest, c))};margin:0"></span
                >${name}
              </li>`,
          )
        : html`<li>0 <span class="ramp" style="background:${scoreGradient}"></span> ${rampEnd(data)}</li>`
    }${failed > 0 ? html`<li><span class="chip hatch-failed" style="margin:0"></span>Failed</li>` : null}${
      skipped > 0 ? html`<li><span class="chip hatch-skipped" style="margin:0"></span>Skipped</li>` : null
    }
  </ul>`;
}

/** What the bright end of the ramp stands for. */
function rampEnd({ model, image }: ReportData): string {
  const { tileColor } = model.manifest;
  if (tileColor.by === 'class') return '';
  if (tileColor.by === 'value') return `${measure(tileColor.full)} and more (${tileColor.value})`;
  return `${measure(tileColor.full)} and more per ${image.geo === null ? 'mm²' : 'km²'}`;
}

export function hotspots(data: ReportData, summary: ReportSummary, pictures: ReportPictures): Markup | null {
  const area = summary.hotspotArea;
  if (area === null || summary.hotspots.length === 0) return null;
  return html`<h2>Hotspots</h2>
    <p class="note">
      The densest squares of ${measure(area.value)} ${area.unit} that don't overlap (smaller where the image
      is), found on a grid of a sixteenth of their edge. Rejected findings don't count here.
    </p>
    <div class="hotspots">
      ${summary.hotspots.map((spot, i) => hotspot(data, spot, i, area.unit, pictures.hotspots[i] ?? null))}
    </div>`;
}

function hotspot(
  data: ReportData,
  spot: ReportHotspot,
  i: number,
  unit: string,
  picture: Picture | null,
): Markup {
  return html`<figure>
    ${
      picture === null
        ? html`<div class="stack none">No picture of this hotspot</div>`
        : html`<div class="stack">
            <img src="${dataUrl(picture)}" alt="Hotspot ${i + 1}" />${bar(data, spot.rect.width)}
          </div>`
    }
    <figcaption>
      <b>${i + 1}: ${plural(spot.count, 'finding')}</b>, ${measure(spot.density)} per ${unit}<br />
      x ${count(spot.rect.x)}, y ${count(spot.rect.y)}
      px${spot.gaps > 0 ? html`<br /><b>${plural(spot.gaps, 'tile')} in it without a result</b>` : null}
    </figcaption>
  </figure>`;
}
