/** Exports of a run: fills the reports' data from the case and writes one format, whole or not at all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { exportFormats, exportFormatWords } from '../contract/export-formats.ts';
import type { ExportFormat } from '../contract/export-formats.ts';
import { coco } from '../reports/coco.ts';
import { csv } from '../reports/csv.ts';
import { geojsonQupath } from '../reports/geojson-qupath.ts';
import { geojsonRfc7946 } from '../reports/geojson-rfc7946.ts';
import { heatmapPixels } from '../reports/heatmap.ts';
import type { ReportData } from '../reports/report-data.ts';
import { writeFileWhole } from '../reports/write-file.ts';
import type { CaseSession } from './case-session.ts';
import { htmlChunks } from './export-html.ts';
import type { ImageService } from './image-service.ts';
import { reportData } from './report-data.ts';

const heatmapSize = 2048;

export interface ExportJob {
  session: CaseSession;
  images: ImageService;
  data: ReportData;
  path: string;
}

const writers: Record<ExportFormat, (job: ExportJob) => Promise<void>> = {
  geojson: ({ data, path }) =>
    writeFileWhole(path, data.image.geo ? geojsonRfc7946(data) : geojsonQupath(data)),
  csv: ({ data, path }) => writeFileWhole(path, csv(data)),
  coco: ({ data, path }) => writeFileWhole(path, coco(data)),
  heatmap: ({ data, images, path }) => writeFileWhole(path, heatmap(data, images)),
  html: ({ session, images, data, path }) => writeFileWhole(path, htmlChunks(session, images, data)),
  pdf: () => {
    throw new GigatileError('usage', 'This version writes no PDF', {
      hint: 'Export html and print it to PDF.',
    });
  },
};

function known(format: string): ExportFormat {
  if (Object.hasOwn(writers, format)) return format as ExportFormat;
  throw new GigatileError('usage', `There is no format "${format}"`, {
    hint: `There are ${exportFormats.join(', ')}.`,
  });
}

async function* heatmap(data: ReportData, images: ImageService): AsyncGenerator<Uint8Array> {
  const pixels = heatmapPixels(data, heatmapSize);
  yield (await images.png(pixels.width, pixels.height, pixels.bands, pixels.data)).bytes;
}

/** A suggestion for a file name: image, run, format. */
export function exportName(session: CaseSession, no: number, format: string): string {
  return `${parse(session.image.name).name}-run-${no}.${exportFormatWords[known(format)].extension}`;
}

/** @throws {GigatileError} usage for an unknown format or a run without tiles; disk-full, not-writable, io */
export async function writeExport(
  session: CaseSession,
  images: ImageService,
  no: number,
  format: string,
  path: string,
): Promise<void> {
  const kind = known(format);
  const data = reportData(session, no);
  if (data.tiles.states.length === 0) {
    throw new GigatileError(
      'usage',
      'This run has not got as far as its first tile: there is nothing to export',
      {
        hint: 'Resume it first.',
      },
    );
  }
  await writers[kind]({ session, images, data, path });
}

export async function exportToTemporary(
  session: CaseSession,
  images: ImageService,
  no: number,
  format: string,
): Promise<{ folder: string; path: string; name: string; type: string }> {
  const name = exportName(session, no, format);
  const folder = await mkdtemp(join(tmpdir(), 'gigatile-export-'));
  try {
    const path = join(folder, name);
    await writeExport(session, images, no, format, path);
    return { folder, path, name, type: exportFormatWords[known(format)].type };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
