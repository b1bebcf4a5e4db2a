/**
 * Findings as labels for YOLO (Ultralytics' text format): an archive with `data.yaml`, and `labels/<image>.txt` for each picture, a line a
 * finding: class, then numbers as parts of the picture's width and height. What the model gives decides the kind: boxes (`detect`),
 * outlines (`segment`), rotated boxes (`obb`), boxes with key points (`pose`).
 *
 * Labels are what a model is to learn: findings that a reviewer has rejected are left out.
 */
import { parse } from 'node:path';
import type { FindingView } from '../contract/finding.ts';
import type { ModelManifest } from '../contract/model.ts';
import { partFinder } from '../core/set-layout.ts';
import { polygonsOf } from './outlines.ts';
import { oneRing } from './one-ring.ts';
import type { ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { decimalText } from './table-text.ts';
import { zipped, type ZipEntry } from './zip.ts';

export type YoloTask = 'detect' | 'segment' | 'obb' | 'pose';

interface Picture {
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export function yoloTask({ task, outputs: { boxes } }: ModelManifest): YoloTask {
  if (boxes?.oriented === true) return 'obb';
  if (boxes?.keypoints !== undefined) return 'pose';
  return task === 'segment' || boxes?.protos !== undefined || boxes?.masks !== undefined
    ? 'segment'
    : 'detect';
}

export async function* yolo(data: ReportData): AsyncGenerator<Uint8Array> {
  yield* zipped(entries(data), data.generatedAt);
}

async function* entries(data: ReportData): AsyncGenerator<ZipEntry> {
  const { image, model } = data;
  const task = yoloTask(model.manifest);
  yield { name: 'data.yaml', content: [dataYaml(data, task)] };
  if (image.parts === null) {
    const picture = { name: image.name, x: 0, y: 0, width: image.width, height: image.height };
    yield { name: labelPath(picture), content: labels(data, task, picture) };
    return;
  }
  // Findings come by their score and archives picture by picture, so those of a set are put in order first.
  const partOf = partFinder(image.parts);
  const lines = new Map<Picture, string>(image.parts.map((picture) => [picture, '']));
  for await (const page of shownPages(data)) {
    for (const finding of page) {
      const { x, y, width, height } = finding.box;
      const picture = partOf(x + width / 2, y + height / 2);
      if (picture) lines.set(picture, (lines.get(picture) ?? '') + label(task, finding, picture));
    }
  }
  for (const [picture, text] of lines) yield { name: labelPath(picture), content: [text] };
}

async function* labels(data: ReportData, task: YoloTask, picture: Picture): AsyncGenerator<string> {
  for await (const page of shownPages(data)) {
    yield page.map((finding) => label(task, finding, picture)).join('');
  }
}

const labelPath = ({ name }: Picture): string => `labels/${parse(name).name}.txt`;

/** What Ultralytics asks for; JSON strings are YAML's too. */
function dataYaml({ model: { manifest }, software }: ReportData, task: YoloTask): string {
  const { boxes } = manifest.outputs;
  const names = manifest.classes.map(({ name }, c) => `  ${c}: ${JSON.stringify(name)}`);
  return [
    `# ${software.name} ${software.version}: labels of a ${task} data set. Put the images beside "labels", in "images".`,
    'path: .',
    'train: images',
    'val: images',
    ...(task === 'pose' ? [`kpt_shape: [${boxes?.keypoints?.count ?? 0}, 3]`] : []),
    'names:',
    ...names,
    '',
  ].join('\n');
}

/** Places along x and y in level-0 pixels, and numbers that are none (visibility of a key point). */
function numbersOf(task: YoloTask, finding: FindingView): [value: number, axis: 'x' | 'y' | null][] {
  const alternating = (values: readonly number[]): [number, 'x' | 'y'][] =>
    values.map((value, i) => [value, i % 2 === 0 ? 'x' : 'y']);
  switch (task) {
    case 'obb':
      return alternating((polygonsOf(finding)[0]?.[0] ?? []).slice(0, 8));
    case 'segment':
      return alternating(oneRing(polygonsOf(finding)));
    default: {
      const keypoints = finding.shape?.keypoints ?? [];
      return keypoints.map((value, i) =>
        // 2: labelled and visible; 0: not there.
        i % 3 === 2 ? [value > 0.5 ? 2 : value > 0 ? 1 : 0, null] : [value, i % 3 === 0 ? 'x' : 'y'],
      );
    }
  }
}

function label(task: YoloTask, finding: FindingView, picture: Picture): string {
  if (finding.verdict === 'rejected') return '';
  const within = (value: number, axis: 'x' | 'y'): string => {
    const part = axis === 'x' ? (value - picture.x) / picture.width : (value - picture.y) / picture.height;
    return decimalText(Math.min(1, Math.max(0, part)), 9);
  };
  const { x, y, width, height } = finding.box;
  const box = [
    within(x + width / 2, 'x'),
    within(y + height / 2, 'y'),
    decimalText(width / picture.width, 9),
    decimalText(height / picture.height, 9),
  ];
  const rest = numbersOf(task, finding).map(([value, axis]) =>
    axis === null ? String(value) : within(value, axis),
  );
  const hasBox = task === 'detect' || task === 'pose';
  return `${[finding.classIndex, ...(hasBox ? box : []), ...rest].join(' ')}\n`;
}
