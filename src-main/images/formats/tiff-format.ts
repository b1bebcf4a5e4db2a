/** Formats that are TIFF files whose tiles are plain tiles: a layout is all that they need to say. */
import { TiffBackend } from '../tiff-backend.ts';
import type { OpenLimits } from '../image-source.ts';
import type { TiffStructure } from '../tiff/structure.ts';
import { compressionName } from '../tiff/tags.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import type { TiffLayout } from './tiff-layout.ts';
import type { Description } from '../pyramid-source.ts';

/** A format of the TIFF family from how it is known and how its directories are read. */
export function tiffFormat(
  id: string,
  knows: (tiff: TiffStructure) => boolean,
  read: (tiff: TiffStructure, limits: OpenLimits) => TiffLayout,
): FileFormat {
  return {
    id,
    knows: ({ tiff }) => tiff !== null && knows(tiff),
    open: (candidate, options) => Promise.resolve(openLayout(candidate, options, read)),
  };
}

function openLayout(
  { file, tiff }: Candidate,
  { codecs, limits }: OpenOptions,
  read: (tiff: TiffStructure, limits: OpenLimits) => TiffLayout,
): OpenedFormat {
  if (tiff === null) throw new TypeError('not a TIFF');
  const layout = read(tiff, limits);
  const backend = new TiffBackend(file, layout, codecs, limits);
  return { backend, description: describeLayout(file.name, layout) };
}

export function describeLayout(name: string, layout: TiffLayout): Description {
  const { format, vendor, mpp, geo, objectivePower, bandNames, noData, properties } = layout;
  return {
    name,
    format,
    vendor,
    mpp,
    geo,
    objectivePower,
    bandNames,
    noData,
    associated: [...layout.associated.keys()],
    compression: compressionName(layout.levels[0]?.compression ?? 1),
    ...(properties && { properties }),
  };
}
