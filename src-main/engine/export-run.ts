/** Exports of a run: fills the reports' data from the case and writes one format, whole or not at all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { exportFormats } from '../contract/api.ts';
import type { ExportFormat } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
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

const fileOf: Record<Exclude<ExportFormat, 'pdf'>, { extension: string; type: string }> = {
  geojson: { extension: 'geojson', type: 'application/geo+json' },
  csv: { extension: 'csv', type: 'text/csv' },
  coco: { extension: 'json', type: 'application/json' },
  heatmap: { extension: 'png', type: 'image/png' },
  html: { extension: 'html', type: 'text/html' },
};

function known(format: string): keyof typeof fileOf {
  if (format in fileOf) return format as keyof typeof fileOf;
  if (format === 'pdf') {
    throw new GigatileError('usage', 'This version writes no PDF', {
      hint: 'Export html and print it to PDF.',
    });
  }
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
  return `${parse(session.image.name).name}-run-${no}.${fileOf[known(format)].extension}`;
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
  switch (kind) {
    case 'geojson':
      return writeFileWhole(path, data.image.geo ? geojsonRfc7946(data) : geojsonQupath(data));
    case 'csv':
      return writeFileWhole(path, csv(data));
    case 'coco':
      return writeFileWhole(path, coco(data));
    case 'heatmap':
      return writeFileWhole(path, heatmap(data, images));
    case 'html':
      return writeFileWhole(path, htmlChunks(session, images, data));
  }
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
    return { folder, path, name, type: fileOf[known(format)].type };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
