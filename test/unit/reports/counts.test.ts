import { describe, expect, it } from 'vitest';
import type { FindingView } from '../../../src-main/contract/finding.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { coco } from '../../../src-main/reports/coco.ts';
import { csv } from '../../../src-main/reports/csv.ts';
import { composeReport } from '../../../src-main/reports/document/compose.ts';
import { geojsonQupath } from '../../../src-main/reports/geojson-qupath.ts';
import { geojsonRfc7946 } from '../../../src-main/reports/geojson-rfc7946.ts';
import { heatmapPixels } from '../../../src-main/reports/heatmap.ts';
import { htmlReport } from '../../../src-main/reports/html/html-report.ts';
import { summarise } from '../../../src-main/reports/summary.ts';
import { sampleReport, scene, slide, textOf } from '../../support/sample-report.ts';

const noPictures = { thumbnail: null, heatmap: null, hotspots: [] };

describe('image quality', () => {
  const report = async (quality: { judged: number; blurred: number; pen: number }): Promise<string> => {
    const data = { ...sampleReport({ image: slide }), quality };
    return textOf(htmlReport(data, await summarise(data), noPictures));
  };

  it('is spoken of where something is wrong with the pixels, and only there', async () => {
    expect(await report({ judged: 400, blurred: 0, pen: 0 })).not.toContain('Image quality');
    const told = await report({ judged: 400, blurred: 100, pen: 1 });
    expect(told).toMatch(/100 tiles of 400 that could be judged \(25 %\)\s+are out of focus/);
    expect(told).toMatch(/1 tile of [\d,]+ analysed are partly covered by pen/);
  });
});

describe('all formats', () => {
  it('agree on the number of findings, by class too', async () => {
    const data = sampleReport({ image: scene, failed: 4 });
    const all = [...(data.findings() as Iterable<FindingView>)];
    const expected = all.filter(({ score }) => score >= data.threshold);
    expect(expected.length).toBeLessThan(all.length);
    const mitoses = expected.filter(({ classIndex }) => classIndex === 1).length;
    expect(mitoses).toBeGreaterThan(0);

    const qupath = JSON.parse(await textOf(geojsonQupath(data))) as {
      features: { properties: { objectType: string; classification: { name: string } } }[];
    };
    const detections = qupath.features.filter(({ properties }) => properties.objectType === 'detection');
    expect(detections).toHaveLength(expected.length);
    expect(
      detections.filter(({ properties }) => properties.classification.name.startsWith('Mitosis')),
    ).toHaveLength(mitoses);

    const rfc = JSON.parse(await textOf(geojsonRfc7946(data))) as {
      features: { properties: { class: string } }[];
    };
    expect(rfc.features).toHaveLength(expected.length);
    expect(rfc.features.filter(({ properties }) => properties.class === 'Mitosis')).toHaveLength(mitoses);

    const rows = (await textOf(csv(data))).split('\r\n');
    expect(rows.length - 2).toBe(expected.length);
    expect(rows.filter((row) => row.includes(',Mitosis,'))).toHaveLength(mitoses);

    const { annotations, categories, images } = JSON.parse(await textOf(coco(data))) as {
      annotations: {
        id: number;
        image_id: number;
        category_id: number;
        bbox: number[];
        area: number;
        iscrowd: number;
      }[];
      categories: { id: number; name: string }[];
      images: { id: number }[];
    };
    expect(annotations).toHaveLength(expected.length);
    expect(new Set(annotations.map(({ id }) => id)).size).toBe(annotations.length);
    const mitosis = categories.find(({ name }) => name === 'Mitosis')?.id;
    expect(annotations.filter((each) => each.category_id === mitosis)).toHaveLength(mitoses);
    for (const each of annotations) {
      expect(each.image_id).toBe(images[0]?.id);
      expect(each.bbox).toHaveLength(4);
      expect(each.area).toBeGreaterThan(0);
    }

    const summary = await summarise(data);
    expect(summary.counts.total).toBe(expected.length);
    expect(summary.counts.byClass[1]).toBe(mitoses);
    const page = await textOf(htmlReport(data, summary, noPictures));
    expect(page).toContain(expected.length.toLocaleString('en-US'));
  });
});

describe('the table of a segmenter', () => {
  it('holds the largest regions, largest first, with their areas', async () => {
    const data = sampleReport({
      findings: 300,
      finding: ({ box, ordinal }) => ({ box: { ...box, width: 5 + ((ordinal * 37) % 101) } }),
    });
    const ofSegmenter = {
      ...data,
      model: { ...data.model, manifest: { ...data.model.manifest, task: 'segment' as const } },
    };
    const summary = await summarise(ofSegmenter, 20);
    const area = ({ box }: { box: { width: number; height: number } }): number => box.width * box.height;
    const shown = [...(data.findings() as Iterable<FindingView>)].filter(
      ({ score }) => score >= data.threshold,
    );
    expect(summary.first.map(area)).toEqual(
      shown
        .map(area)
        .toSorted((a, b) => b - a)
        .slice(0, 20),
    );
    expect((await summarise(data, 20)).first).toEqual(shown.slice(0, 20));
    const section = composeReport(ofSegmenter, summary, noPictures).sections.find(
      ({ id }) => id === 'findings',
    );
    expect(section?.title).toBe(`The largest 20 of ${shown.length} regions`);
    const table = section?.blocks.find(({ kind }) => kind === 'table');
    expect(table?.kind === 'table' && table.columns?.map(({ title }) => title)).toContain('Area, mm²');
    // 0.5 µm a pixel: a quarter of a millionth of a square millimetre each.
    expect(table?.kind === 'table' && Number(table.rows[0]?.[5])).toBeCloseTo(
      area(summary.first[0]!) * 0.25e-6,
      5,
    );
  });
});

describe('report', () => {
  it('states what is missing before any number', async () => {
    const data = sampleReport({ failed: 7 });
    const page = await textOf(htmlReport(data, await summarise(data), noPictures));
    const at = (text: string) => {
      expect(page).toContain(text);
      return page.indexOf(text);
    };
    const firstNumber = at('class="figures"');
    expect(at('Complete with gaps: 7 tiles of 540 failed')).toBeLessThan(firstNumber);
    expect(at('The stored tile at column 17, row 9 of level 0 is damaged')).toBeLessThan(firstNumber);
    expect(at('row 11, columns ')).toBeLessThan(firstNumber);
    expect(at('background: no tissue')).toBeLessThan(firstNumber);
  });

  it.each([
    ['complete', 'Complete'],
    ['failed', 'The run failed'],
    ['cancelled', 'Not finished: the run is cancelled'],
    ['interrupted', 'Not finished: the run is interrupted'],
  ] as const)('says plainly that a run is %s', async (state, words) => {
    const data = sampleReport({ run: { state } });
    expect(await textOf(htmlReport(data, await summarise(data), noPictures))).toContain(words);
  });

  it('tells of tiles that were not reached', async () => {
    const data = sampleReport({ run: { state: 'paused' } });
    data.tiles.states.fill(tileStateCode.pending, 100, 130);
    const page = await textOf(htmlReport(data, await summarise(data), noPictures));
    expect(page).toContain('Not reached: 30 tiles');
  });

  it('names the left-out pictures, the hashes, the limits, and shows no path', async () => {
    const data = sampleReport();
    const page = await textOf(htmlReport(data, await summarise(data), noPictures));
    for (const text of [
      'label, macro',
      data.fingerprint,
      data.model.sha256,
      ...data.model.manifest.limits,
      'cpu',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).not.toMatch(/file:|[A-Z]:\\|\/home\//);
  });

  it('has densities for slides, and none without a physical size', async () => {
    const summary = await summarise(sampleReport());
    expect(summary.density).toBeCloseTo(summary.counts.total / (summary.analysed?.value ?? NaN), 9);
    expect(summary.hotspots).toHaveLength(3);
    const bare = sampleReport({ image: { ...slide, mpp: null } });
    const without = await summarise(bare);
    expect(without.density).toBeNull();
    expect(without.hotspots).toEqual([]);
    const page = await textOf(htmlReport(bare, without, noPictures));
    expect(page).toContain('not known: no areas or densities');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('counts what reviewers gave another class before and after, and shows what they drew and noted', async () => {
    let given = 0;
    const data = sampleReport({
      findings: 400,
      finding: ({ classIndex, score }) =>
        classIndex === 0 && score > 0.9 && given++ < 5
          ? { classIndex: 1, className: 'Mitosis', modelClassName: 'Nucleus', note: 'prophase?' }
          : {},
    });
    data.annotations = [
      {
        id: 'b3a1c1de-0000-4000-8000-000000000000',
        kind: 'rectangle',
        points: [
          [0, 0],
          [2000, 1000],
        ],
        className: 'Tumour',
        color: [200, 0, 0],
        name: 'invasive front',
        author: 'Dr. A. Berger',
        createdAt: '2024-05-31T14:00:00.000Z',
        changedAt: '2024-05-31T14:00:00.000Z',
      },
      {
        id: 'b3a1c1de-0000-4000-8000-000000000001',
        kind: 'ruler',
        points: [
          [0, 0],
          [300, 400],
        ],
        className: 'Margin',
        color: [0, 0, 200],
        name: '',
        author: 'Dr. A. Berger',
        createdAt: '2024-05-31T14:00:00.000Z',
        changedAt: '2024-05-31T14:00:00.000Z',
      },
    ];
    const summary = await summarise(data);
    expect(summary.relabelled).toBe(5);
    expect((summary.counts.byClass[1] ?? 0) - (summary.reportedByClass[1] ?? 0)).toBe(5);
    expect((summary.reportedByClass[0] ?? 0) - (summary.counts.byClass[0] ?? 0)).toBe(5);
    const page = await textOf(htmlReport(data, summary, noPictures));
    for (const text of [
      'Reviewers gave 5 findings another class',
      'the model said Nucleus; “prophase?”',
      'invasive front',
      // 2000 x 1000 px of 0.5 µm; 500 px.
      '0.5 mm²',
      '250 µm',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('warns where a hotspot has tiles without a result', async () => {
    const data = sampleReport();
    data.tiles.states.fill(tileStateCode.failed);
    const summary = await summarise(data);
    expect(summary.hotspots[0]?.gaps).toBeGreaterThan(10);
    expect(await textOf(htmlReport(data, summary, noPictures))).toContain('in it without a result');
  });
});

describe('heatmap', () => {
  it('gives each pixel the tile whose core holds it', () => {
    const data = sampleReport({ failed: 2 });
    const map = heatmapPixels(data, 1200);
    expect([map.width, map.height, map.data.length]).toEqual([1200, 900, 1200 * 900 * 4]);
    const { plan, tiles } = data;
    const pixel = (x: number, y: number) => [
      ...map.data.subarray((y * 1200 + x) * 4, (y * 1200 + x) * 4 + 4),
    ];
    // Ten image pixels a map pixel; the first core ends at 480.
    tiles.scores.fill(0);
    tiles.states.fill(tileStateCode.done);
    tiles.scores[1] = 255;
    tiles.states[plan.columns] = tileStateCode.pending;
    const fresh = heatmapPixels(data, 1200);
    expect(fresh.data.subarray((10 * 1200 + 47) * 4, (10 * 1200 + 47) * 4 + 3)).toEqual(
      new Uint8Array([0, 34, 78]),
    );
    expect(fresh.data.subarray((10 * 1200 + 48) * 4, (10 * 1200 + 48) * 4 + 3)).toEqual(
      new Uint8Array([254, 232, 56]),
    );
    expect(fresh.data[(48 * 1200 + 10) * 4 + 3]).toBe(0);
    expect(pixel(0, 0)).toHaveLength(4);
  });

  it('is never larger than the image', () => {
    const map = heatmapPixels(
      sampleReport({ image: { ...slide, width: 300, height: 200 }, findings: 0 }),
      1000,
    );
    expect([map.width, map.height]).toEqual([300, 200]);
  });
});
