/** What one DICOM file says about itself, checked: the first step of putting a slide together. */
import { GigatileError } from '../../../contract/errors.ts';
import type { PixelType } from '../../../contract/image.ts';
import type { ImageFile } from '../../image-file.ts';
import type { OpenLimits } from '../../image-source.ts';
import { attribute, attributeName, wholeSlideMicroscopy } from './attributes.ts';
import type { Keyword } from './attributes.ts';
import { Part10Reader } from './part10.ts';
import type { DataSet, Element } from './part10.ts';
import { pixelEncoding } from './transfer-syntaxes.ts';
import type { PixelEncoding } from './transfer-syntaxes.ts';

/** More frames than this would take gigabytes of tables. */
const mostFrames = 2 ** 26;
/** Tiles in a row or a column. */
const mostTiles = 2 ** 20;

export interface OpticalPath {
  id: string;
  description: string | null;
  objectivePower: number | null;
  /** Bytes; 0 where there is none. */
  iccProfile: number;
  colorSpace: string | null;
}

/** How the samples of a frame lie. */
export interface FrameFormat {
  encoding: PixelEncoding;
  rows: number;
  columns: number;
  samples: 1 | 3;
  dtype: PixelType;
  bitsStored: number;
  photometric: 'MONOCHROME1' | 'MONOCHROME2' | 'RGB' | 'YBR_FULL' | 'YBR_FULL_422' | 'YBR_ICT' | 'YBR_RCT';
  /** All reds, then all greens, then all blues. */
  planar: boolean;
}

/** Enough to know what part of which slide a file is. */
export interface Identity {
  file: ImageFile;
  reader: Part10Reader;
  series: string;
  isSlide: boolean;
  /** SOP Instance UID. */
  uid: string;
  /** ImageType value 3: VOLUME, LABEL, OVERVIEW, THUMBNAIL. */
  flavor: string;
}

export interface Instance {
  file: ImageFile;
  data: DataSet;
  transferSyntax: string;
  number: number;
  concatenation: { uid: string; number: number; total: number | null; firstFrame: number | null } | null;
  frames: number;
  format: FrameFormat;
  /** TotalPixelMatrixColumns and -Rows. */
  width: number;
  height: number;
  tiledFull: boolean;
  opticalPaths: readonly OpticalPath[];
  focalPlanes: number;
  /** mm. */
  pixelSpacing: { x: number; y: number } | null;
  pixels: Element;
}

/** Reads no further than the series. @throws {GigatileError} image-corrupt, image-unsupported */
export function identify(file: ImageFile): Identity {
  const reader = new Part10Reader(file);
  const data = reader.read('SeriesInstanceUID');
  return {
    file,
    reader,
    series: data.text('SeriesInstanceUID') ?? '',
    isSlide: data.text('SOPClassUID') === wholeSlideMicroscopy,
    uid: data.text('SOPInstanceUID') ?? '',
    flavor: (data.texts('ImageType')[2] ?? '').toUpperCase(),
  };
}

/** @throws {GigatileError} image-corrupt, image-unsupported, image-too-large */
export function readInstance({ file, reader }: Identity, limits: OpenLimits): Instance {
  const data = reader.read();
  const pixels = data.element('PixelData');
  if (pixels === null) throw reader.error(`The file has no ${attributeName(attribute.PixelData)}`);
  const frames = data.integer('NumberOfFrames') ?? 1;
  if (frames < 1 || frames > mostFrames) throw data.error('NumberOfFrames', `says ${frames}`);
  const format = readFormat(data, pixelEncoding(reader.transferSyntax, file.name), limits, file.name);
  const width = data.unsigned('TotalPixelMatrixColumns') ?? (frames === 1 ? format.columns : null);
  const height = data.unsigned('TotalPixelMatrixRows') ?? (frames === 1 ? format.rows : null);
  checkSize(data, 'TotalPixelMatrixColumns', width, format.columns, file.name);
  checkSize(data, 'TotalPixelMatrixRows', height, format.rows, file.name);
  const organization = data.text('DimensionOrganizationType');
  if (organization !== null && organization !== 'TILED_FULL' && organization !== 'TILED_SPARSE') {
    throw new GigatileError('image-unsupported', `The frames are organized as ${organization}`, {
      where: `${file.name}, ${attributeName(attribute.DimensionOrganizationType)}`,
      hint: 'Gigatile reads TILED_FULL and TILED_SPARSE.',
    });
  }
  const opticalPaths = readOpticalPaths(data);
  const focalPlanes = data.unsigned('TotalPixelMatrixFocalPlanes') ?? 1;
  if (focalPlanes < 1) throw data.error('TotalPixelMatrixFocalPlanes', 'says 0');
  return {
    file,
    data,
    transferSyntax: reader.transferSyntax,
    number: data.integer('InstanceNumber') ?? 0,
    concatenation: readConcatenation(data),
    frames,
    format,
    width: width ?? 0,
    height: height ?? 0,
    tiledFull: organization === 'TILED_FULL',
    opticalPaths,
    focalPlanes,
    pixelSpacing: readSpacing(data),
    pixels,
  };
}

function readFormat(data: DataSet, encoding: PixelEncoding, limits: OpenLimits, where: string): FrameFormat {
  const need = (keyword: Keyword): number => {
    const value = data.unsigned(keyword);
    if (value === null) throw data.error(keyword, 'is missing');
    return value;
  };
  const unsupported = (keyword: Keyword, what: string): GigatileError =>
    new GigatileError('image-unsupported', `The pixels ${what}, which cannot be read`, {
      where: `${where}, ${attributeName(attribute[keyword])}`,
    });
  const rows = need('Rows');
  const columns = need('Columns');
  if (rows === 0) throw data.error('Rows', 'says 0');
  if (columns === 0) throw data.error('Columns', 'says 0');
  if (rows * columns > limits.maxPixels) {
    throw new GigatileError('image-too-large', `A frame has ${columns} x ${rows} pixels`, {
      where: `${where}, ${attributeName(attribute.Rows)}`,
      hint: `The limit is ${limits.maxPixels} pixels.`,
    });
  }
  const samples = need('SamplesPerPixel');
  const photometric = data.text('PhotometricInterpretation') ?? '';
  if (!isPhotometric(photometric)) {
    throw unsupported(
      'PhotometricInterpretation',
      `are ${photometric === '' ? 'of no colour space' : photometric}`,
    );
  }
  const expected = photometric.startsWith('MONOCHROME') ? 1 : 3;
  if (samples !== expected) {
    throw data.error('SamplesPerPixel', `says ${samples}, which ${photometric} cannot have`);
  }
  if (photometric === 'YBR_FULL_422' && (encoding === 'none' || encoding === 'rle')) {
    throw unsupported('PhotometricInterpretation', 'are uncompressed YBR_FULL_422');
  }
  const allocated = need('BitsAllocated');
  const bitsStored = data.unsigned('BitsStored') ?? allocated;
  if (allocated !== 8 && allocated !== 16) throw unsupported('BitsAllocated', `have ${allocated} bits`);
  if (bitsStored < 1 || bitsStored > allocated) throw data.error('BitsStored', `says ${bitsStored}`);
  if ((data.unsigned('HighBit') ?? bitsStored - 1) !== bitsStored - 1) {
    throw unsupported('HighBit', 'do not lie in the lowest bits');
  }
  if ((data.unsigned('PixelRepresentation') ?? 0) !== 0) {
    throw unsupported('PixelRepresentation', 'are signed');
  }
  if (samples === 3 && (allocated !== 8 || bitsStored !== 8)) {
    throw unsupported('BitsStored', `are colours of ${bitsStored} bits`);
  }
  return {
    encoding,
    rows,
    columns,
    samples: expected,
    dtype: allocated === 8 ? 'uint8' : 'uint16',
    bitsStored,
    photometric,
    planar: samples === 3 && data.unsigned('PlanarConfiguration') === 1,
  };
}

const photometrics = [
  'MONOCHROME1',
  'MONOCHROME2',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_ICT',
  'YBR_RCT',
] as const;

function isPhotometric(text: string): text is (typeof photometrics)[number] {
  return (photometrics as readonly string[]).includes(text);
}

function checkSize(data: DataSet, keyword: Keyword, size: number | null, tile: number, where: string): void {
  if (size === null) throw data.error(keyword, 'is missing');
  if (size < 1) throw data.error(keyword, `says ${size}`);
  if (Math.ceil(size / tile) <= mostTiles) return;
  throw new GigatileError('image-too-large', `${size} pixels in tiles of ${tile} are too many tiles`, {
    where: `${where}, ${attributeName(attribute[keyword])}`,
  });
}

function readConcatenation(data: DataSet): Instance['concatenation'] {
  const uid = data.text('ConcatenationUID');
  if (uid === null) return null;
  const number = data.unsigned('InConcatenationNumber');
  if (number === null) throw data.error('InConcatenationNumber', 'is missing in a part of a concatenation');
  return {
    uid,
    number,
    total: data.unsigned('InConcatenationTotalNumber'),
    firstFrame: data.unsigned('ConcatenationFrameOffsetNumber'),
  };
}

/** More are only counted: a hostile sequence must not fill memory. */
const mostOpticalPaths = 256;

function readOpticalPaths(data: DataSet): OpticalPath[] {
  const paths: OpticalPath[] = [];
  for (const item of data.items('OpticalPathSequence')) {
    if (paths.length === mostOpticalPaths) {
      throw data.error('OpticalPathSequence', `has more than ${mostOpticalPaths} items`);
    }
    const [power] = item.decimals('ObjectiveLensPower');
    paths.push({
      id: item.text('OpticalPathIdentifier') ?? String(paths.length),
      description: item.text('OpticalPathDescription'),
      objectivePower: power !== undefined && power > 0 ? power : null,
      iccProfile: item.element('ICCProfile')?.length ?? 0,
      colorSpace: item.text('ColorSpace'),
    });
  }
  return paths;
}

/** Shared by all frames, or that of the first frame; [between rows, between columns] in mm. */
function readSpacing(data: DataSet): Instance['pixelSpacing'] {
  const groups =
    data.first('SharedFunctionalGroupsSequence')?.first('PixelMeasuresSequence') ??
    data.first('PerFrameFunctionalGroupsSequence')?.first('PixelMeasuresSequence');
  const [y, x] = groups?.decimals('PixelSpacing') ?? [];
  return x !== undefined && y !== undefined && x > 0 && y > 0 ? { x, y } : null;
}
