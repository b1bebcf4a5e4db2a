/** The report of a run, HTML or PDF, with pictures from the image itself. */
import type { ReportSettings } from '../contract/report.ts';
import type { Rect } from '../contract/run.ts';
import { composeReport } from '../reports/document/compose.ts';
import type { ReportDocument } from '../reports/document/document.ts';
import { heatmapPixels } from '../reports/heatmap.ts';
import type { Picture, ReportData } from '../reports/report-data.ts';
import { summarise } from '../reports/summary.ts';
import type { CaseSession } from './case-session.ts';
import type { ImageService } from './image-service.ts';

const overviewSize = 1024;
const cropSize = 640;

async function crop(images: ImageService, path: string, rect: Rect, longest: number): Promise<Picture> {
  const scale = Math.min(1, longest / Math.max(rect.width, rect.height));
  const { bytes } = await images.render(
    path,
    rect,
    Math.max(1, Math.round(rect.width * scale)),
    Math.max(1, Math.round(rect.height * scale)),
  );
  return { type: 'image/jpeg', bytes };
}

export async function reportDocument(
  session: CaseSession,
  images: ImageService,
  data: ReportData,
  settings: ReportSettings,
  signal?: AbortSignal,
): Promise<ReportDocument> {
  const summary = await summarise(data, settings.findings, signal);
  signal?.throwIfAborted();
  const { path, info } = session.image;
  const whole = { x: 0, y: 0, width: info.width, height: info.height };
  const pixels = heatmapPixels(data, overviewSize);
  const heatmap = await images.png(pixels.width, pixels.height, pixels.bands, pixels.data);
  const hotspots: Picture[] = [];
  for (const { rect } of summary.hotspots) {
    hotspots.push(await crop(images, path, rect, cropSize));
    signal?.throwIfAborted();
  }
  const pictures = {
    thumbnail: await crop(images, path, whole, overviewSize),
    heatmap: { type: 'image/png' as const, bytes: heatmap.bytes },
    hotspots,
  };
  return composeReport(data, summary, pictures, settings);
}
