/** The findings painted in their classes' colours on nothing: a picture to be laid over one of the image. */
import type { FindingView } from '../contract/finding.ts';
import { classColour, rejectedColour, type Rgb } from '../core/colour.ts';
import type { HeatmapPixels } from './heatmap.ts';
import { polygonsOf } from './outlines.ts';
import type { ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';

/** A line is so many pixels wide, and one. */
const reach = 1;

/**
 * @param longerSide of the picture, pixels; smaller where the image itself is smaller
 * @throws the signal's reason
 */
export async function overlayPixels(
  data: ReportData,
  longerSide: number,
  signal?: AbortSignal,
): Promise<HeatmapPixels> {
  const { image, model } = data;
  const scale = Math.min(1, longerSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const pixels = new Uint8Array(width * height * 4);
  const scaleX = width / image.width;
  const scaleY = height / image.height;
  const dot = (x: number, y: number, [red, green, blue]: Rgb): void => {
    const right = Math.min(width - 1, x + reach);
    const bottom = Math.min(height - 1, y + reach);
    for (let row = Math.max(0, y); row < bottom + 1; row++) {
      for (let column = Math.max(0, x); column < right + 1; column++) {
        pixels.set([red, green, blue, 255], (row * width + column) * 4);
      }
    }
  };
  for await (const page of shownPages(data, signal)) {
    for (const finding of page) {
      const isRejected = finding.verdict === 'rejected';
      const colour = isRejected ? rejectedColour : classColour(model.manifest, finding.classIndex);
      paint(finding, colour, scaleX, scaleY, dot);
    }
  }
  return { width, height, bands: 4, data: pixels };
}

function paint(
  finding: FindingView,
  colour: Rgb,
  scaleX: number,
  scaleY: number,
  dot: (x: number, y: number, colour: Rgb) => void,
): void {
  for (const ring of polygonsOf(finding).flat()) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [x1, y1] = [ring[j]! * scaleX, ring[j + 1]! * scaleY];
      const [x2, y2] = [ring[i]! * scaleX, ring[i + 1]! * scaleY];
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))));
      for (let step = 0; step <= steps; step++) {
        dot(Math.floor(x1 + ((x2 - x1) * step) / steps), Math.floor(y1 + ((y2 - y1) * step) / steps), colour);
      }
    }
  }
}
