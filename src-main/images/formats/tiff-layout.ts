/** What a TIFF-based format says about its directories: which are levels, which are something else, and how large a pixel is. */
import type { BandInfo, ControlPoints, Geo } from '../../contract/image.ts';
import type { EncodedImage } from '../image-source.ts';
import type { TiffDirectory } from '../tiff/structure.ts';
import type { TiffPage } from '../tiff/page.ts';

export interface TiffLayout {
  format: string;
  vendor: string | null;
  /** Level 0 first, by falling width; same bands and type. */
  levels: TiffPage[];
  /** Level-0 pixels a pixel of each level, where the format says it otherwise than by the levels' sizes. */
  downsamples?: readonly number[];
  /** By name; read and checked only when asked for. */
  associated: ReadonlyMap<string, TiffDirectory>;
  /** Associated images that are no directories of the file, by name; read only when asked for. */
  embedded?: ReadonlyMap<string, () => EncodedImage>;
  mpp: { x: number; y: number } | null;
  objectivePower: number | null;
  geo: Geo | null;
  bandNames: string[] | null;
  /** One a band; see contract/image.ts. */
  bandInfo?: BandInfo[];
  /** One #rrggbb a band of the image: channels of fluorescence, see Colours. */
  channelColors?: readonly string[];
  controlPoints?: ControlPoints;
  /** The image's mask and those of its overviews, in any order. */
  masks?: readonly TiffDirectory[];
  /** Vendor's properties by the format's own names; see contract/image.ts. */
  properties?: Record<string, string>;
  /** NaN where the file says so. */
  noData: number | null;
  /** Tiles that are not stored are made from the finer level (Aperio), instead of being background. */
  missingFromFiner: boolean;
}

/** Levels by falling size; those that do not shrink, or hold other pixels than level 0, are none. */
export function orderLevels(first: TiffPage, others: readonly TiffPage[]): TiffPage[] {
  const levels = [first];
  const smaller = others
    .filter((page) => page.bands === first.bands && page.dtype === first.dtype)
    .toSorted((a, b) => b.width - a.width || b.height - a.height);
  for (const page of smaller) {
    const last = levels[levels.length - 1] ?? first;
    if (page.width < last.width && page.height <= last.height) levels.push(page);
  }
  return levels;
}
