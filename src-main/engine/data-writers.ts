/** Writers of the formats that hold a run's data: findings for other programs, pictures of the tiles. */
import type { ExportFormat } from '../contract/export-formats.ts';
import { coco } from '../reports/coco.ts';
import { csv, tsv } from '../reports/csv.ts';
import { geojsonQupath } from '../reports/geojson-qupath.ts';
import { geojsonRfc7946 } from '../reports/geojson-rfc7946.ts';
import { writeGeopackage } from '../reports/geopackage/geopackage.ts';
import { heatmapPixels, type HeatmapPixels } from '../reports/heatmap.ts';
import { overlayPixels } from '../reports/overlay.ts';
import { writeFileWhole } from '../reports/write-file.ts';
import { wsinferCsv } from '../reports/wsinfer-csv.ts';
import { yolo } from '../reports/yolo.ts';
import type { ExportWriter } from './export-job.ts';
import type { ImageService } from './image-service.ts';
import { writeClassRaster, writeHeatRaster } from './raster-files.ts';

const heatmapSize = 2048;
const overlaySize = 4096;

async function png(images: ImageService, pixels: HeatmapPixels): Promise<Uint8Array> {
  return (await images.png(pixels.width, pixels.height, pixels.bands, pixels.data)).bytes;
}

export const dataWriters: Record<Exclude<ExportFormat, 'html' | 'pdf' | 'bundle'>, ExportWriter> = {
  geojson: ({ data, path, signal }) =>
    writeFileWhole(path, data.image.geo ? geojsonRfc7946(data) : geojsonQupath(data), signal),
  gpkg: ({ data, path, signal }) => writeGeopackage(path, data, signal),
  csv: ({ data, path, signal }) => writeFileWhole(path, csv(data), signal),
  tsv: ({ data, path, signal }) => writeFileWhole(path, tsv(data), signal),
  // Its library is not loaded at every start.
  parquet: async ({ data, path, signal }) =>
    writeFileWhole(path, (await import('../reports/parquet.ts')).parquet(data, signal), signal),
  wsinfer: ({ data, path, signal }) => writeFileWhole(path, wsinferCsv(data), signal),
  coco: ({ data, path, signal }) => writeFileWhole(path, coco(data), signal),
  yolo: ({ data, path, signal }) => writeFileWhole(path, yolo(data), signal),
  heatmap: async ({ data, images, path, signal }) =>
    writeFileWhole(path, [await png(images, heatmapPixels(data, heatmapSize))], signal),
  overlay: async ({ data, images, path, signal }) =>
    writeFileWhole(path, [await png(images, await overlayPixels(data, overlaySize, signal))], signal),
  'heatmap-cog': (job) => writeHeatRaster(job, 'cog'),
  'heatmap-ome': (job) => writeHeatRaster(job, 'ome'),
  'classes-cog': (job) => writeClassRaster(job, 'cog'),
  'classes-ome': (job) => writeClassRaster(job, 'ome'),
};
