/** Counts, densities, shares and areas by class, with their intervals, before and after the reviewers' decisions. */
import { classColour } from '../../core/colour.ts';
import type { Interval } from '../../core/bootstrap.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { between, count, measure, percent, plural } from '../words.ts';
import type { Block, Cell, Column, Section, Span } from './document.ts';

export function counts(data: ReportData, summary: ReportSummary): Section {
  return {
    id: 'counts',
    title: 'Counts by class',
    blocks: [
      ...byClass(data, summary),
      ...afterReview(data, summary),
      ...areas(data, summary),
      ...means(summary),
      ...intervalNote(data, summary),
    ],
  };
}

const right = (title: string): Column => ({ title, align: 'right' });

/** "1.2 to 3.4" in soft letters, or nothing. */
function range(interval: Interval | null | undefined, word: (value: number) => string): Span {
  // Of what was never found, drawing again finds nothing either: that says nothing.
  const isEmpty = interval == null || interval.high === 0;
  return { text: isEmpty ? '–' : between(interval.low, interval.high, word), as: 'note' };
}

function byClass(data: ReportData, summary: ReportSummary): Block[] {
  const { manifest } = data.model;
  const { analysed, intervals, densityByClass } = summary;
  const isDetector = manifest.task === 'detect';
  const rows = manifest.classes
    .map(({ name }, c) => ({ name, c }))
    .filter(({ c }) => c !== manifest.backgroundClass);
  const isIndexed = rows.length > 1;
  const hasDensity = analysed !== null && isDetector;
  const total = summary.counts.total;
  const columns: Column[] = [
    { title: 'Class', align: 'left', weight: 3 },
    right(isDetector ? 'Findings' : manifest.task === 'segment' ? 'Regions' : 'Tiles'),
    ...(isIndexed ? [right('Share'), right('95 %')] : []),
    ...(hasDensity ? [right(`per ${analysed.unit}`), right('95 %')] : []),
  ];
  const cells = (
    name: Cell,
    all: number,
    density: number | null,
    share: Interval | null | undefined,
    spread: Interval | null | undefined,
  ): Cell[] => [
    name,
    count(all),
    ...(isIndexed ? [total === 0 ? '–' : percent(all / total), [range(share, percent)]] : []),
    ...(hasDensity ? [density === null ? '–' : measure(density), [range(spread, measure)]] : []),
  ];
  return [
    {
      kind: 'table',
      label: 'Counts by class',
      columns,
      rows: [
        ...rows.map(({ name, c }) =>
          cells(
            [{ chip: classColour(manifest, c) }, name],
            summary.counts.byClass[c] ?? 0,
            densityByClass[c] ?? null,
            intervals.shares[c],
            intervals.densityByClass[c],
          ),
        ),
        ...(isIndexed
          ? [cells([{ text: 'All', as: 'strong' }], total, summary.density, null, intervals.density)]
          : []),
      ],
    },
  ];
}

function afterReview(data: ReportData, summary: ReportSummary): Block[] {
  const { manifest } = data.model;
  const { counts: all, analysed, intervals, reportedByClass, relabelled } = summary;
  if (all.accepted + all.rejected + relabelled === 0) return [];
  const rows = manifest.classes
    .map(({ name }, c) => ({ name, c }))
    .filter(
      ({ c }) =>
        c !== manifest.backgroundClass && ((all.byClass[c] ?? 0) > 0 || (reportedByClass[c] ?? 0) > 0),
    );
  const cells = (name: Cell, reported: number, n: number, accepted: number, rejected: number): Cell[] => [
    name,
    count(reported),
    ...(relabelled > 0
      ? [n === reported ? '–' : `${n > reported ? '+' : '−'}${count(Math.abs(n - reported))}`]
      : []),
    count(accepted),
    count(rejected),
    count(n - accepted - rejected),
    count(n - rejected),
  ];
  const after = all.total - all.rejected;
  const density =
    analysed === null || analysed.value === 0 || manifest.task !== 'detect'
      ? ''
      : ` That is ${measure(after / analysed.value)} per ${analysed.unit}${intervals.densityAfterReview === null ? '' : ` (95 %: ${between(intervals.densityAfterReview.low, intervals.densityAfterReview.high)})`} instead of ${measure(summary.density ?? 0)}.`;
  return [
    { kind: 'heading', text: 'Before and after review' },
    {
      kind: 'table',
      label: 'Counts before and after review',
      columns: [
        { title: 'Class', align: 'left', weight: 3 },
        right('Reported'),
        ...(relabelled > 0 ? [right('Other class')] : []),
        right('Accepted'),
        right('Rejected'),
        right('Not reviewed'),
        right('After review'),
      ],
      rows: [
        ...rows.map(({ name, c }) =>
          cells(
            [{ chip: classColour(manifest, c) }, name],
            reportedByClass[c] ?? 0,
            all.byClass[c] ?? 0,
            all.acceptedByClass[c] ?? 0,
            all.rejectedByClass[c] ?? 0,
          ),
        ),
        ...(rows.length > 1
          ? [cells([{ text: 'All', as: 'strong' }], all.total, all.total, all.accepted, all.rejected)]
          : []),
      ],
    },
    {
      kind: 'paragraph',
      isNote: true,
      text: `${relabelled > 0 ? `Reported: as the model said it. Reviewers gave ${plural(relabelled, 'finding')} another class; the tables above count with it. ` : ''}After review: what was not rejected, reviewed or not.${density}`,
    },
  ];
}

function areas(data: ReportData, summary: ReportSummary): Block[] {
  const { manifest } = data.model;
  const { fractions, analysed, intervals } = summary;
  if (fractions.length === 0) return [];
  return [
    { kind: 'heading', text: 'Part of the analysed area' },
    {
      kind: 'table',
      label: 'Part of the analysed area by class',
      columns: [
        { title: 'Class', align: 'left', weight: 3 },
        right('Part'),
        right('95 %'),
        ...(analysed === null ? [] : [right(`Area, ${analysed.unit}`)]),
        { title: '', align: 'left', weight: 3 },
      ],
      rows: fractions.map(({ name, fraction }, c) => [
        [{ chip: classColour(manifest, c) }, name],
        percent(fraction),
        [range(intervals.fractions[c], percent)],
        ...(analysed === null ? [] : [measure(fraction * analysed.value)]),
        { meter: fraction, colour: classColour(manifest, c) },
      ]),
    },
  ];
}

function means({ meanValues }: ReportSummary): Block[] {
  if (meanValues.length === 0) return [];
  return [
    { kind: 'heading', text: 'Mean over the analysed tiles' },
    {
      kind: 'table',
      label: 'Mean over the analysed tiles',
      columns: [{ title: 'Value', align: 'left', weight: 3 }, right('Mean')],
      rows: meanValues.map(({ name, mean }) => [name, measure(mean)]),
    },
  ];
}

function intervalNote(data: ReportData, { intervals, fractions }: ReportSummary): Block[] {
  const unit = intervals.edge === 1 ? 'tiles' : `squares of ${intervals.edge} × ${intervals.edge} tiles`;
  const given = [
    intervals.density,
    ...intervals.shares,
    ...(fractions.length > 0 ? intervals.fractions : []),
  ];
  return [
    {
      kind: 'paragraph',
      isNote: true,
      text: given.some((interval) => interval !== null)
        ? `95 %: percentile bootstrap over ${unit} (1,000 draws). It says how much a number depends on which parts of the image were seen, not how often the model is right.`
        : `No intervals: too few tiles were analysed for them (${count(data.run.tiles.done)}).`,
    },
  ];
}
