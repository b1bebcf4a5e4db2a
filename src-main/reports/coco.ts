/**
 * Findings as COCO object detection annotations (`score` as in COCO results), level-0 pixels (of a set: each picture's). Category ids
 * begin at 1. `segmentation` holds the outlines as polygons, empty where a finding is a box. COCO's polygons have no holes: outlines
 * with holes are run lengths (RLE). Where an image has more pixels than COCO's tools can count, a hole is joined to its outer border
 * by a cut of no width instead.
 */
import { partFinder } from '../core/set-layout.ts';
import { cocoRle, type CocoRle } from './coco-rle.ts';
import { oneRing } from './one-ring.ts';
import { findingArea, type FlatPolygon } from './outlines.ts';
import { provenance, type ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';

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
  for await (const page of shownPages(data)) {
    let lines = '';
    for (const finding of page) {
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
        segmentation: picture === undefined ? [] : segmentation(shape?.polygons ?? [], picture),
        iscrowd: 0,
        score,
        uuid,
        verdict,
      };
      lines += (id === 1 ? '\n' : ',\n') + JSON.stringify(annotation);
    }
    yield lines;
  }
  yield '\n]}\n';
}

function segmentation(
  polygons: readonly FlatPolygon[],
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): number[][] | CocoRle {
  const inPicture = polygons.map((rings) =>
    rings.map((ring) => ring.map((value, i) => Math.round((value - (i % 2 === 0 ? x : y)) * 100) / 100)),
  );
  const hasHoles = inPicture.some((rings) => rings.length > 1);
  const runs = hasHoles ? cocoRle(inPicture, width, height) : null;
  return runs ?? inPicture.map((rings) => oneRing([rings]));
}
