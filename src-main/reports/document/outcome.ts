/** The top of every report: how the run ended and why, and what it has not seen, with reasons and places. */
import type { SkipReason } from '../../contract/run.ts';
import type { ReportData } from '../report-data.ts';
import { mostListed, type ReportSummary } from '../summary.ts';
import { count, measure, percent, plural } from '../words.ts';
import type { Block, Section, Text, Tone } from './document.ts';

const skipWords: Record<SkipReason, string> = {
  none: 'no reason recorded',
  background: 'background: no tissue',
  'no-data': 'no data in the image',
  'outside-region': 'outside the chosen region',
  'content-gate': 'the content gate saw nothing there that the model is for',
};

interface Outcome {
  tone: Tone;
  title: string;
  text: string;
}

export function outcomeOf({ run, tiles }: ReportData, summary: ReportSummary): Outcome {
  const total = tiles.states.length;
  const { failed, done, skipped } = run.tiles;
  const looked = `${count(done)} of ${plural(total, 'tile')} analysed${skipped > 0 ? `, ${count(skipped)} skipped` : ''}`;
  const because = run.reason === null ? '' : ` ${run.reason.replace(/\.?$/, '.')}`;
  switch (run.state) {
    case 'complete':
      if (run.completion === 'minimum-reached') {
        return {
          tone: 'good',
          title: 'Complete: as many tiles as were wanted',
          text: `${looked}.${because}`,
        };
      }
      if (done === 0) {
        return {
          tone: 'warn',
          title: 'Complete, but nothing was analysed',
          text: `${looked}. Every tile was skipped, for the reasons below: the report says nothing about the image.`,
        };
      }
      return {
        tone: 'good',
        title: 'Complete',
        text: `${looked}; none failed. The run ended because no tile was left.`,
      };
    case 'complete-with-gaps':
      return {
        tone: 'warn',
        title: `Complete with gaps: ${plural(failed, 'tile')} of ${count(total)} failed`,
        text: `${looked}.${because} The numbers below leave out what lies in the failed tiles.`,
      };
    case 'failed':
      return {
        tone: 'bad',
        title: `The run failed: ${plural(failed, 'tile')} of ${count(total)} without a result`,
        text: `${looked}.${because === '' ? ' More tiles failed than the run tolerates.' : because} Do not use the numbers below as those of the whole image.`,
      };
    default: {
      const words = {
        running: 'still going on',
        paused: 'paused',
        interrupted: 'interrupted',
        cancelled: 'cancelled',
      };
      return {
        tone: 'warn',
        title: `Not finished: the run is ${words[run.state]}`,
        text: `${looked}, ${count(summary.unreached)} not reached.${because} The numbers below are those of the analysed part only.`,
      };
    }
  }
}

export function outcome(data: ReportData, summary: ReportSummary): Section {
  const quality = imageQuality(data);
  return {
    id: 'outcome',
    title: null,
    blocks: [
      { kind: 'banner', ...outcomeOf(data, summary) },
      ...missing(data, summary),
      ...(quality.length > 0 ? [{ kind: 'frame' as const, label: 'Image quality', blocks: quality }] : []),
    ],
  };
}

/** What is wrong with the pixels themselves; nothing where nothing is. */
function imageQuality({ quality, run }: ReportData): Block[] {
  const { judged, blurred, pen } = quality;
  const sentences: Text[] = [];
  if (blurred > 0) {
    sentences.push(
      `${plural(blurred, 'tile')} of ${count(judged)} that could be judged (${percent(blurred / judged)}) are out of focus: what the model found there is less sure.`,
    );
  }
  if (pen > 0) {
    sentences.push(`${plural(pen, 'tile')} of ${count(run.tiles.done)} analysed are partly covered by pen.`);
  }
  if (sentences.length === 0) return [];
  return [
    { kind: 'heading', text: 'Image quality' },
    ...sentences.map((text): Block => ({ kind: 'paragraph', text })),
  ];
}

/** Failed and skipped tiles with reasons and places; nothing where there are none. */
function missing(data: ReportData, summary: ReportSummary): Block[] {
  const { failed, skipped } = data.run.tiles;
  if (failed + skipped + summary.unreached === 0) return [];
  return [
    {
      kind: 'frame',
      label: 'What was not analysed',
      blocks: [
        ...(failed > 0 ? failedPart(data, summary) : []),
        ...(skipped > 0 ? skippedPart(data, summary) : []),
        ...(summary.unreached > 0 ? unreachedPart(summary) : []),
      ],
    },
  ];
}

function failedPart(data: ReportData, summary: ReportSummary): Block[] {
  const { failed } = data.run.tiles;
  const area = summary.failedArea;
  const share = percent(failed / data.tiles.states.length);
  const beyond = failed - summary.failedTiles.length;
  return [
    {
      kind: 'heading',
      text: `Failed: ${plural(failed, 'tile')} (${share} of all${area === null ? '' : `, ${measure(area.value)} ${area.unit}`})`,
    },
    {
      kind: 'table',
      label: 'Failed tiles by reason',
      columns: [
        { title: 'Tiles', align: 'right' },
        { title: 'Reason', align: 'left', weight: 8 },
      ],
      rows: data.failures.map((group) => [
        count(group.count),
        [group.message, ' ', { text: `(${group.code})`, as: 'note' }],
      ]),
    },
    {
      kind: 'paragraph',
      isNote: true,
      text: `Where: ${places(summary)}${beyond > 0 ? `; and ${count(beyond)} more (the first ${mostListed} are listed)` : ''}.`,
    },
  ];
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

const span = (from: number, length: number) => `${count(from)}–${count(from + length)}`;

function skippedPart(data: ReportData, summary: ReportSummary): Block[] {
  const { skipped } = data.run.tiles;
  return [
    {
      kind: 'heading',
      text: `Skipped on purpose: ${plural(skipped, 'tile')} (${percent(skipped / data.tiles.states.length)} of all)`,
    },
    {
      kind: 'paragraph',
      isNote: true,
      text: `${summary.skipped.map(({ reason, count: tiles }) => `${count(tiles)}: ${skipWords[reason]}`).join('; ')}. Shown hatched in grey in the map below.`,
    },
  ];
}

function unreachedPart(summary: ReportSummary): Block[] {
  return [
    { kind: 'heading', text: `Not reached: ${plural(summary.unreached, 'tile')}` },
    { kind: 'paragraph', isNote: true, text: 'The run stopped before these were analysed.' },
  ];
}
