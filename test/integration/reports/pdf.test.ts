/** The PDF report, read by programs that nobody here wrote. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultReportSettings, type ReportSettings } from '../../../src-main/contract/report.ts';
import { composeReport } from '../../../src-main/reports/document/compose.ts';
import { heatmapPixels } from '../../../src-main/reports/heatmap.ts';
import { documentPdf } from '../../../src-main/reports/pdf/document-pdf.ts';
import type { ReportData } from '../../../src-main/reports/report-data.ts';
import { summarise } from '../../../src-main/reports/summary.ts';
import { writeFileWhole } from '../../../src-main/reports/write-file.ts';
import { checkPdf, pdfFonts, pdfInfo, pdfMetadata, pdfStructure, pdfText } from '../../support/pdf-oracle.ts';
import { manifest, sampleReport, slide } from '../../support/sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-pdf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let turn = 0;

async function written(data: ReportData, settings: Partial<ReportSettings> = {}): Promise<string> {
  const chosen = { ...defaultReportSettings, ...settings };
  const summary = await summarise(data, chosen.findings);
  const { width, height, data: pixels } = heatmapPixels(data, 400);
  const heatmap = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  const picture = {
    type: 'image/jpeg' as const,
    bytes: await sharp({ create: { width, height, channels: 3, background: '#eed' } })
      .jpeg()
      .toBuffer(),
  };
  const pictures = {
    thumbnail: picture,
    heatmap: { type: 'image/png' as const, bytes: heatmap },
    hotspots: summary.hotspots.map(() => picture),
  };
  const path = join(folder, `${turn++}.pdf`);
  await writeFileWhole(path, documentPdf(composeReport(data, summary, pictures, chosen)));
  checkPdf(path);
  return path;
}

/** As read, with runs of blanks as one. */
const words = (path: string): string => pdfText(path).replaceAll(/\s+/g, ' ');

describe('the PDF report', () => {
  it('holds its fonts, its tags, the paper that was asked for, and says what is missing first', async () => {
    const data = sampleReport({ failed: 7 });
    const path = await written(data);
    const info = pdfInfo(path);
    expect(info).toMatch(/Tagged: +yes/);
    expect(info).toMatch(/Page size: +595\.28 x 841\.89 pts \(A4\)/);
    expect(info).toMatch(/Title: +S24-0815 A1\.svs: Nuclei in H&E/);
    const metadata = pdfMetadata(path);
    expect(metadata).toContain('<pdfaid:part>2</pdfaid:part>');
    expect(metadata).toContain('<pdfaid:conformance>A</pdfaid:conformance>');
    expect(info).not.toMatch(/JavaScript: +yes/);
    const fonts = pdfFonts(path);
    expect(fonts.map(({ name }) => name.split('+')[1])).toEqual(['Inter-Regular', 'Inter-SemiBold']);
    expect(fonts.every(({ isEmbedded, isSubset }) => isEmbedded && isSubset)).toBe(true);
    expect(statSync(path).size).toBeLessThan(1e6);

    const text = words(path);
    const at = (part: string): number => {
      expect(text).toContain(part);
      return text.indexOf(part);
    };
    expect(at('Complete with gaps: 7 tiles of 540 failed')).toBeLessThan(at('Summary'));
    expect(at('The stored tile at column 17, row 9 of level 0 is damaged')).toBeLessThan(at('Summary'));
    for (const part of [
      data.fingerprint,
      data.model.sha256,
      ...data.model.manifest.limits,
      'mm²',
      'percentile bootstrap over tiles',
      'Before and after review',
      'Page 1 of',
    ]) {
      at(part);
    }
    // What screen readers follow.
    const structure = pdfStructure(path);
    for (const tag of ['H1', 'H2', 'H3', 'Table', 'TR', 'TH', 'TD', 'Figure', 'Caption']) {
      expect(structure).toMatch(new RegExp(`^ *${tag}\\b`, 'm'));
    }
  });

  it('is the same bytes for the same report, and holds no other moment than the report’s', async () => {
    const data = sampleReport({ findings: 200 });
    const [first, second] = [await written(data), await written(data)];
    expect(await readFile(first)).toEqual(await readFile(second));
    expect(pdfInfo(first)).toMatch(/CreationDate: +Sat Jun +1 08:00:00 2024/);
    const later = await written({ ...data, generatedAt: '2025-01-01T00:00:00.000Z' });
    expect(await readFile(later)).not.toEqual(await readFile(first));
  });

  it('has the sections, header, comments and paper that were chosen', async () => {
    const path = await written(sampleReport({ findings: 300 }), {
      page: 'letter',
      sections: ['findings'],
      title: 'Second read',
      header: 'Institute of Pathology',
      comments: 'Margins are free.\n\nSee also block 2.',
      findings: 3,
    });
    expect(pdfInfo(path)).toMatch(/Page size: +612 x 792 pts \(letter\)/);
    const text = words(path);
    for (const part of ['Second read', 'Institute of Pathology', 'Margins are free.', 'See also block 2.']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('The first 3 of');
    expect(text).not.toContain('How this was made');
    // Never left out.
    expect(text).toContain('none failed');
    expect(text).toContain('Left out, because it can name a person');
  });

  it('takes whatever names there are, and says what it cannot show', async () => {
    const hostile = `${'x'.repeat(400)} (\\) /JS <</S/JavaScript>> \u202e \u0007 名前 עברית 😀`;
    const data = sampleReport({
      name: hostile,
      failed: 3,
      findings: 60,
      manifest: {
        ...manifest,
        name: hostile,
        description: hostile.repeat(8),
        limits: [hostile.repeat(6)],
        classes: [{ name: hostile, color: [1, 2, 3] }],
      },
      finding: () => ({ className: hostile, reviewer: hostile, verdict: 'accepted' }),
    });
    const path = await written(data, {
      header: hostile.slice(0, 300),
      comments: hostile.repeat(40).slice(0, 20_000),
    });
    expect(pdfInfo(path)).toMatch(/JavaScript: +no/);
    const text = words(path);
    expect(text).toContain('(\\) /JS <</S/JavaScript>>');
    expect(text).toMatch(/lacks \d+ signs of what was written/);
    for (const sign of ['\u202e', '\u0007']) expect(text).not.toContain(sign);
  });

  it('is made of runs with nothing in them, and of images without a size', async () => {
    const bare = sampleReport({ image: { ...slide, mpp: null }, findings: 0 });
    const text = words(await written(bare));
    expect(text).toContain('not known: no areas or densities');
    expect(text).toContain('no scale bar');
    expect(text).toContain('None at a score of 0.5 or more');
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});
