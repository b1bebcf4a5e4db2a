/** The blocks of a report as HTML. */
import { cssColour } from '../../core/colour.ts';
import {
  isMeter,
  type Block,
  type Cell,
  type Column,
  type Figure,
  type LegendEntry,
  type Mark,
  type Span,
  type Text,
  type Tone,
} from '../document/document.ts';
import type { Picture } from '../report-data.ts';
import { html, type Markup } from './markup.ts';

const toneMarks: Record<Tone, string> = { good: '✓', warn: '!', bad: '×' };

export function dataUrl({ type, bytes }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
}

export function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'banner':
      return html`<section class="banner ${block.tone}" role="status">
        <span class="mark" aria-hidden="true">${toneMarks[block.tone]}</span>
        <div>
          <b>${block.title}</b>
          <p>${block.text}</p>
        </div>
      </section>`;
    case 'frame':
      return html`<section class="missing" aria-label="${block.label}">
        ${block.blocks.map(blockMarkup)}
      </section>`;
    case 'heading':
      return html`<h3>${block.text}</h3>`;
    case 'paragraph':
      return html`<p class="${block.isNote === true ? 'note' : 'text'}">${inline(block.text)}</p>`;
    case 'list':
      return html`<ul class="limits">
        ${block.items.map((item) => html`<li>${inline(item)}</li>`)}
      </ul>`;
    case 'figures':
      return html`<dl class="figures">
        ${block.items.map(
          ({ label, value, note }) =>
            html`<div>
              <dt>${label}</dt>
              <dd>${value}<small>${note}</small></dd>
            </div>`,
        )}
      </dl>`;
    case 'table':
      return table(block);
    case 'facts':
      return html`<dl class="facts">
        ${block.items.map(
          ({ name, value }) =>
            html`<dt>${name}</dt>
              <dd>
                ${typeof value === 'object' && 'list' in value ? blockMarkup({ kind: 'list', items: value.list }) : inline(value)}
              </dd>`,
        )}
      </dl>`;
    case 'pictures':
      return html`<div class="${block.across === 3 ? 'hotspots' : 'pictures'}">
        ${block.items.map(figure)}
      </div>`;
    case 'legend':
      return html`<ul class="legend">
        ${block.items.map((entry) => html`<li>${legendEntry(entry)}</li>`)}
      </ul>`;
  }
}

function inline(text: Text): Markup {
  return typeof text === 'string' ? html`${text}` : html`${text.map(span)}`;
}

function span(part: Span): Markup {
  if (typeof part === 'string') return html`${part}`;
  if ('chip' in part) return html`<span class="chip" style="background:${cssColour(part.chip)}"></span>`;
  switch (part.as) {
    case 'strong':
      return html`<b>${part.text}</b>`;
    case 'code':
      return html`<code>${part.text}</code>`;
    case 'note':
      return html`<span class="note">${part.text}</span>`;
    case 'accepted':
    case 'rejected':
      return html`<span class="verdict ${part.as}">${part.text}</span>`;
  }
}

function table({ columns, rows, label }: Extract<Block, { kind: 'table' }>): Markup {
  const classOf = (column: Column | undefined): string =>
    column?.align === 'right' ? 'r' : (column?.weight ?? 0) >= 8 ? 'wide' : 'name';
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      ${
        columns === null
          ? null
          : html`<thead>
              <tr>
                ${columns.map((column) => html`<th class="${classOf(column)}" scope="col">${column.title}</th>`)}
              </tr>
            </thead>`
      }
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, i) => html`<td class="${classOf(columns?.[i])}">${cellMarkup(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellMarkup(cell: Cell): Markup {
  if (!isMeter(cell)) return inline(cell);
  const width = `${(cell.meter * 100).toFixed(2)}%`;
  return html`<div class="meter"><i style="width:${width};background:${cssColour(cell.colour)}"></i></div>`;
}

function figure(shown: Figure): Markup {
  return html`<figure>
    ${picture(shown)}
    <figcaption>
      ${shown.caption.map((line, i) => html`${i > 0 ? html`<br />` : null}${inline(line)}`)}
    </figcaption>
  </figure>`;
}

function picture({ picture: bytes, absent, over, alt, marks, bar, width, height }: Figure): Markup {
  if (bytes === null) return html`<div class="stack none">${absent}</div>`;
  const shape = height > width * 1.25 ? 'stack tall' : 'stack';
  return html`<div class="${shape}">
    <img src="${dataUrl(bytes)}" alt="${alt}" />${
      over === null ? null : html`<img class="over" src="${dataUrl(over)}" alt="" />`
    }${marks.map(windowMark)}${
      bar === null
        ? null
        : html`<div class="bar" style="width:${(bar.fraction * 100).toFixed(3)}%">
            <span>${bar.label}</span>
          </div>`
    }
  </div>`;
}

function windowMark({ x, y, width, height, label }: Mark): Markup {
  const part = (value: number) => `${(value * 100).toFixed(3)}%`;
  return html`<div
    class="window"
    style="left:${part(x)};top:${part(y)};width:${part(width)};height:${part(height)}"
  >
    <span>${label}</span>
  </div>`;
}

function legendEntry(entry: LegendEntry): Markup {
  switch (entry.kind) {
    case 'colour':
      return html`<span class="chip" style="background:${cssColour(entry.colour)};margin:0"></span
        >${entry.text}`;
    case 'hatch': {
      const colour = cssColour(entry.colour);
      const lines = `repeating-linear-gradient(135deg, ${colour} 0 3px, transparent 3px 6px)`;
      return html`<span class="chip" style="background:${lines};margin:0"></span>${entry.text}`;
    }
    case 'ramp': {
      const ramp = `linear-gradient(90deg, ${entry.stops.map((colour) => cssColour(colour)).join(', ')})`;
      return html`${entry.from} <span class="ramp" style="background:${ramp}"></span> ${entry.to}`;
    }
  }
}
