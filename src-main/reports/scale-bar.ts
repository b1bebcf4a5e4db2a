/** A scale bar of a round length for a picture of the image. */
import type { ReportData } from './report-data.ts';

export interface ScaleBar {
  /** Part of the picture's width, 0-1. */
  fraction: number;
  label: string;
}

/** The round length (1, 2 or 5 times a power of ten) that is nearest below a quarter of the width; null without a physical size. */
export function scaleBar(data: Pick<ReportData, 'image' | 'run'>, widthInPixels: number): ScaleBar | null {
  const ownMpp = data.run.parameters.mpp;
  const perPixel = ownMpp ?? data.image.mpp?.x;
  if (perPixel !== undefined) return round(widthInPixels * perPixel, 'µm', 'mm');
  const metres = data.image.geo?.metersPerPixel;
  return metres ? round(widthInPixels * metres.x, 'm', 'km') : null;
}

function round(width: number, unit: string, thousandUnit: string): ScaleBar {
  const most = width / 4;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((candidate) => candidate <= most) ?? power;
  const label =
    length >= 1000
      ? `${Number((length / 1000).toPrecision(3))} ${thousandUnit}`
      : `${Number(length.toPrecision(3))} ${unit}`;
  return { fraction: length / width, label };
}
