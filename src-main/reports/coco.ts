/** Findings as COCO object detection annotations (boxes; `score` as in COCO results), level-0 pixels. Category ids begin at 1. */
import { provenance, shownFindings, type ReportData } from './report-data.ts';

export async function* coco(data: ReportData): AsyncGenerator<string> {
  const { image, model, software } = data;
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
    images: [{ id: 1, file_name: image.name, width: image.width, height: image.height }],
    categories: model.manifest.classes.map(({ name }, c) => ({ id: c + 1, name, supercategory: '' })),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"annotations":[`;
  let id = 0;
  for await (const { box, classIndex, score, verdict, id: uuid } of shownFindings(data)) {
    id++;
    const annotation = {
      id,
      image_id: 1,
      category_id: classIndex + 1,
      bbox: [box.x, box.y, box.width, box.height].map((value) => Math.round(value * 100) / 100),
      area: Math.round(box.width * box.height * 100) / 100,
      segmentation: [],
      iscrowd: 0,
      score,
      uuid,
      verdict,
    };
    yield (id === 1 ? '\n' : ',\n') + JSON.stringify(annotation);
  }
  yield '\n]}\n';
}
