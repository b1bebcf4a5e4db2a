/** Whole slides of DICOM files, one file a level (or a part of one), with known pixels. */
import { dicomHead, encapsulated, encodeElement, encodeItem, syntaxes } from './dicom.ts';
import type { DicomElement, DicomItem, Encapsulation } from './dicom.ts';

export interface ForgedImage {
  width: number;
  height: number;
  tile: { width: number; height: number };
  samples?: 1 | 3;
  bits?: 8 | 16;
  bitsStored?: number;
  photometric?: string;
  planar?: boolean;
  /** Value of a sample; x and y of the whole level. */
  pixel: (x: number, y: number, band: number) => number;
  transferSyntax?: string;
  /** A frame's samples (interleaved or planar, little endian) to compressed bytes; left out: not compressed. */
  encode?: (frame: Buffer, width: number, height: number) => Uint8Array | Promise<Uint8Array>;
  encapsulation?: Omit<Encapsulation, 'frames'>;
  /** null: the attribute is absent. */
  organization?: 'TILED_FULL' | 'TILED_SPARSE' | null;
  /** Where frames lie (from 0), with their optical path and height; left out: all tiles, row by row. */
  frames?: readonly { x: number; y: number; path?: string; z?: number }[];
  /** Number of frames before this file's first one, and how many it has; left out: all. */
  part?: { first: number; count: number; number: number; total: number; uid: string };
  /** ImageType value 3 and 4. */
  kind?: readonly [string, string];
  seriesUid?: string;
  instanceUid?: string;
  sopClass?: string;
  /** mm between columns and between rows. */
  spacing?: { x: number; y: number };
  opticalPaths?: readonly { id: string; description?: string; power?: number; icc?: Uint8Array }[];
  focalPlanes?: number;
  undefinedLength?: boolean;
  /** Added, or put in the place of those of the same tag; null: left out. */
  elements?: readonly (DicomElement | readonly [number, null])[];
}

let counter = 0;
const root = '2.25.4711';

/** Names, numbers and dates that must never be seen again. */
export const secrets = {
  PatientName: 'Geheim^Planted',
  PatientID: 'PID-8834-PLANTED',
  AccessionNumber: 'ACC-77-PLANTED',
  StudyDate: '19630102',
  ContentDate: '19640203',
  AcquisitionDateTime: '19650304050607',
  PatientBirthDate: '19010203',
  ContainerIdentifier: 'S-1963-PLANTED',
  LabelText: 'LABEL-PLANTED',
  BarcodeValue: 'BARCODE-PLANTED',
  OperatorsName: 'Operator^Planted',
} as const;

const secretElements: readonly DicomElement[] = [
  [0x0008_0020, 'DA', secrets.StudyDate],
  [0x0008_0023, 'DA', secrets.ContentDate],
  [0x0008_002a, 'DT', secrets.AcquisitionDateTime],
  [0x0008_0050, 'SH', secrets.AccessionNumber],
  [0x0008_1070, 'PN', secrets.OperatorsName],
  [0x0010_0010, 'PN', secrets.PatientName],
  [0x0010_0020, 'LO', secrets.PatientID],
  [0x0010_0030, 'DA', secrets.PatientBirthDate],
  [0x0040_0512, 'LO', secrets.ContainerIdentifier],
  [0x2200_0002, 'UT', secrets.LabelText],
  [0x2200_0005, 'LT', secrets.BarcodeValue],
];

/** The bytes of one DICOM file. */
export async function forgeDicom(image: ForgedImage): Promise<Buffer> {
  const { transferSyntax = syntaxes.explicit, encode, part } = image;
  const explicit = transferSyntax !== syntaxes.implicit;
  const all = framesOf(image);
  const frames = part === undefined ? all : all.slice(part.first, part.first + part.count);
  const raw = frames.map((frame) => framePixels(image, frame));
  const { width, height } = image.tile;
  const pixels =
    encode === undefined
      ? encodeElement([0x7fe0_0010, 'OW', Buffer.concat(raw)], explicit)
      : encapsulated({
          ...image.encapsulation,
          frames: await Promise.all(raw.map(async (frame) => encode(frame, width, height))),
        });
  const body = encodeItem(elementsOf(image, frames), explicit);
  return Buffer.concat([dicomHead(transferSyntax), body, pixels]);
}

interface Frame {
  x: number;
  y: number;
  path?: string;
  z?: number;
}

function framesOf({
  width,
  height,
  tile,
  frames,
  opticalPaths,
  focalPlanes = 1,
}: ForgedImage): readonly Frame[] {
  if (frames !== undefined) return frames;
  const all: Frame[] = [];
  for (const { id } of opticalPaths ?? [{ id: '1' }]) {
    for (let z = 0; z < focalPlanes; z++) {
      for (let y = 0; y < height; y += tile.height) {
        for (let x = 0; x < width; x += tile.width) all.push({ x, y, path: id, z });
      }
    }
  }
  return all;
}

/** Beyond the level's edge 0. Of several paths and planes, each has values of its own (see `sampleAt`). */
function framePixels(image: ForgedImage, frame: Frame): Buffer {
  const { tile, samples = 3, bits = 8, planar = false } = image;
  const bytes = bits / 8;
  const pixels = tile.width * tile.height;
  const out = Buffer.alloc(pixels * samples * bytes);
  for (let i = 0; i < pixels; i++) {
    const [x, y] = [frame.x + (i % tile.width), frame.y + Math.floor(i / tile.width)];
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
    for (let band = 0; band < samples; band++) {
      const at = (planar ? band * pixels + i : i * samples + band) * bytes;
      const value = sampleAt(image, frame, x, y, band);
      if (bytes === 2) out.writeUInt16LE(value, at);
      else out[at] = value;
    }
  }
  return out;
}

/** What is stored at a place: the pixel function, shifted by 50 a path and 25 a focal plane. */
export function sampleAt(
  image: ForgedImage,
  frame: Omit<Frame, 'x' | 'y'>,
  x: number,
  y: number,
  band: number,
): number {
  const path = Math.max(0, image.opticalPaths?.findIndex(({ id }) => id === frame.path) ?? 0);
  const top = 2 ** (image.bitsStored ?? image.bits ?? 8);
  return (image.pixel(x, y, band) + path * 50 + (frame.z ?? 0) * 25) % top;
}

function elementsOf(image: ForgedImage, frames: readonly Frame[]): DicomElement[] {
  const { tile, samples = 3, bits = 8, organization = 'TILED_FULL', part, spacing, focalPlanes } = image;
  const [flavor, derived] = image.kind ?? ['VOLUME', 'NONE'];
  const instanceUid = image.instanceUid ?? `${root}.${++counter}`;
  const sequence = (items: readonly DicomItem[]) => ({
    items,
    undefinedLength: image.undefinedLength === true,
  });
  const elements: DicomElement[] = [
    ...secretElements,
    [0x0008_0005, 'CS', 'ISO_IR 192'],
    [0x0008_0008, 'CS', [derived === 'NONE' ? 'ORIGINAL' : 'DERIVED', 'PRIMARY', flavor, derived]],
    [0x0008_0016, 'UI', image.sopClass ?? '1.2.840.10008.5.1.4.1.1.77.1.6'],
    [0x0008_0018, 'UI', instanceUid],
    [0x0008_0060, 'CS', 'SM'],
    [0x0008_0070, 'LO', 'Forgery Müller'],
    [0x0008_1090, 'LO', 'Scanner 7'],
    [0x0020_000d, 'UI', `${root}.0.1`],
    [0x0020_000e, 'UI', image.seriesUid ?? `${root}.0.2`],
    [0x0020_0013, 'IS', '1'],
    [0x0028_0002, 'US', samples],
    [0x0028_0004, 'CS', image.photometric ?? (samples === 3 ? 'RGB' : 'MONOCHROME2')],
    [0x0028_0008, 'IS', String(frames.length)],
    [0x0028_0010, 'US', tile.height],
    [0x0028_0011, 'US', tile.width],
    [0x0028_0100, 'US', bits],
    [0x0028_0101, 'US', image.bitsStored ?? bits],
    [0x0028_0102, 'US', (image.bitsStored ?? bits) - 1],
    [0x0028_0103, 'US', 0],
    [0x0048_0006, 'UL', image.width],
    [0x0048_0007, 'UL', image.height],
    [0x0048_0105, 'SQ', sequence((image.opticalPaths ?? [{ id: '1' }]).map((path) => opticalPath(path)))],
    [0x5200_9229, 'SQ', sequence([shared(spacing)])],
  ];
  if (samples === 3) elements.push([0x0028_0006, 'US', image.planar === true ? 1 : 0]);
  if (organization !== null) elements.push([0x0020_9311, 'CS', organization]);
  if (organization !== 'TILED_FULL') {
    elements.push([
      0x5200_9230,
      'SQ',
      sequence(frames.map((frame) => perFrame(frame, image.undefinedLength))),
    ]);
  }
  if (focalPlanes !== undefined) elements.push([0x0048_0303, 'UL', focalPlanes]);
  if (part !== undefined) {
    elements.push(
      [0x0020_9161, 'UI', part.uid],
      [0x0020_9162, 'US', part.number],
      [0x0020_9163, 'US', part.total],
      [0x0020_9228, 'UL', part.first],
    );
  }
  return replaced(elements, image.elements ?? []);
}

function replaced(
  elements: readonly DicomElement[],
  others: readonly (DicomElement | readonly [number, null])[],
): DicomElement[] {
  const isElement = (entry: DicomElement | readonly [number, null]): entry is DicomElement =>
    entry[1] !== null;
  const tags = new Set(others.map(([tag]) => tag));
  return [...elements.filter(([tag]) => !tags.has(tag)), ...others.filter(isElement)];
}

function opticalPath(path: NonNullable<ForgedImage['opticalPaths']>[number]): DicomItem {
  return [
    [0x0048_0106, 'SH', path.id],
    ...(path.description === undefined ? [] : [[0x0048_0107, 'ST', path.description] as const]),
    ...(path.power === undefined ? [] : [[0x0048_0112, 'DS', String(path.power)] as const]),
    ...(path.icc === undefined ? [] : [[0x0028_2000, 'OB', path.icc] as const]),
  ];
}

function shared(spacing: ForgedImage['spacing']): DicomItem {
  if (spacing === undefined) return [];
  const measures: DicomItem = [[0x0028_0030, 'DS', [String(spacing.y), String(spacing.x)]]];
  return [[0x0028_9110, 'SQ', { items: [measures] }]];
}

function perFrame({ x, y, path, z }: Frame, undefinedLength = false): DicomItem {
  const place: DicomItem = [
    [0x0040_074a, 'DS', String(z ?? 0)],
    [0x0048_021e, 'SL', x + 1],
    [0x0048_021f, 'SL', y + 1],
  ];
  const identification: DicomItem = [[0x0048_0106, 'SH', path ?? '1']];
  return [
    [0x0048_0207, 'SQ', { items: [identification], undefinedLength }],
    [0x0048_021a, 'SQ', { items: [place], undefinedLength }],
  ];
}
