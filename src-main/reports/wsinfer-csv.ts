/**
 * The table that WSInfer writes and QuPath's and others' scripts read: minx, miny, width, height (level-0 pixels), prob_<class> for
 * each class. A line a tile that was analysed, whatever the model said of it; of detectors, which say nothing of tiles, a line a
 * finding, with its score as the probability of its class.
 */
import { tileStateCode } from '../contract/run.ts';
import { withinImage } from '../core/areas.ts';
import { coreRect, tileCount } from '../core/grid.ts';
import type { ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { csvText, decimalText, tableLine } from './table-text.ts';

const style = { separator: ',', end: '\n', text: csvText };
const place = ['minx', 'miny', 'width', 'height'];

export async function* wsinferCsv(data: ReportData): AsyncGenerator<string> {
  const { values, valueNames } = data.tiles;
  if (values !== null && data.model.manifest.task !== 'detect') yield* tileLines(data, values, valueNames);
  else yield* findingLines(data);
}

function* tileLines(data: ReportData, values: Float32Array, names: readonly string[]): Generator<string> {
  yield tableLine([...place, ...names.map((name) => csvText(`prob_${name}`))], style);
  for (let tile = 0; tile < tileCount(data.plan); tile++) {
    if (data.tiles.states[tile] !== tileStateCode.done) continue;
    const { x, y, width, height } = withinImage(coreRect(data.plan, tile), data.image);
    const numbers = names.map((_, v) => decimalText(values[tile * names.length + v] ?? Number.NaN, 6));
    yield tableLine([...[x, y, width, height].map((value) => decimalText(value, 2)), ...numbers], style);
  }
}

async function* findingLines(data: ReportData): AsyncGenerator<string> {
  const { classes } = data.model.manifest;
  yield tableLine([...place, ...classes.map(({ name }) => csvText(`prob_${name}`))], style);
  for await (const page of shownPages(data)) {
    let lines = '';
    for (const { box, classIndex, score } of page) {
      const { x, y, width, height } = box;
      const numbers = classes.map((_, c) => (c === classIndex ? decimalText(score, 6) : '0'));
      lines += tableLine([...[x, y, width, height].map((value) => decimalText(value, 2)), ...numbers], style);
    }
    yield lines;
  }
}
