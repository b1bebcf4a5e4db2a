/** The general tags of a TIFF directory by the names that OpenSlide gives them: `tiff.Make`, `tiff.XResolution` and so on. */
import type { TiffDirectory } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';

const texts: readonly [name: string, tag: number][] = [
  ['ImageDescription', tag.imageDescription],
  ['DocumentName', 269],
  ['Make', 271],
  ['Model', 272],
  ['Software', tag.software],
  ['DateTime', 306],
  ['Artist', 315],
  ['HostComputer', 316],
  ['Copyright', 33432],
];

const numbers: readonly [name: string, tag: number][] = [
  ['XResolution', tag.xResolution],
  ['YResolution', tag.yResolution],
  ['XPosition', 286],
  ['YPosition', 287],
];

const units: Readonly<Record<number, string>> = { 1: 'none', 2: 'inch', 3: 'centimeter' };

/** `tiff.*` of one directory; `except`: names (without `tiff.`) to leave out. */
export function tiffProperties(
  directory: TiffDirectory,
  except: readonly string[] = [],
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, number] of texts) {
    const text = except.includes(name) ? null : directory.text(number);
    if (text !== null) properties[`tiff.${name}`] = text;
  }
  for (const [name, number] of numbers) {
    const value = directory.number(number, null);
    if (value !== null && Number.isFinite(value)) properties[`tiff.${name}`] = String(value);
  }
  properties['tiff.ResolutionUnit'] = units[directory.number(tag.resolutionUnit, 2)] ?? 'unknown';
  return properties;
}
