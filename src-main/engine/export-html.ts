/** The pictures of an HTML report, from the image itself, and the report around them. */
import type { Rect } from '../contract/run.ts';
import { heatmapPixels } from '../reports/heatmap.ts';
import { htmlReport } from '../reports/html/html-report.ts';
import type { Picture, ReportData } from '../reports/report-data.ts';
import { summarise } from '../reports/summary.ts';
import type { CaseSession } from './case-session.ts';
import type { ImageService } from './image-service.ts';

const overviewSize = 1024;
const cropSize = 384;

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

export async function* htmlChunks(
  session: CaseSession,
  images: ImageService,
  data: ReportData,
): AsyncGenerator<string> {
  const summary = await summarise(data);
  const { path, info } = session.image;
  const whole = { x: 0, y: 0, width: info.width, height: info.height };
  const pixels = heatmapPixels(data, overviewSize);
  const heatmap = await images.png(pixels.width, pixels.height, pixels.bands, pixels.data);
  const hotspots: Picture[] = [];
  for (const { rect } of summary.hotspots) hotspots.push(await crop(images, path, rect, cropSize));
  yield* htmlReport(data, summary, {
    thumbnail: await crop(images, path, whole, overviewSize),
    heatmap: { type: 'image/png', bytes: heatmap.bytes },
    hotspots,
  });
}
