/** What an image says about its pixel values: which hold no data, and what the others mean. */
import type { ImageInfo, PixelType } from '../../contract/image.ts';
import type { ModelManifest } from '../../contract/model.ts';

export interface PixelMeaning {
  /** Pixels without data are told apart; else every value is given as it is stored. */
  tellsNoData: boolean;
  /** Values that hold no data, a band; null or absent: none. NaN and infinities never hold any. */
  noData: readonly (number | null)[];
  /** Pixels that are wholly transparent hold no data. */
  alphaBand: number | null;
  /** The quantity is value * scale + offset, a band; null: the stored value is taken. */
  bands: readonly { scale: number; offset: number }[] | null;
  /** What is computed of pixels is rounded as the pixels are. */
  integers: boolean;
}

/** @param info absent: bytes or words that all hold data */
export function pixelMeaning(input: ModelManifest['input'], info?: ImageInfo): PixelMeaning {
  if (info === undefined) {
    return { tellsNoData: false, noData: [], alphaBand: null, bands: null, integers: true };
  }
  const isPhysical = input.pixelValues === 'physical';
  const each = Array.from({ length: info.bands }, (_, band) => info.bandInfo?.[band]);
  return {
    tellsNoData: tellsNoData(input, info),
    noData: noDataOf(info),
    alphaBand: alphaBand(info),
    bands: isPhysical ? each.map((band) => ({ scale: band?.scale ?? 1, offset: band?.offset ?? 0 })) : null,
    integers: !isPhysical && isSmallUnsigned(info.dtype),
  };
}

/** The value that holds no data, a band; null: none. */
export function noDataOf({ bands, bandInfo, noData, dtype }: ImageInfo): (number | null)[] {
  // Files state it in more digits than a float32 pixel has.
  return Array.from({ length: bands }, (_, band) => inPixels(dtype, bandInfo?.[band]?.noData ?? noData));
}

function inPixels(dtype: PixelType, value: number | null): number | null {
  return value === null || dtype !== 'float32' ? value : Math.fround(value);
}

export function isSmallUnsigned(dtype: PixelType): boolean {
  return dtype === 'uint8' || dtype === 'uint16';
}

/** The band that says how opaque a pixel is, 0-based; null where there is none. */
export function alphaBand({ bandInfo, bandNames, bands }: ImageInfo): number | null {
  for (let band = 0; band < bands; band++) {
    if (bandInfo?.[band]?.interpretation === 'alpha') return band;
    if (/(^|[^a-z])alpha([^a-z]|$)/i.test(bandNames?.[band] ?? '')) return band;
  }
  return null;
}

export function isNoData(value: number, noData: number | null | undefined): boolean {
  return value === noData || !Number.isFinite(value);
}

/**
 * Whether pixels without data are told apart: where the input is not just the stored values of bytes or words, which every
 * implementation hands to a model as they are, no-data or not.
 */
export function tellsNoData(input: ModelManifest['input'], info: Pick<ImageInfo, 'dtype'>): boolean {
  return (
    input.tileStatistics !== undefined || input.pixelValues === 'physical' || !isSmallUnsigned(info.dtype)
  );
}
