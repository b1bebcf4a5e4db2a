/**
 * Vendors' TIFFs that would open as generic ones and be shown wrongly (overlapping tiles, several regions, one huge JPEG):
 * refused by name.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';

export function refuseOtherVendors(tiff: TiffStructure): void {
  const name = vendorOf(tiff);
  if (name === null) return;
  throw new GigatileError(
    'image-unsupported',
    `This is a slide in the format of ${name}, which cannot be read yet`,
    {
      where: tiff.file.name,
      hint: 'Convert it to a pyramidal TIFF or OME-TIFF, for example with vips or bfconvert.',
    },
  );
}

function vendorOf(tiff: TiffStructure): string | null {
  const [first] = tiff.directories;
  if (first === undefined) return null;
  const isVentana = tiff.directories.some((directory) => directory.text(tag.xmp)?.includes('iScan') ?? false);
  return isVentana ? 'Ventana (BIF)' : null;
}
