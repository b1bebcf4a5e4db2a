/** The top of the report: how the run ended, and what it has not seen. */
import type { SkipReason } from '../../contract/run.ts';
import type { ReportData } from '../report-data.ts';
import { mostListed, type ReportSummary } from '../summary.ts';
import { count, html, measure, percent, plural, type Markup } from './text.ts';

const skipWords: Record<SkipReason, string> = {
  none: 'no reason recorded',
  background: 'background: no tissue',
  'no-data': 'no data in the image',
  'outside-region': 'outside the chosen region',
  'content-gate': 'the content gate saw nothing there that the model is for',
};

interface State {
  kind: 'good' | 'warn' | 'bad';
  mark: string;
  title: string;
  text: string;
}

function stateOf({ run, tiles }: ReportData, summary: ReportSummary): State {
  const total = tiles.states.length;
  const { failed, done, skipped } = run.tiles;
  const looked = `${count(done)} of ${plural(total, 'tile')} analysed${skipped > 0 ? `, ${count(skipped)} skipped` : ''}`;
  switch (run.state) {
    case 'complete':
      return { kind: 'good', mark: '✓', title: 'Complete', text: `${looked}; none failed.` };
    case 'complete-with-gaps':
      return {
        kind: 'warn',
        mark: '!',
        title: `Complete with gaps: ${plural(failed, 'tile')} of ${count(total)} failed`,
        text: `${looked}. The numbers below leave out what lies in the failed tiles.`,
      };
    case 'failed':
      return {
        kind: 'bad',
        mark: '×',
        title: `The run failed: ${plural(failed, 'tile')} of ${count(total)} without a result`,
        text: `${looked}. ${run.reason ?? 'More tiles failed than the run tolerates.'} Do not use the numbers below as those of the whole image.`,
      };
    default: {
      const words = {
        running: 'still going on',
        paused: 'paused',
        interrupted: 'interrupted',
        cancelled: 'cancelled',
      };
      return {
        kind: 'warn',
        mark: '!',
        title: `Not finished: the run is ${words[run.state]}`,
        text: `${looked}, ${count(summary.unreached)} not reached. The numbers below are those of the analysed part only.`,
      };
    }
  }
}

export function banner(data: ReportData, summary: ReportSummary): Markup {
  const state = stateOf(data, summary);
  return html`<section class="banner ${state.kind}" role="status">
    <span class="mark" aria-hidden="true">${state.mark}</span>
    <div>
      <b>${state.title}</b>
      <p>${state.text}</p>
    </div>
  </section>`;
}

/** What is wrong with the pixels themselves; nothing where nothing is. */
export function imageQuality({ quality, run }: ReportData): Markup | null {
  const { judged, blurred, pen } = quality;
  if (blurred === 0 && pen === 0) return null;
  return html`<section class="missing" aria-label="Image quality">
    <h3>Image quality</h3>
    ${
      blurred > 0
        ? html`<p>
            ${plural(blurred, 'tile')} of ${count(judged)} that could be judged (${percent(blurred / judged)})
            are out of focus: what the model found there is less sure.
          </p>`
        : null
    }
    ${pen > 0 ? html`<p>${plural(pen, 'tile')} of ${count(run.tiles.done)} analysed are partly covered by pen.</p>` : null}
  </section>`;
}

/** Failed and skipped tiles with reasons and places; nothing where there are none. */
export function missing(data: ReportData, summary: ReportSummary): Markup | null {
  const { failed, skipped } = data.run.tiles;
  if (failed + skipped + summary.unreached === 0) return null;
  return html`<section class="missing" aria-label="What was not analysed">
    ${failed > 0 ? failedPart(data, summary) : null} ${skipped > 0 ? skippedPart(data, summary) : null}
    ${
      summary.unreached > 0
        ? html`<h3>Not reached: ${plural(summary.unreached, 'tile')}</h3>
            <p class="note">The run stopped before these were analysed.</p>`
        : null
    }
  </section>`;
}

function failedPart(data: ReportData, summary: ReportSummary): Markup {
  const { failed } = data.run.tiles;
  const area = summary.failedArea;
  const share = percent(failed / data.tiles.states.length);
  const beyond = failed - summary.failedTiles.length;
  return html`<h3>
      Failed: ${plural(failed, 'tile')} (${share} of
      all${area === null ? '' : `, ${measure(area.value)} ${area.unit}`})
    </h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="r">Tiles</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          ${data.failures.map(
            (group) =>
              html`<tr>
                <td class="r">${count(group.count)}</td>
                <td class="wide">${group.message} <span class="note">(${group.code})</span></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note after">
      Where:
      ${places(summary)}${beyond > 0 ? `; and ${count(beyond)} more (the first ${mostListed} are listed)` : ''}.
    </p>`;
}

/** Neighbours in a row are told in one. */
function places({ failedTiles }: ReportSummary): string {
  const stretches: (typeof failedTiles)[] = [];
  for (const tile of failedTiles) {
    const stretch = stretches.at(-1);
    const before = stretch?.at(-1);
    if (before?.row === tile.row && before.column + 1 === tile.column) stretch?.push(tile);
    else stretches.push([tile]);
  }
  return stretches
    .map((stretch) => {
      const [first] = stretch;
      const last = stretch.at(-1);
      if (first === undefined || last === undefined) return '';
      const columns =
        stretch.length === 1
          ? `column ${first.column + 1}`
          : `columns ${first.column + 1} to ${last.column + 1}`;
      const width = last.core.x + last.core.width - first.core.x;
      return `row ${first.row + 1}, ${columns} (x ${span(first.core.x, width)}, y ${span(first.core.y, first.core.height)} px)`;
    })
    .join('; ');
}

function skippedPart(data: ReportData, summary: ReportSummary): Markup {
  return html`<h3>
      Skipped on purpose: ${plural(data.run.tiles.skipped, 'tile')}
      (${percent(data.run.tiles.skipped / data.tiles.states.length)} of all)
    </h3>
    <p class="note">
      ${summary.skipped.map(({ reason, count: tiles }) => `${count(tiles)}: ${skipWords[reason]}`).join('; ')}.
      Shown hatched in grey in the map below.
    </p>`;
}

const span = (from: number, length: number) => `${count(from)}–${count(from + length)}`;
