/** What can be taken out of a run: names for scripts, words for people, endings and MIME types for files. */
import { z } from 'zod';

export const exportFormats = ['html', 'pdf', 'geojson', 'csv', 'coco', 'heatmap'] as const;
export const exportFormatSchema = z.enum(exportFormats);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export interface ExportFormatWords {
  label: string;
  /** One line: what is in it, and what it is for. */
  hint: string;
  group: 'report' | 'findings' | 'pictures';
  /** Without the dot. */
  extension: string;
  type: string;
}

export const exportFormatWords = {
  html: {
    label: 'Report',
    hint: 'HTML, one file, with pictures and what is missing',
    group: 'report',
    extension: 'html',
    type: 'text/html',
  },
  pdf: {
    label: 'Report as PDF',
    hint: 'The same pages, to be sent or printed',
    group: 'report',
    extension: 'pdf',
    type: 'application/pdf',
  },
  geojson: {
    label: 'GeoJSON',
    hint: 'Findings and decisions, for QuPath or a GIS',
    group: 'findings',
    extension: 'geojson',
    type: 'application/geo+json',
  },
  csv: {
    label: 'CSV',
    hint: 'One line a finding, for a spreadsheet',
    group: 'findings',
    extension: 'csv',
    type: 'text/csv',
  },
  coco: {
    label: 'COCO',
    hint: 'Boxes and outlines as a data set',
    group: 'findings',
    extension: 'json',
    type: 'application/json',
  },
  heatmap: {
    label: 'Heatmap',
    hint: 'PNG: the tiles in their colours',
    group: 'pictures',
    extension: 'png',
    type: 'image/png',
  },
} as const satisfies Record<ExportFormat, ExportFormatWords>;
