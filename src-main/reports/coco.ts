/**
 * Findings as COCO object detection annotations (`score` as in COCO results), level-0 pixels (of a set: each picture's). Category ids
 * begin at 1. `segmentation` holds the outlines as polygons, empty where a finding is a box. COCO's polygons have no holes: a hole is
 * joined to its outer border by a cut of no width (there and back on one line), so that filling it, by whatever rule, and its area
 * come out right.
 */
import { partFinder } from '../core/set-layout.ts';
import { findingArea, type FlatPolygon } from './outlines.ts';
import { provenance, shownFindings, type ReportData } from './report-data.ts';

export async function* coco(data: ReportData): AsyncGenerator<string> {
  const { image, model, software } = data;
  // Of a set every picture is an image of its own, with boxes in its own pixels.
  const pictures = image.parts ?? [
    { name: image.name, x: 0, y: 0, width: image.width, height: image.height },
  ];
  const numbers = new Map(pictures.map((picture, i) => [picture, i + 1]));
  const partOf = image.parts === null ? () => pictures[0] : partFinder(image.parts);
  const head = {
    info: {
      description: `${model.manifest.name} ${model.manifest.version} on ${image.name}`,
      version: software.version,
      contributor: software.name,
      date_created: data.generatedAt,
      year: new Date(data.generatedAt).getUTCFullYear(),
      gigatile: provenance(data),
    },
    licenses: [],
    images: pictures.map(({ name, width, height }, i) => ({ id: i + 1, file_name: name, width, height })),
    categories: model.manifest.classes.map(({ name }, c) => ({ id: c + 1, name, supercategory: '' })),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"annotations":[`;
  let id = 0;
  for await (const finding of shownFindings(data)) {
    const { box, classIndex, score, verdict, id: uuid, shape } = finding;
    id++;
    const picture = partOf(box.x + box.width / 2, box.y + box.height / 2) ?? pictures[0];
    const annotation = {
      id,
      image_id: (picture && numbers.get(picture)) ?? 1,
      category_id: classIndex + 1,
      bbox: [box.x - (picture?.x ?? 0), box.y - (picture?.y ?? 0), box.width, box.height].map(
        (value) => Math.round(value * 100) / 100,
      ),
      area: Math.round(findingArea(finding) * 100) / 100,
      segmentation: (shape?.polygons ?? []).map((rings) => oneRing(rings, picture?.x ?? 0, picture?.y ?? 0)),
      iscrowd: 0,
      score,
      uuid,
      verdict,
    };
    yield (id === 1 ? '\n' : ',\n') + JSON.stringify(annotation);
  }
  yield '\n]}\n';
}

/** Outer border, and from its first point to each hole and back. */
function oneRing(rings: FlatPolygon, left: number, top: number): number[] {
  const [outer = [], ...holes] = rings;
  const points = [...outer];
  const back = outer.slice(0, 2);
  if (holes.length > 0) points.push(...back);
  for (const hole of holes) {
    for (const value of hole) points.push(value);
    points.push(...hole.slice(0, 2), ...back);
  }
  return points.map((value, i) => Math.round((value - (i % 2 === 0 ? left : top)) * 100) / 100);
}
