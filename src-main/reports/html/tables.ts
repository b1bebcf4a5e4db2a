/** Counts, decisions, the first findings, and how it all was made. */
import { classColour, cssColour, type Rgb } from '../../core/colour.ts';
import type { FindingView } from '../../contract/finding.ts';
import { seamRule } from '../../core/segment-seams.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { count, dateTime, duration, html, measure, percent, plural, type Markup } from './text.ts';

const chip = (colour: Rgb) => html`<span class="chip" style="background:${cssColour(colour)}"></span>`;

/** The numbers that are read first. */
export function figures(data: ReportData, summary: ReportSummary): Markup {
  const { counts, analysed } = summary;
  const word = data.model.manifest.task === 'detect' ? 'Findings' : 'Tiles of interest';
  return html`<dl class="figures">
    <div>
      <dt>${word}</dt>
      <dd>${count(counts.total)}<small>at a score of ${measure(data.threshold)} or more</small></dd>
    </div>
    ${
      summary.density === null || analysed === null || data.model.manifest.task !== 'detect'
        ? null
        : html`<div>
            <dt>Density</dt>
            <dd>${measure(summary.density)}<small>per ${analysed.unit} analysed</small></dd>
          </div>`
    }
    <div>
      <dt>Analysed</dt>
      <dd>
        ${
          analysed === null ? count(data.run.tiles.done) : html`${measure(analysed.value)} ${analysed.unit}`
        }<small
          >${plural(data.run.tiles.done, 'tile')}${analysed === null ? ', no physical size known' : ''}</small
        >
      </dd>
    </div>
    <div>
      <dt>Reviewed</dt>
      <dd>
        ${count(counts.accepted + counts.rejected)}<small
          >${count(counts.accepted)} accepted, ${count(counts.rejected)} rejected</small
        >
      </dd>
    </div>
  </dl>`;
}

export function classTable(data: ReportData, summary: ReportSummary): Markup {
  const { manifest } = data.model;
  const { counts, analysed, fractions } = summary;
  const hasDensity = analysed !== null && manifest.task === 'detect';
  const rows = manifest.classes
    .map(({ name }, c) => ({ name, c }))
    .filter(({ c }) => c !== manifest.backgroundClass);
  return html`<h2>Counts by class</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Class</th>
            <th class="r">${manifest.task === 'detect' ? 'Findings' : 'Tiles'}</th>
            <th class="r">Share</th>
            ${hasDensity ? html`<th class="r">per ${analysed.unit}</th>` : null}
            <th class="r">Accepted</th>
            <th class="r">Rejected</th>
            <th class="r">Undecided</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ name, c }) => {
            const all = counts.byClass[c] ?? 0;
            const accepted = counts.acceptedByClass[c] ?? 0;
            const rejected = counts.rejectedByClass[c] ?? 0;
            const perArea = summary.densityByClass[c] ?? null;
            return html`<tr>
              <td class="name">${chip(classColour(manifest, c))}${name}</td>
              <td class="r">${count(all)}</td>
              <td class="r">${counts.total === 0 ? '–' : percent(all / counts.total)}</td>
              ${hasDensity ? html`<td class="r">${perArea === null ? '–' : measure(perArea)}</td>` : null}
              <td class="r">${count(accepted)}</td>
              <td class="r">${count(rejected)}</td>
              <td class="r">${count(all - accepted - rejected)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${
      fractions.length === 0
        ? null
        : html`<h3>Part of the analysed area</h3>
            <div class="scroll">
              <table>
                <tbody>
                  ${fractions.map(
                    ({ name, fraction }, c) =>
                      html`<tr>
                        <td style="width:30%">${chip(classColour(manifest, c))}${name}</td>
                        <td class="r" style="width:12%">${percent(fraction)}</td>
                        ${
                          analysed === null
                            ? null
                            : html`<td class="r" style="width:18%">
                                ${measure(fraction * analysed.value)} ${analysed.unit}
                              </td>`
                        }
                        <td>
                          <div class="meter">
                            <i
                              style="width:${(fraction * 100).toFixed(2)}%;background:${cssColour(
                                classColour(manifest, c),
                              )}"
                            ></i>
                          </div>
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
    }
    ${
      summary.meanValues.length === 0
        ? null
        : html`<h3>Mean over the analysed tiles</h3>
            <div class="scroll">
              <table>
                <tbody>
                  ${summary.meanValues.map(
                    ({ name, mean }) =>
                      html`<tr>
                        <td>${name}</td>
                        <td class="r">${measure(mean)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
    }`;
}

export function findingsTable(data: ReportData, summary: ReportSummary): Markup {
  const { first, counts } = summary;
  if (first.length === 0) {
    return html`<h2>Findings</h2>
      <p class="note">None at a score of ${measure(data.threshold)} or more.</p>`;
  }
  const title =
    first.length < counts.total
      ? `The first ${first.length} of ${plural(counts.total, 'finding')}`
      : 'Findings';
  return html`<h2>${title}</h2>
    <p class="note">By score. The exports in CSV, GeoJSON and COCO hold all of them.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="r">#</th>
            <th>Class</th>
            <th class="r">Score</th>
            <th class="r">x, px</th>
            <th class="r">y, px</th>
            <th class="r">Size, px</th>
            <th>Decision</th>
          </tr>
        </thead>
        <tbody>
          ${first.map((finding) => findingRow(data, finding))}
        </tbody>
      </table>
    </div>`;
}

function findingRow(data: ReportData, finding: FindingView): Markup {
  const { box, verdict, reviewer, decidedAt } = finding;
  return html`<tr>
    <td class="r">${finding.ordinal + 1}</td>
    <td>${chip(classColour(data.model.manifest, finding.classIndex))}${finding.className}</td>
    <td class="r">${finding.score.toFixed(3)}</td>
    <td class="r">${count(box.x + box.width / 2)}</td>
    <td class="r">${count(box.y + box.height / 2)}</td>
    <td class="r">${measure(box.width)} × ${measure(box.height)}</td>
    <td>
      ${
        verdict === null
          ? html`<span class="verdict open">not reviewed</span>`
          : html`<span class="verdict ${verdict}">${verdict}</span>${
                reviewer === null || reviewer === '' ? '' : ` by ${reviewer}`
              }${decidedAt === null ? null : html` <span class="note">${dateTime(decidedAt)}</span>`}`
      }
    </td>
  </tr>`;
}

type Fact = [name: string, value: string | Markup | null];

function facts(list: Fact[]): Markup {
  return html`<dl class="facts">
    ${list
      .filter(([, value]) => value !== null && value !== '')
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`;
}

export function howItWasMade(data: ReportData, summary: ReportSummary): Markup {
  const { model, run, plan, image } = data;
  const { manifest } = model;
  const { parameters } = run;
  return html`<h2>How this was made</h2>
    <h3>Image</h3>
    ${facts([
      ['File name', image.name],
      ['Fingerprint (SHA-256)', html`<code>${data.fingerprint}</code>`],
      [
        'Size',
        `${count(image.width)} × ${count(image.height)} px, ${plural(image.bands, 'band')} of ${image.dtype}`,
      ],
      ['Resolution', resolution(data)],
      ['Coordinate system', image.geo === null ? null : crs(data)],
      ['Format', `${image.format}, ${image.compression}`],
    ])}
    <h3>Model</h3>
    ${facts([
      ['Name', `${manifest.name}, version ${manifest.version}`],
      ['Identifier', html`<code>${manifest.id}</code>`],
      ['SHA-256 of the file', html`<code>${model.sha256}</code>`],
      ['What it does', manifest.description],
      ['Licence', manifest.license],
      [
        'Known limits',
        manifest.limits.length === 0
          ? 'None stated'
          : html`<ul class="limits">
              ${manifest.limits.map((limit) => html`<li>${limit}</li>`)}
            </ul>`,
      ],
      ['References', manifest.references.join('; ')],
    ])}
    <h3>Run</h3>
    ${facts([
      ['Started', dateTime(run.createdAt)],
      ['Ended', run.finishedAt === null ? 'not yet' : dateTime(run.finishedAt)],
      ['Time worked', duration(run.seconds)],
      ['Threshold', `${measure(data.threshold)} (findings are kept from ${measure(manifest.keepFrom)})`],
      [
        'Tiles',
        `${count(plan.columns)} × ${count(plan.rows)} of ${plan.tileWidth} × ${plan.tileHeight} model pixels, overlap ${plan.overlap}${plan.overlapY === undefined ? '' : ` × ${plan.overlapY}`}; one model pixel is ${measure(
          plan.scaleX,
        )}${plan.scaleX === plan.scaleY ? '' : ` × ${measure(plan.scaleY)}`} image pixels`,
      ],
      ['Merging across tiles', mergeWords(data, summary)],
      ['Region', parameters.roi === undefined ? 'The whole image' : plural(parameters.roi.length, 'polygon')],
      ['Tolerated failures', toleranceWords(data)],
      ['JPEG decoder', parameters.jpeg === 'exact' ? 'exact' : 'fast (within 5 of 255 of the exact one)'],
      ['Fitting the model', data.notes.join(' ')],
      ['Computed on', run.provider],
      ['Run', html`<code>${run.id}</code>, made by ${data.software.name} ${data.runSoftware}`],
    ])}`;
}

function resolution({ image, run }: ReportData): string {
  const own = run.parameters.mpp;
  const power = image.objectivePower === null ? '' : `, objective ${image.objectivePower}×`;
  if (own !== undefined) return `${measure(own)} µm per pixel, as the person stated${power}`;
  if (image.mpp !== null) {
    const { x, y } = image.mpp;
    return `${measure(x)}${x === y ? '' : ` × ${measure(y)}`} µm per pixel${power}`;
  }
  const metres = image.geo?.metersPerPixel;
  if (!metres) return 'not known: no areas or densities';
  return `${measure(metres.x)} × ${measure(metres.y)} m per pixel at the centre`;
}

function crs({ image }: ReportData): string {
  const { geo } = image;
  if (geo === null) return '';
  const code = geo.epsg === null ? 'no EPSG code' : `EPSG:${geo.epsg}`;
  return geo.crsName === null ? code : `${geo.crsName} (${code})`;
}

function mergeWords({ run, model, plan }: ReportData, summary: ReportSummary): string {
  const merge = run.parameters.merge ?? { mode: 'exact' };
  if (merge.mode === 'sahi')
    return `As SAHI does: ${merge.type}, ${merge.metric} ${measure(merge.threshold)}`;
  if (model.manifest.task === 'segment' && summary.first.some(({ kind }) => kind === 'region')) {
    return seamRule(model.manifest).seams === 'blend' && plan.overlap > 2 * model.manifest.halo
      ? 'Regions go on over tile borders; where tiles overlap, their probabilities are blended'
      : 'Regions go on over tile borders; each pixel is taken from the tile whose cell holds it';
  }
  if (model.manifest.task !== 'detect') return 'None: each tile is a result of its own';
  return model.manifest.halo > 0 && plan.overlap >= 2 * model.manifest.halo
    ? 'Exact: each finding belongs to the one tile whose cell holds its centre'
    : 'Exact: the same object seen from two tiles (IoU of one half or more) counts once';
}

function toleranceWords({ run }: ReportData): string {
  const { tolerate } = run.parameters;
  if (tolerate === undefined) return "the program's default";
  return tolerate.kind === 'count'
    ? plural(tolerate.value, 'tile')
    : `${measure(tolerate.value)} % of the tiles`;
}
