/** The image beside its heatmap, and the hotspots. */
import type { Rect } from '../../contract/run.ts';
import { cividis, classColour, stateColours, type Rgb } from '../../core/colour.ts';
import type { Picture, ReportData } from '../report-data.ts';
import { scaleBar } from '../scale-bar.ts';
import type { ReportSummary } from '../summary.ts';
import { count, measure, plural } from '../words.ts';
import type { Block, Figure, LegendEntry, Section, Text } from './document.ts';

/** Pictures of a report; null where one could not be made: the report says so. */
export interface ReportPictures {
  /** The whole image. */
  thumbnail: Picture | null;
  /** heatmapPixels of the same image, as PNG with transparency. */
  heatmap: Picture | null;
  /** Crops of summary.hotspots, in their order. */
  hotspots: (Picture | null)[];
}

const rgb = ([red, green, blue]: readonly number[]): Rgb => [red ?? 0, green ?? 0, blue ?? 0];

export function overview(data: ReportData, summary: ReportSummary, pictures: ReportPictures): Section {
  const { thumbnail, heatmap } = pictures;
  const { image } = data;
  const base = {
    picture: thumbnail,
    absent: 'The image could not be read any more, so there is no picture of it here.',
    width: image.width,
    height: image.height,
    bar: scaleBar(data, image.width),
  };
  const whole: Figure = {
    ...base,
    over: null,
    alt: 'The whole image',
    marks: summary.hotspots.map(({ rect }, i) => ({ ...partOf(rect, image), label: String(i + 1) })),
    caption: [
      [
        { text: 'Image', as: 'strong' },
        summary.hotspots.length > 0 ? ', with the hotspots numbered as below' : '',
      ],
    ],
  };
  const results: Figure = {
    ...base,
    over: heatmap,
    alt: 'Result by tile, over the image',
    marks: [],
    caption: [[{ text: 'Result by tile', as: 'strong' }, heatmap === null ? ': could not be made' : '']],
  };
  return {
    id: 'pictures',
    title: 'Where',
    blocks:
      thumbnail === null
        ? [{ kind: 'paragraph', isNote: true, text: base.absent }]
        : [
            { kind: 'pictures', across: 2, items: [whole, results] },
            { kind: 'legend', items: legend(data) },
            ...(base.bar === null
              ? [
                  {
                    kind: 'paragraph' as const,
                    isNote: true,
                    text: `The image has no physical size, so there is no scale bar: it is ${count(image.width)} × ${count(image.height)} px.`,
                  },
                ]
              : []),
          ],
  };
}

function partOf(rect: Rect, image: { width: number; height: number }): Rect {
  return {
    x: rect.x / image.width,
    y: rect.y / image.height,
    width: rect.width / image.width,
    height: rect.height / image.height,
  };
}

function legend(data: ReportData): LegendEntry[] {
  const { manifest } = data.model;
  const { failed, skipped } = data.run.tiles;
  return [
    ...(manifest.tileColor.by === 'class'
      ? manifest.classes.map(({ name }, c): LegendEntry => ({
          kind: 'colour',
          colour: classColour(manifest, c),
          text: name,
        }))
      : [{ kind: 'ramp' as const, from: '0', stops: cividis, to: rampEnd(data) }]),
    ...(failed > 0 ? [{ kind: 'hatch' as const, colour: rgb(stateColours.failed), text: 'Failed' }] : []),
    ...(skipped > 0 ? [{ kind: 'hatch' as const, colour: rgb(stateColours.skipped), text: 'Skipped' }] : []),
  ];
}

/** What the bright end of the ramp stands for. */
function rampEnd({ model, image }: ReportData): string {
  const { tileColor } = model.manifest;
  if (tileColor.by === 'class') return '';
  if (tileColor.by === 'value') return `${measure(tileColor.full)} and more (${tileColor.value})`;
  return `${measure(tileColor.full)} and more per ${image.geo === null ? 'mm²' : 'km²'}`;
}

export function hotspots(data: ReportData, summary: ReportSummary, pictures: ReportPictures): Section | null {
  const area = summary.hotspotArea;
  if (area === null || summary.hotspots.length === 0) return null;
  const figures = summary.hotspots.map((spot, i): Figure => {
    const caption: Text[] = [
      [
        { text: `${i + 1}: ${plural(spot.count, 'finding')}`, as: 'strong' },
        `, ${measure(spot.density)} per ${area.unit}`,
      ],
      `x ${count(spot.rect.x)}, y ${count(spot.rect.y)} px`,
    ];
    if (spot.gaps > 0) {
      caption.push([{ text: `${plural(spot.gaps, 'tile')} in it without a result`, as: 'strong' }]);
    }
    return {
      picture: pictures.hotspots[i] ?? null,
      absent: 'No picture of this hotspot',
      width: spot.rect.width,
      height: spot.rect.height,
      over: null,
      alt: `Hotspot ${i + 1}`,
      marks: [],
      bar: scaleBar(data, spot.rect.width),
      caption,
    };
  });
  const note: Block = {
    kind: 'paragraph',
    isNote: true,
    text: `The densest squares of ${measure(area.value)} ${area.unit} that don't overlap (smaller where the image is): no square of that size holds more findings than the first. Rejected findings don't count here.`,
  };
  return {
    id: 'hotspots',
    title: 'Hotspots',
    blocks: [note, { kind: 'pictures', across: 3, items: figures }],
  };
}
