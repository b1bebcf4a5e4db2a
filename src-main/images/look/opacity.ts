/** Which pixels hold data, for the screen: 0 hidden, 255 shown, between where an alpha band says so. */
import type { Raster } from '../image-source.ts';

/** Places in the raster, not bands of the image: a raster may hold some bands only. */
export interface OpacityRule {
  /** A pixel without data has this value in all of `shown`; NaN always means the same. */
  noData: number | null;
  shown: readonly number[];
  alpha: number | null;
}

/** null where every pixel is shown. `valid` is the file's mask (0 to 255), where there is one. */
export function opacityOf(raster: Raster, rule: OpacityRule, valid: Uint8Array | null): Uint8Array | null {
  const { noData, shown, alpha } = rule;
  const isFloat = raster.dtype.startsWith('float');
  const byValue = (noData !== null || isFloat) && shown.length > 0;
  if (!byValue && alpha === null && valid === null) return null;
  const { data, bands } = raster;
  const opacity = new Uint8Array(raster.width * raster.height);
  const top = raster.dtype === 'uint16' ? 65_535 : raster.dtype === 'uint8' ? 255 : 1;
  let all = true;
  for (let pixel = 0; pixel < opacity.length; pixel++) {
    const at = pixel * bands;
    let value = valid === null ? 255 : (valid[pixel] ?? 0);
    if (alpha !== null && value > 0) {
      const own = Math.min(1, Math.max(0, (data[at + alpha] ?? 0) / top));
      value = Math.round(value * own);
    }
    if (value > 0 && byValue) {
      const isEmpty = shown.every((band) => {
        const sample = data[at + band] ?? 0;
        return sample === noData || Number.isNaN(sample);
      });
      if (isEmpty) value = 0;
    }
    opacity[pixel] = value;
    if (value !== 255) all = false;
  }
  return all ? null : opacity;
}

/** Pixels with their opacity as a fourth band. */
export function withOpacity(opaque: Raster, opacity: Uint8Array): Raster {
  const { width, height, bands, data } = opaque;
  const out = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < opacity.length; pixel++) {
    const value = opacity[pixel] ?? 0;
    if (value === 0) continue;
    for (let band = 0; band < 3; band++) {
      out[pixel * 4 + band] = data[pixel * bands + (bands === 1 ? 0 : band)] ?? 0;
    }
    out[pixel * 4 + 3] = value;
  }
  return { width, height, bands: 4, dtype: 'uint8', data: out };
}

/** For formats without alpha: over black. */
export function overBlack(raster: Raster): Raster {
  if (raster.bands !== 4) return raster;
  const { width, height, data } = raster;
  const out = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const share = (data[pixel * 4 + 3] ?? 0) / 255;
    for (let band = 0; band < 3; band++) {
      out[pixel * 3 + band] = Math.round((data[pixel * 4 + band] ?? 0) * share);
    }
  }
  return { width, height, bands: 3, dtype: 'uint8', data: out };
}
