/** The XML of a Leica SCN file (namespaces 2010/03/10 and 2010/10/01): what is where on the slide, in nanometres. */
import { GigatileError } from '../../contract/errors.ts';
import { childAt, childrenOf, parseXml } from './xml-tree.ts';
import type { XmlElement } from './xml-tree.ts';

export interface ScnDimension {
  /** Number of the directory. */
  readonly ifd: number;
  readonly nmPerPixel: number;
}

export interface ScnImage {
  /** It covers the whole slide. */
  readonly isMacro: boolean;
  readonly isBrightfield: boolean;
  /** nm from the slide's corner. */
  readonly offset: { readonly x: number; readonly y: number };
  /** Levels of the plane in the middle of the stack (z = 0), the largest first. */
  readonly dimensions: readonly ScnDimension[];
  readonly creationDate: string | null;
  readonly deviceModel: string | null;
  readonly deviceVersion: string | null;
  readonly illumination: string | null;
  readonly objective: string | null;
  readonly aperture: string | null;
}

export interface ScnCollection {
  readonly barcode: string | null;
  /** nm. */
  readonly size: { readonly x: number; readonly y: number };
  readonly images: readonly ScnImage[];
}

/** A slide is 75 mm long and has a few regions. */
const maxImages = 1000;

/** @throws {GigatileError} image-corrupt */
export function readScnXml(xml: string, where: string): ScnCollection {
  const root = parseXml(xml, where);
  const collection = root.name === 'scn' ? childAt(root, 'collection') : null;
  if (collection === null) throw damaged('has no collection of images', where);
  const size = { x: whole(collection, 'sizeX', where), y: whole(collection, 'sizeY', where) };
  const images = childrenOf(collection, 'image');
  if (images.length > maxImages) throw damaged(`has ${images.length} images, more than ${maxImages}`, where);
  return {
    barcode: barcodeOf(collection),
    size,
    images: images.map((image) => readImage(image, size, where)),
  };
}

function readImage(image: XmlElement, slide: ScnCollection['size'], where: string): ScnImage {
  const view = childAt(image, 'view');
  if (view === null) throw damaged('has an image without a view', where);
  const size = { x: whole(view, 'sizeX', where), y: whole(view, 'sizeY', where) };
  const offset = { x: whole(view, 'offsetX', where), y: whole(view, 'offsetY', where) };
  const illumination = textOf(image, 'scanSettings', 'illuminationSettings', 'illuminationSource');
  const device = childAt(image, 'device');
  const planes = childAt(image, 'pixels');
  const dimensions = (planes === null ? [] : childrenOf(planes, 'dimension'))
    .filter((dimension) => (dimension.attributes.get('z') ?? '0') === '0')
    .map((dimension) => {
      const width = whole(dimension, 'sizeX', where);
      if (width < 1 || size.x < 1)
        throw damaged(`has an image of ${width} pixels across ${size.x} nm`, where);
      return { ifd: whole(dimension, 'ifd', where), width, nmPerPixel: size.x / width };
    })
    .toSorted((a, b) => b.width - a.width);
  if (dimensions.length === 0) throw damaged('has an image without dimensions', where);
  return {
    isMacro: offset.x === 0 && offset.y === 0 && size.x === slide.x && size.y === slide.y,
    isBrightfield: illumination === 'brightfield',
    offset,
    dimensions,
    creationDate: textOf(image, 'creationDate'),
    deviceModel: device?.attributes.get('model') ?? null,
    deviceVersion: device?.attributes.get('version') ?? null,
    illumination,
    objective: textOf(image, 'scanSettings', 'objectiveSettings', 'objective'),
    aperture: textOf(image, 'scanSettings', 'illuminationSettings', 'numericalAperture'),
  };
}

/** Encoded in an element of its own since 2010/10/01; an attribute before. */
function barcodeOf(collection: XmlElement): string | null {
  const encoded = textOf(collection, 'barcode');
  if (encoded !== null) return Buffer.from(encoded, 'base64').toString('utf8').replaceAll('\0', '');
  return collection.attributes.get('barcode') ?? null;
}

function textOf(element: XmlElement, ...path: string[]): string | null {
  const text = childAt(element, ...path)?.text ?? '';
  return text === '' ? null : text;
}

function whole(element: XmlElement, name: string, where: string): number {
  const text = element.attributes.get(name);
  if (text === undefined) throw damaged(`has a ${element.name} without ${name}`, where);
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw damaged(`gives ${name} of a ${element.name} as "${text.slice(0, 40)}", which is no number`, where);
  }
  return value;
}

function damaged(what: string, where: string): GigatileError {
  return new GigatileError('image-corrupt', `The Leica slide's XML ${what}`, {
    where,
    hint: 'The file is damaged.',
  });
}
