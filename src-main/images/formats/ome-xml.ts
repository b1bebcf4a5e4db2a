/**
 * OME-XML of an OME-TIFF: its images, their channels, and in which TIFF directory each plane lies.
 * https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
 */
import { GigatileError } from '../../contract/errors.ts';
import { childAt, childrenOf, parseXml } from './xml-tree.ts';
import type { XmlElement } from './xml-tree.ts';

/** As many as directories, see structure.ts. */
const mostBlocks = 65_536;

export interface OmeChannel {
  name: string | null;
  /** #rrggbb; null where the file says nothing. */
  color: string | null;
  /** Emission, nm. */
  wavelength: number | null;
}

export interface OmeImage {
  name: string;
  sizeX: number;
  sizeY: number;
  sizeC: number;
  sizeZ: number;
  sizeT: number;
  /** Which of Z, C and T changes from plane to plane first, second and third. */
  order: readonly Dimension[];
  channels: readonly OmeChannel[];
  /** µm. */
  mpp: { x: number; y: number } | null;
  objectivePower: number | null;
  planes: readonly PlaneBlock[];
}

type Dimension = 'Z' | 'C' | 'T';

/** Planes that follow each other in the order of dimensions, in directories that follow each other. */
interface PlaneBlock {
  z: number;
  c: number;
  t: number;
  directory: number;
  /** null: as many as there are. */
  count: number | null;
  /** Name of the file that they lie in; null: this one. */
  file: string | null;
}

export interface PlanePlace {
  directory: number;
  /** Not this file. */
  file: string | null;
}

/** @throws {GigatileError} image-corrupt where the XML is none */
export function readOmeXml(xml: string, where: string): OmeImage[] {
  const root = parseXml(xml, where);
  const objectives = new Map(
    childrenOf(root, 'Instrument')
      .flatMap((instrument) => childrenOf(instrument, 'Objective'))
      .map((objective) => [objective.attributes.get('ID'), objective]),
  );
  const [only] = objectives.values();
  return childrenOf(root, 'Image').flatMap((image) => {
    const pixels = childAt(image, 'Pixels');
    if (pixels === null) return [];
    const id = childAt(image, 'ObjectiveSettings')?.attributes.get('ID');
    const objective = id === undefined ? (objectives.size === 1 ? only : undefined) : objectives.get(id);
    return [readImage(image, pixels, objective, root.attributes.get('UUID'), where)];
  });
}

function readImage(
  image: XmlElement,
  pixels: XmlElement,
  objective: XmlElement | undefined,
  ownId: string | undefined,
  where: string,
): OmeImage {
  const size = (name: string): number => count(pixels.attributes.get(name)) ?? 1;
  const x = micrometres(pixels, 'PhysicalSizeX');
  const y = micrometres(pixels, 'PhysicalSizeY');
  const power = Number(objective?.attributes.get('NominalMagnification'));
  return {
    name: image.attributes.get('Name') ?? '',
    sizeX: size('SizeX'),
    sizeY: size('SizeY'),
    sizeC: size('SizeC'),
    sizeZ: size('SizeZ'),
    sizeT: size('SizeT'),
    order: orderOf(pixels.attributes.get('DimensionOrder')),
    channels: childrenOf(pixels, 'Channel').map(readChannel),
    mpp: x === null || y === null ? null : { x, y },
    objectivePower: power > 0 && Number.isFinite(power) ? power : null,
    planes: readPlanes(childrenOf(pixels, 'TiffData'), ownId, where),
  };
}

function readChannel({ attributes }: XmlElement): OmeChannel {
  const color = Number(attributes.get('Color') ?? Number.NaN);
  const wavelength = Number(attributes.get('EmissionWavelength'));
  return {
    name: attributes.get('Name')?.trim() || null,
    // Red, green, blue and alpha in the bytes of a signed number, red highest.
    color: Number.isInteger(color) ? `#${(color >>> 8).toString(16).padStart(6, '0')}` : null,
    wavelength: wavelength > 0 ? wavelength : null,
  };
}

function readPlanes(blocks: readonly XmlElement[], ownId: string | undefined, where: string): PlaneBlock[] {
  if (blocks.length > mostBlocks) {
    throw new GigatileError('image-corrupt', `The OME-XML has ${blocks.length} places of planes`, { where });
  }
  const ids = blocks.map((block) => childAt(block, 'UUID'));
  // A file that was renamed still names its old name: one name throughout is this file's, whatever it is.
  const names = new Set(ids.map((id) => id?.attributes.get('FileName')));
  return blocks.map(({ attributes }, i) => {
    const id = ids[i];
    const isOwn = id == null || names.size === 1 || (ownId !== undefined && id.text === ownId);
    const directory = count(attributes.get('IFD'));
    return {
      z: count(attributes.get('FirstZ')) ?? 0,
      c: count(attributes.get('FirstC')) ?? 0,
      t: count(attributes.get('FirstT')) ?? 0,
      directory: directory ?? 0,
      count: count(attributes.get('PlaneCount')) ?? (directory === null ? null : 1),
      file: isOwn ? null : (id.attributes.get('FileName') ?? 'another file'),
    };
  });
}

/**
 * Where the planes of z and t 0 lie, one a channel (`channels` of them); null where the file does not say. Images without such
 * a table have their planes one after the other from `first` on.
 */
export function planePlaces(image: OmeImage, channels: number, first: number): (PlanePlace | null)[] {
  const sizes = { Z: image.sizeZ, C: channels, T: image.sizeT };
  const position = (at: Record<Dimension, number>): number => {
    let [index, step] = [0, 1];
    for (const dimension of image.order) {
      index += at[dimension] * step;
      step *= sizes[dimension];
    }
    return index;
  };
  const wanted = Array.from({ length: channels }, (_, c) => position({ Z: 0, C: c, T: 0 }));
  if (image.planes.length === 0) return wanted.map((index) => ({ directory: first + index, file: null }));
  const places: (PlanePlace | null)[] = wanted.map(() => null);
  for (const { z, c, t, directory, count: planes, file } of image.planes) {
    const start = position({ Z: z, C: c, T: t });
    for (const [channel, index] of wanted.entries()) {
      const offset = index - start;
      if (offset < 0 || (planes !== null && offset >= planes) || places[channel] !== null) continue;
      places[channel] = { directory: directory + offset, file };
    }
  }
  return places;
}

function orderOf(text: string | undefined): Dimension[] {
  const letters = /^XY([CZT])([CZT])([CZT])$/.exec(text ?? '')?.slice(1) ?? [];
  const order = letters.filter((letter) => letter === 'Z' || letter === 'C' || letter === 'T');
  return new Set(order).size === 3 ? order : ['C', 'Z', 'T'];
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** Micrometres per unit, as spelled in the OME schema's UnitsLength. */
const units: Readonly<Record<string, number>> = {
  µm: 1,
  μm: 1,
  um: 1,
  nm: 1e-3,
  pm: 1e-6,
  mm: 1e3,
  cm: 1e4,
  m: 1e6,
  Å: 1e-4,
  in: 25_400,
};

function micrometres({ attributes }: XmlElement, name: string): number | null {
  const factor = units[attributes.get(`${name}Unit`) ?? 'µm'];
  const size = Number(attributes.get(name));
  return factor !== undefined && size > 0 && Number.isFinite(size) ? size * factor : null;
}
