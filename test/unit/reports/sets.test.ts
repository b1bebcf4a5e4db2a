/** Findings of a set say which picture they lie in, and where in it. */
import { expect, it } from 'vitest';
import { coco } from '../../../src-main/reports/coco.ts';
import { csv } from '../../../src-main/reports/csv.ts';
import { geojsonQupath } from '../../../src-main/reports/geojson-qupath.ts';
import { layOutSet } from '../../../src-main/core/set-layout.ts';
import { sampleReport } from '../../support/sample-report.ts';

async function text(parts: AsyncGenerator<string>): Promise<string> {
  let all = '';
  for await (const part of parts) all += part;
  return all;
}

const data = sampleReport();
// Five by five or so, over the whole image.
const size = { width: Math.ceil(data.image.width / 5), height: Math.ceil(data.image.height / 5) };
const { parts } = layOutSet(Array.from({ length: 36 }, (_, i) => ({ name: `frame${i}.png`, ...size })));
const report = { ...data, image: { ...data.image, parts } };
it('in CSV, COCO and QuPath’s GeoJSON alike', async () => {
  const [header = '', ...rows] = (await text(csv(report))).trim().split('\r\n');
  const columns = header.split(',');
  const dataset: {
    images: { id: number; file_name: string }[];
    annotations: { image_id: number; bbox: number[]; uuid: string }[];
  } = JSON.parse(await text(coco(report)));
  const collection: { features: { id: string; properties: { metadata?: { picture?: string } } }[] } =
    JSON.parse(await text(geojsonQupath(report)));
  expect(rows.length).toBeGreaterThan(2);
  expect(dataset.images).toHaveLength(36);
  for (const row of rows) {
    const values = row.split(',');
    const of = (name: string): string => values[columns.indexOf(name)] ?? '';
    const part = parts.find(({ name }) => name === of('picture'));
    expect(Number(of('x_px')) - Number(of('x_in_picture_px'))).toBeCloseTo(part?.x ?? -1, 1);
    expect(Number(of('y_px')) - Number(of('y_in_picture_px'))).toBeCloseTo(part?.y ?? -1, 1);
    const annotation = dataset.annotations.find(({ uuid }) => uuid === of('id'));
    expect(dataset.images.find(({ id }) => id === annotation?.image_id)?.file_name).toBe(part?.name);
    expect(annotation?.bbox[0]).toBeCloseTo(Number(of('x_in_picture_px')), 1);
    const feature = collection.features.find(({ id }) => id === of('id'));
    expect(feature?.properties.metadata?.picture).toBe(part?.name);
  }
  expect(rows.length).toBe(dataset.annotations.length);
});
