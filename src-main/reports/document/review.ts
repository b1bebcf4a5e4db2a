/** Who reviewed, what they decided, and how far they agree. */
import type { ReportData } from '../report-data.ts';
import { count, percent } from '../words.ts';
import { annotations } from './annotations.ts';
import type { Block, Section } from './document.ts';

export function review(data: ReportData): Section {
  const { reviewers, pairs } = data.review;
  const title = 'Reviewers';
  if (reviewers.length === 0) {
    return {
      id: 'review',
      title,
      blocks: [
        { kind: 'paragraph', isNote: true, text: 'Nobody has accepted or rejected anything yet.' },
        ...lookedAt(data),
        ...annotations(data),
      ],
    };
  }
  const right = (name: string) => ({ title: name, align: 'right' as const });
  const blocks: Block[] = [
    {
      kind: 'table',
      label: 'Decisions by reviewer',
      columns: [
        { title: 'Reviewer', align: 'left', weight: 3 },
        right('Accepted'),
        right('Rejected'),
        right('Decided'),
      ],
      rows: reviewers.map(({ name, accepted, rejected }) => [
        name === '' ? 'unnamed' : name,
        count(accepted),
        count(rejected),
        count(accepted + rejected),
      ]),
    },
  ];
  if (pairs.length > 0) {
    blocks.push(
      { kind: 'heading', text: 'Agreement' },
      {
        kind: 'table',
        label: 'Agreement of each two reviewers',
        columns: [
          { title: 'Reviewers', align: 'left', weight: 3 },
          right('Decided by both'),
          right('Same decision'),
          right("Cohen's kappa"),
        ],
        rows: pairs.map(({ first, second, both, same, kappa }) => [
          `${first} and ${second}`,
          count(both),
          percent(same / both),
          kappa === null ? 'not defined' : kappa.toFixed(2),
        ]),
      },
    );
  }
  blocks.push({
    kind: 'paragraph',
    isNote: true,
    text: 'Each reviewer counts with the last decision on a finding; the newest of all is in force.',
  });
  return { id: 'review', title, blocks: [...blocks, ...lookedAt(data), ...annotations(data)] };
}

/** How much of the image each reviewer saw closely, whether or not it was decided on. */
function lookedAt({ coverage, image }: ReportData): Block[] {
  if (coverage.length === 0) return [];
  const close = image.mpp === null ? 'at a quarter of the full resolution or closer' : 'at 10x or closer';
  return [
    { kind: 'heading', text: 'What was looked at' },
    {
      kind: 'table',
      label: 'What was looked at',
      columns: [
        { title: 'Reviewer', align: 'left', weight: 3 },
        { title: 'Part of the image', align: 'right' },
      ],
      rows: coverage.map(({ reviewer, share }) => [reviewer, percent(share)]),
    },
    { kind: 'paragraph', isNote: true, text: `Seen on the screen ${close} for a moment or longer.` },
  ];
}
