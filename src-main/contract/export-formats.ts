/** What can be taken out of a run: names for scripts, words for people, endings and MIME types for files. */
import { z } from 'zod';

export const exportFormats = [
  'html',
  'pdf',
  'bundle',
  'geojson',
  'gpkg',
  'csv',
  'tsv',
  'parquet',
  'wsinfer',
  'coco',
  'yolo',
  'heatmap',
  'overlay',
  'heatmap-cog',
  'classes-cog',
  'heatmap-ome',
  'classes-ome',
] as const;
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
    label: 'PDF report',
    hint: 'The same pages, to be sent or printed',
    group: 'report',
    extension: 'pdf',
    type: 'application/pdf',
  },
  bundle: {
    label: 'Bundle',
    hint: 'Reports and data with a manifest that "gigatile verify" checks',
    group: 'report',
    extension: 'zip',
    type: 'application/zip',
  },
  geojson: {
    label: 'GeoJSON',
    hint: 'Findings and decisions, for QuPath or a GIS',
    group: 'findings',
    extension: 'geojson',
    type: 'application/geo+json',
  },
  gpkg: {
    label: 'GeoPackage',
    hint: 'Findings and tiles in the image’s own coordinates, for QGIS',
    group: 'findings',
    extension: 'gpkg',
    type: 'application/geopackage+sqlite3',
  },
  csv: {
    label: 'CSV',
    hint: 'One line a finding, for a spreadsheet',
    group: 'findings',
    extension: 'csv',
    type: 'text/csv',
  },
  tsv: {
    label: 'TSV',
    hint: 'The same, with tabs',
    group: 'findings',
    extension: 'tsv',
    type: 'text/tab-separated-values',
  },
  parquet: {
    label: 'Parquet',
    hint: 'The same, small and quick to read where there are many findings',
    group: 'findings',
    extension: 'parquet',
    type: 'application/vnd.apache.parquet',
  },
  wsinfer: {
    label: 'WSInfer CSV',
    hint: 'Probabilities a tile, as WSInfer writes them',
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
  yolo: {
    label: 'YOLO labels',
    hint: 'Labels as text to train with, rejected findings left out',
    group: 'findings',
    extension: 'zip',
    type: 'application/zip',
  },
  heatmap: {
    label: 'Heatmap',
    hint: 'PNG: the tiles in their colours',
    group: 'pictures',
    extension: 'png',
    type: 'image/png',
  },
  overlay: {
    label: 'Overlay',
    hint: 'PNG: outlines of the findings on nothing, to be laid over the image',
    group: 'pictures',
    extension: 'png',
    type: 'image/png',
  },
  'heatmap-cog': {
    label: 'Heatmap as GeoTIFF',
    hint: 'The tiles’ numbers as a COG, for QGIS and GDAL',
    group: 'pictures',
    extension: 'tif',
    type: 'image/tiff',
  },
  'classes-cog': {
    label: 'Classes as GeoTIFF',
    hint: 'The class of each pixel as a COG, for QGIS and GDAL',
    group: 'pictures',
    extension: 'tif',
    type: 'image/tiff',
  },
  'heatmap-ome': {
    label: 'Heatmap as OME-TIFF',
    hint: 'The tiles’ scores as a pyramid, for QuPath and other viewers',
    group: 'pictures',
    extension: 'ome.tif',
    type: 'image/tiff',
  },
  'classes-ome': {
    label: 'Classes as OME-TIFF',
    hint: 'The class of each pixel as a pyramid, for QuPath and other viewers',
    group: 'pictures',
    extension: 'ome.tif',
    type: 'image/tiff',
  },
} as const satisfies Record<ExportFormat, ExportFormatWords>;
