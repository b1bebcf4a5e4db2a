/**
 * The XML in Philips' TIFFs (`DPUfsImport`): objects with named attributes; an attribute holds text or an array of objects. The
 * slide's own image is the scanned image of type WSI; label and macro are JPEGs in base64.
 */
import { GigatileError } from '../../contract/errors.ts';
import { childrenOf, parseXml } from './xml-tree.ts';
import type { XmlElement } from './xml-tree.ts';

const scannedImages = 'PIM_DP_SCANNED_IMAGES';
const representations = 'PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE';
const spacing = 'DICOM_PIXEL_SPACING';
/** Longer values are no properties that somebody would read. */
const longestProperty = 64 * 1024;

/** Millimetres from pixel to pixel. */
export interface PixelSpacing {
  x: number;
  y: number;
}

export interface PhilipsSlide {
  /** Of the image as a whole; null where it does not say. */
  spacing: PixelSpacing | null;
  /** One a level, the finest first. */
  levels: PixelSpacing[];
  /** `philips.*`, as OpenSlide names them. */
  properties: Record<string, string>;
  /** The base64 text of an image by its type; null where there is none. */
  imageData(type: 'LABELIMAGE' | 'MACROIMAGE'): string | null;
}

/** Without reading all of it. */
export function isPhilipsXml(text: string): boolean {
  return /<DataObject\s[^<>]*ObjectType\s*=\s*["']DPUfsImport["']/.test(text.slice(0, 4096));
}

/** @throws {GigatileError} image-corrupt */
export function readPhilipsXml(xml: string, where: string): PhilipsSlide {
  const root = parseXml(xml, where);
  const images = arrayOf(root, scannedImages);
  const ofType = (type: string): XmlElement[] =>
    images.filter((image) => attributeText(image, 'PIM_DP_IMAGE_TYPE') === type);
  const [main, ...others] = ofType('WSI');
  if (main === undefined || others.length > 0) {
    throw corrupt(
      `describes ${main === undefined ? 'no' : others.length + 1} slide images instead of one`,
      where,
    );
  }
  const levels = arrayOf(main, representations)
    .filter((object) => object.attributes.get('ObjectType') === 'PixelDataRepresentation')
    .map((object) => attributeText(object, spacing))
    .filter((text) => text !== null)
    .map((text, index) => {
      const parsed = parseSpacing(text);
      if (parsed === null)
        throw corrupt(`gives level ${index} the pixel spacing "${text.slice(0, 60)}"`, where);
      return parsed;
    });
  const properties: Record<string, string> = {};
  addProperties(properties, 'philips', root, main);
  const whole = properties[`philips.${spacing}`];
  return {
    spacing: whole === undefined ? null : parseSpacing(whole),
    levels,
    properties,
    imageData: (type) => {
      const [image] = ofType(type);
      return image === undefined ? null : attributeText(image, 'PIM_DP_IMAGE_DATA');
    },
  };
}

/** `"0.00025" "0.00025"`: of rows, then of columns; with or without quotes. */
function parseSpacing(text: string): PixelSpacing | null {
  const [y = Number.NaN, x = Number.NaN, ...others] = text
    .replaceAll('"', ' ')
    .trim()
    .split(/\s+/)
    .map(Number);
  const isLength = (value: number): boolean => value > 0 && Number.isFinite(value);
  return isLength(x) && isLength(y) && others.length === 0 ? { x, y } : null;
}

/** Attributes that hold text; those of the slide's image count as the whole's, those of its levels have an index. */
function addProperties(
  properties: Record<string, string>,
  prefix: string,
  object: XmlElement,
  main: XmlElement,
): void {
  for (const attribute of childrenOf(object, 'Attribute')) {
    const name = attribute.attributes.get('Name');
    if (name === undefined) continue;
    if (name === scannedImages) {
      if (object !== main) addProperties(properties, prefix, main, main);
    } else if (name === representations) {
      for (const [index, child] of arrayItems(attribute).entries()) {
        addProperties(properties, `${prefix}.${name}[${index}]`, child, main);
      }
    } else if (attribute.children.length === 0 && attribute.text.length <= longestProperty) {
      properties[`${prefix}.${name}`] = attribute.text;
    }
  }
}

function attributesNamed(object: XmlElement, name: string): XmlElement[] {
  return childrenOf(object, 'Attribute').filter((attribute) => attribute.attributes.get('Name') === name);
}

function attributeText(object: XmlElement, name: string): string | null {
  return attributesNamed(object, name)[0]?.text ?? null;
}

function arrayOf(object: XmlElement, name: string): XmlElement[] {
  return attributesNamed(object, name).flatMap(arrayItems);
}

function arrayItems(attribute: XmlElement): XmlElement[] {
  return childrenOf(attribute, 'Array').flatMap((array) => childrenOf(array, 'DataObject'));
}

function corrupt(what: string, where: string): GigatileError {
  return new GigatileError('image-corrupt', `The slide's XML ${what}`, { where });
}
