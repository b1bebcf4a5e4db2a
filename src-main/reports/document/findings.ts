/** The findings with the highest scores, or the largest regions, as a table; the other exports hold all of them. */
import type { FindingView } from '../../contract/finding.ts';
import { areaMeasure } from '../../core/areas.ts';
import { classColour } from '../../core/colour.ts';
import { findingArea, physicalArea } from '../outlines.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { count, dateTime, measure, plural } from '../words.ts';
import type { Cell, Column, Section, Span } from './document.ts';

export function findings(data: ReportData, { first, counts }: ReportSummary): Section | null {
  if (counts.total === 0) {
    const text = `None at a score of ${measure(data.threshold)} or more.`;
    return { id: 'findings', title: 'Findings', blocks: [{ kind: 'paragraph', isNote: true, text }] };
  }
  if (first.length === 0) return null;
  const right = (title: string): Column => ({ title, align: 'right' });
  const isSegmenter = data.model.manifest.task === 'segment';
  const measured = isSegmenter ? areaMeasure(data.image, data.run.parameters.mpp) : null;
  const sizeOf = isSegmenter
    ? (finding: FindingView): string =>
        measure(measured === null ? findingArea(finding) : physicalArea(finding, measured))
    : ({ box }: FindingView): string => `${measure(box.width)} × ${measure(box.height)}`;
  return {
    id: 'findings',
    title:
      first.length < counts.total
        ? `The ${isSegmenter ? 'largest' : 'first'} ${count(first.length)} of ${plural(counts.total, isSegmenter ? 'region' : 'finding')}`
        : 'Findings',
    blocks: [
      {
        kind: 'paragraph',
        isNote: true,
        text: `By ${isSegmenter ? 'area' : 'score'}. Positions are of the centre, in pixels of the full resolution from the top left. The exports in CSV, GeoJSON and COCO hold all of them.`,
      },
      {
        kind: 'table',
        label: 'Findings',
        columns: [
          right('#'),
          { title: 'Class', align: 'left', weight: 2 },
          right('Score'),
          right('x, px'),
          right('y, px'),
          right(isSegmenter ? `Area, ${measured?.unit ?? 'px²'}` : 'Size, px'),
          { title: 'Decision', align: 'left', weight: 3 },
        ],
        rows: first.map((finding, i) => row(data, finding, i, sizeOf(finding))),
      },
    ],
  };
}

function row(data: ReportData, finding: FindingView, i: number, size: string): Cell[] {
  const { box } = finding;
  return [
    count(i + 1),
    [{ chip: classColour(data.model.manifest, finding.classIndex) }, finding.className],
    finding.score.toFixed(3),
    count(box.x + box.width / 2),
    count(box.y + box.height / 2),
    size,
    decision(finding),
  ];
}

function decision({ verdict, reviewer, decidedAt, note, modelClassName }: FindingView): Span[] {
  const more = [
    ...(modelClassName === undefined ? [] : [`the model said ${modelClassName}`]),
    ...(note === undefined ? [] : [`“${note}”`]),
  ];
  const rest: Span[] = more.length === 0 ? [] : [{ text: `; ${more.join('; ')}`, as: 'note' }];
  if (verdict === null) return [{ text: 'not reviewed', as: 'note' }, ...rest];
  const by = reviewer === null || reviewer === '' ? '' : ` by ${reviewer}`;
  return [
    { text: verdict, as: verdict },
    by,
    ...(decidedAt === null ? [] : [{ text: ` ${dateTime(decidedAt)}`, as: 'note' as const }]),
    ...rest,
  ];
}
