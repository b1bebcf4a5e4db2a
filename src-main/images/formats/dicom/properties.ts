/**
 * What `info` tells of a slide, by the standard's keywords as OpenSlide spells them. A list of what is told, not of what is
 * left out: nothing of the patient, the order, the specimen, the operator or any date, and no identifier.
 */
import type { Keyword } from './attributes.ts';
import type { DataSet } from './part10.ts';
import type { Instance } from './instance.ts';

const told: readonly Keyword[] = [
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'SoftwareVersions',
  'ImageType',
  'DimensionOrganizationType',
  'PhotometricInterpretation',
  'BurnedInAnnotation',
  'SpecimenLabelInImage',
  'FocusMethod',
  'ExtendedDepthOfField',
  'LossyImageCompression',
  'LossyImageCompressionRatio',
  'LossyImageCompressionMethod',
];

/** More than this is no name of a scanner. */
const longest = 256;

export interface Notes {
  /** DICOM files of the folder that are no part of the slide. */
  ignoredFiles: number;
  /** Images of the series that are no level of this pyramid, and why. */
  leftOut: readonly string[];
  /** Optical paths that are not shown. */
  otherPaths: number;
}

export function propertiesOf(base: Instance, notes: Notes): Record<string, string> {
  const { data } = base;
  const properties: Record<string, string> = {};
  for (const keyword of told) {
    const text = data.texts(keyword).join('\\');
    if (text !== '') properties[`dicom.${keyword}`] = text.slice(0, longest);
  }
  properties['dicom.TransferSyntaxUID'] = base.transferSyntax;
  for (const keyword of ['ImagedVolumeWidth', 'ImagedVolumeHeight', 'ImagedVolumeDepth'] as const) {
    const value = data.float(keyword);
    if (value !== null) properties[`dicom.${keyword}`] = String(value);
  }
  for (const keyword of ['TotalPixelMatrixFocalPlanes', 'NumberOfOpticalPaths'] as const) {
    const value = data.unsigned(keyword);
    if (value !== null) properties[`dicom.${keyword}`] = String(value);
  }
  for (const [i, path] of base.opticalPaths.entries()) {
    const prefix = `dicom.OpticalPathSequence[${i}]`;
    properties[`${prefix}.OpticalPathIdentifier`] = path.id;
    if (path.description !== null) properties[`${prefix}.OpticalPathDescription`] = path.description;
    if (path.objectivePower !== null)
      properties[`${prefix}.ObjectiveLensPower`] = String(path.objectivePower);
    if (path.iccProfile > 0) properties[`${prefix}.ICCProfile`] = `present (${path.iccProfile} bytes)`;
    if (path.colorSpace !== null) properties[`${prefix}.ColorSpace`] = path.colorSpace;
  }
  if (base.pixelSpacing !== null) {
    const { x, y } = base.pixelSpacing;
    properties['dicom.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing'] =
      `${y}\\${x}`;
  }
  const doubt = spacingDoubt(base, data);
  if (doubt !== null) properties['gigatile.PixelSpacingDoubt'] = doubt;
  if (base.focalPlanes > 1) properties['gigatile.FocalPlane'] = `1 of ${base.focalPlanes} is shown`;
  if (notes.otherPaths > 0) properties['gigatile.OpticalPathsNotShown'] = String(notes.otherPaths);
  if (notes.ignoredFiles > 0) properties['gigatile.IgnoredFiles'] = String(notes.ignoredFiles);
  if (notes.leftOut.length > 0) properties['gigatile.ImagesLeftOut'] = notes.leftOut.join('; ');
  return properties;
}

/** Writers that give one of both wrongly are known: the spacing counts, and the difference is told. */
function spacingDoubt({ pixelSpacing, width, height }: Instance, data: DataSet): string | null {
  if (pixelSpacing === null) return null;
  const volume = { x: data.float('ImagedVolumeWidth'), y: data.float('ImagedVolumeHeight') };
  const doubts: string[] = [];
  for (const [axis, size] of [['x', width] as const, ['y', height] as const]) {
    const extent = volume[axis];
    if (extent === null || !(extent > 0)) continue;
    const ratio = extent / (pixelSpacing[axis] * size);
    if (Math.abs(ratio - 1) > 0.05) {
      doubts.push(
        `the imaged volume's ${axis === 'x' ? 'width' : 'height'} says ${ratio.toPrecision(3)} times as much`,
      );
    }
  }
  return doubts.length === 0 ? null : doubts.join(', ');
}

/** µm a pixel: by the spacing, else by the size of the imaged volume; null where neither is there or sensible. */
export function mppOf({ pixelSpacing, width, height, data }: Instance): { x: number; y: number } | null {
  const sensible = (x: number, y: number): { x: number; y: number } | null =>
    x > 0.001 && x < 1000 && y > 0.001 && y < 1000 ? { x, y } : null;
  // Rounded to 12 digits: 0.0005 mm should be 0.5 µm.
  const micrometres = (millimetres: number): number => Number((millimetres * 1000).toPrecision(12));
  if (pixelSpacing !== null) return sensible(micrometres(pixelSpacing.x), micrometres(pixelSpacing.y));
  const [w, h] = [data.float('ImagedVolumeWidth'), data.float('ImagedVolumeHeight')];
  return w === null || h === null ? null : sensible(micrometres(w / width), micrometres(h / height));
}
