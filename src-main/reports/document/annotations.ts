/** What reviewers drew: kinds, sizes, authors. */
import type { AnnotationView } from '../../contract/annotation.ts';
import {
  annotationArea,
  annotationBounds,
  annotationLength,
  isArea,
  type Point,
} from '../../core/annotation-shapes.ts';
import { areaMeasure, type AreaMeasure } from '../../core/areas.ts';
import type { ReportData } from '../report-data.ts';
import { count, dateTime, measure, plural } from '../words.ts';
import type { Block, Cell } from './document.ts';

const mostListed = 50;

/** Nothing where nobody drew anything. */
export function annotations(data: ReportData): Block[] {
  const all = data.annotations;
  if (all.length === 0) return [];
  const area = areaMeasure(data.image, data.run.parameters.mpp);
  const right = (title: string) => ({ title, align: 'right' as const });
  return [
    { kind: 'heading', text: plural(all.length, 'annotation') },
    {
      kind: 'table',
      label: 'Annotations',
      columns: [
        { title: 'Class', align: 'left', weight: 2 },
        { title: 'Name', align: 'left', weight: 2 },
        { title: 'Kind', align: 'left' },
        right('x, px'),
        right('y, px'),
        right('Size'),
        { title: 'By', align: 'left', weight: 3 },
      ],
      rows: all.slice(0, mostListed).map((each) => row(each, area, data)),
    },
    ...(all.length > mostListed
      ? [
          {
            kind: 'paragraph' as const,
            isNote: true,
            text: `The first ${mostListed} of ${count(all.length)}.`,
          },
        ]
      : []),
  ];
}

function row(annotation: AnnotationView, area: AreaMeasure | null, data: ReportData): Cell[] {
  const { x, y, width, height } = annotationBounds(annotation);
  return [
    [{ chip: annotation.color }, annotation.className],
    annotation.name === '' ? '–' : annotation.name,
    annotation.kind,
    count(x + width / 2),
    count(y + height / 2),
    size(annotation, area, data),
    [annotation.author, { text: ` ${dateTime(annotation.changedAt)}`, as: 'note' }],
  ];
}

function size(annotation: AnnotationView, area: AreaMeasure | null, { image, run }: ReportData): string {
  if (annotation.kind === 'point') return '–';
  if (isArea(annotation)) {
    const pixels = annotationArea(annotation);
    if (area === null) return `${measure(pixels)} px²`;
    const box = annotationBounds(annotation);
    const whole = box.width * box.height;
    return `${measure(whole === 0 ? 0 : (area.of(box) / whole) * pixels)} ${area.unit}`;
  }
  const { mpp } = run.parameters;
  const micrometres = mpp === undefined ? image.mpp : { x: mpp, y: mpp };
  if (micrometres !== null) return `${measure(annotationLength(annotation, scaled(micrometres)))} µm`;
  const metres = image.geo?.metersPerPixel;
  return metres
    ? `${measure(annotationLength(annotation, scaled(metres)))} m`
    : `${measure(annotationLength(annotation))} px`;
}

/** Distances where a pixel has this width and height. */
const scaled =
  (pixel: { x: number; y: number }) =>
  (a: Point, b: Point): number =>
    Math.hypot((a[0] - b[0]) * pixel.x, (a[1] - b[1]) * pixel.y);
