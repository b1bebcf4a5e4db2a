/** Formats that are TIFF files whose tiles are plain tiles: a layout is all that they need to say. */
import { GigatileError } from '../../contract/errors.ts';
import { MaskBackend, readMaskLevels } from '../mask-backend.ts';
import { TiffBackend } from '../tiff-backend.ts';
import type { ImageFile } from '../image-file.ts';
import type { Codecs, OpenLimits } from '../image-source.ts';
import type { TiffStructure } from '../tiff/structure.ts';
import { compressionName } from '../tiff/tags.ts';
import type { Candidate, FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { stripInput } from './strip-input.ts';
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
  { codecs, limits, canPrepare }: OpenOptions,
  read: (tiff: TiffStructure, limits: OpenLimits) => TiffLayout,
): OpenedFormat {
  if (tiff === null) throw new TypeError('not a TIFF');
  const { layout, mask } = withMask(read(tiff, limits), file, codecs, limits);
  const backend = new TiffBackend(file, layout, codecs, limits, mask);
  // What is prepared keeps pixels only: an image with a mask stays as it is.
  const mayPrepare = canPrepare === true && !file.isRemote && mask === undefined;
  const flat = mayPrepare ? stripInput(backend, layout, limits) : null;
  return { backend, description: describeLayout(file.name, layout), ...(flat !== null && { flat }) };
}

/** An image is shown without a mask that cannot be read, and says so. */
function withMask(
  layout: TiffLayout,
  file: ImageFile,
  codecs: Codecs,
  limits: OpenLimits,
): { layout: TiffLayout; mask?: MaskBackend } {
  const { masks, ...others } = layout;
  if (masks === undefined) return { layout };
  try {
    return { layout, mask: new MaskBackend(file, readMaskLevels(masks, limits), codecs) };
  } catch (error) {
    if (!(error instanceof GigatileError) || error.code !== 'image-unsupported') throw error;
    const note = `not applied: ${error.message}`;
    return { layout: { ...others, properties: { ...layout.properties, 'gigatile.mask': note } } };
  }
}

export function describeLayout(name: string, layout: TiffLayout): Description {
  const { format, vendor, mpp, geo, objectivePower, bandNames, noData, properties } = layout;
  const { bandInfo, controlPoints, masks } = layout;
  const hasAlpha = bandInfo?.some(({ interpretation }) => interpretation === 'alpha') ?? false;
  const validity =
    masks !== undefined ? 'mask' : noData !== null ? 'no-data' : hasAlpha ? 'alpha' : undefined;
  return {
    name,
    format,
    vendor,
    mpp,
    geo,
    objectivePower,
    bandNames,
    noData,
    associated: [...layout.associated.keys(), ...(layout.embedded?.keys() ?? [])],
    compression: compressionName(layout.levels[0]?.compression ?? 1),
    ...(properties && { properties }),
    ...(bandInfo && { bandInfo }),
    ...(controlPoints && { controlPoints }),
    ...(validity && { validity }),
  };
}
