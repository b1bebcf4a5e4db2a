/**
 * The DICOM attributes that are read, by the standard's keywords (PS3.6), with their tags (group << 16 | element). Whatever is
 * not in this list is skipped: no attribute of the patient, the order, the specimen or a date is ever looked at.
 */
export const attribute = {
  TransferSyntaxUID: 0x0002_0010,
  SpecificCharacterSet: 0x0008_0005,
  ImageType: 0x0008_0008,
  SOPClassUID: 0x0008_0016,
  SOPInstanceUID: 0x0008_0018,
  Modality: 0x0008_0060,
  Manufacturer: 0x0008_0070,
  ManufacturerModelName: 0x0008_1090,
  SoftwareVersions: 0x0018_1020,
  FocusMethod: 0x0048_0011,
  ExtendedDepthOfField: 0x0048_0012,
  SeriesInstanceUID: 0x0020_000e,
  InstanceNumber: 0x0020_0013,
  ConcatenationUID: 0x0020_9161,
  InConcatenationNumber: 0x0020_9162,
  InConcatenationTotalNumber: 0x0020_9163,
  ConcatenationFrameOffsetNumber: 0x0020_9228,
  DimensionOrganizationType: 0x0020_9311,
  SamplesPerPixel: 0x0028_0002,
  PhotometricInterpretation: 0x0028_0004,
  PlanarConfiguration: 0x0028_0006,
  NumberOfFrames: 0x0028_0008,
  Rows: 0x0028_0010,
  Columns: 0x0028_0011,
  PixelSpacing: 0x0028_0030,
  BitsAllocated: 0x0028_0100,
  BitsStored: 0x0028_0101,
  HighBit: 0x0028_0102,
  PixelRepresentation: 0x0028_0103,
  BurnedInAnnotation: 0x0028_0301,
  ICCProfile: 0x0028_2000,
  ColorSpace: 0x0028_2002,
  LossyImageCompression: 0x0028_2110,
  LossyImageCompressionRatio: 0x0028_2112,
  LossyImageCompressionMethod: 0x0028_2114,
  PixelMeasuresSequence: 0x0028_9110,
  ZOffsetInSlideCoordinateSystem: 0x0040_074a,
  ImagedVolumeWidth: 0x0048_0001,
  ImagedVolumeHeight: 0x0048_0002,
  ImagedVolumeDepth: 0x0048_0003,
  TotalPixelMatrixColumns: 0x0048_0006,
  TotalPixelMatrixRows: 0x0048_0007,
  SpecimenLabelInImage: 0x0048_0010,
  OpticalPathSequence: 0x0048_0105,
  OpticalPathIdentifier: 0x0048_0106,
  OpticalPathDescription: 0x0048_0107,
  ObjectiveLensPower: 0x0048_0112,
  OpticalPathIdentificationSequence: 0x0048_0207,
  PlanePositionSlideSequence: 0x0048_021a,
  ColumnPositionInTotalImagePixelMatrix: 0x0048_021e,
  RowPositionInTotalImagePixelMatrix: 0x0048_021f,
  NumberOfOpticalPaths: 0x0048_0302,
  TotalPixelMatrixFocalPlanes: 0x0048_0303,
  SharedFunctionalGroupsSequence: 0x5200_9229,
  PerFrameFunctionalGroupsSequence: 0x5200_9230,
  ExtendedOffsetTable: 0x7fe0_0001,
  ExtendedOffsetTableLengths: 0x7fe0_0002,
  PixelData: 0x7fe0_0010,
} as const;

export type Keyword = keyof typeof attribute;

const keywords = new Map(Object.entries(attribute).map(([keyword, tag]) => [tag as number, keyword]));

export function isRead(tag: number): boolean {
  return keywords.has(tag);
}

/** `(0028,0010) Rows`, for messages. */
export function attributeName(tag: number): string {
  const hex = tag.toString(16).padStart(8, '0').toUpperCase();
  const keyword = keywords.get(tag);
  return `(${hex.slice(0, 4)},${hex.slice(4)})${keyword === undefined ? '' : ` ${keyword}`}`;
}

export const wholeSlideMicroscopy = '1.2.840.10008.5.1.4.1.1.77.1.6';
