/**
 * De-identification, deny by default: what an export may say of an image is listed here; everything else that a file can carry
 * (its name and folder, properties, descriptions, names of bands, pictures, labels) is left out unless it was asked for.
 */
import type { ImageInfo } from '../contract/image.ts';
import type { IdentifyingPart } from '../contract/report.ts';
import { plural } from './words.ts';
import type { ReportImage } from './report-data.ts';

/** The associated pictures whose names say what they are and nothing else. */
const knownPictures = ['label', 'macro', 'thumbnail', 'overview'];

export function imageAlias(fingerprint: string): string {
  return `Image ${fingerprint.slice(0, 12)}`;
}

export function reportImage(
  info: ImageInfo,
  fingerprint: string,
  include: readonly IdentifyingPart[] = [],
): ReportImage {
  const { format, vendor, width, height, mpp, objectivePower, bands, dtype, compression } = info;
  const isNamed = include.includes('file-name');
  const hasProperties = include.includes('properties');
  return {
    name: isNamed ? info.name : imageAlias(fingerprint),
    isNamed,
    format,
    vendor,
    width,
    height,
    mpp,
    // The name of a coordinate system is free text of the file; its code is not.
    geo: info.geo === null ? null : { ...info.geo, crsName: hasProperties ? info.geo.crsName : null },
    objectivePower,
    bands,
    dtype,
    compression,
    parts:
      info.parts?.map((part, i) => ({ ...part, name: isNamed ? part.name : `Picture ${i + 1}` })) ?? null,
    properties: hasProperties
      ? Object.entries(info.properties ?? {}).map(([name, value]) => ({ name, value }))
      : [],
    leftOut: leftOut(info, isNamed, hasProperties),
  };
}

function leftOut(info: ImageInfo, isNamed: boolean, hasProperties: boolean): string[] {
  const pictures = info.associated.filter((name) => knownPictures.includes(name));
  const others = info.associated.length - pictures.length;
  const properties = Object.keys(info.properties ?? {}).length;
  const named = [...pictures, ...(others > 0 ? [plural(others, 'other')] : [])];
  return [
    ...(named.length > 0 ? [`the file's other pictures (${named.join(', ')})`] : []),
    ...(isNamed ? [] : [info.parts === undefined ? 'its name' : 'its name and those of its pictures']),
    ...(properties > 0 && !hasProperties
      ? [`${plural(properties, 'property', 'properties')} that the scanner or another program wrote`]
      : []),
    'where the file lies',
  ];
}

/**
 * Takes what could name a person out of text that somebody else wrote: messages of errors, notes. Whole words, whatever their case.
 * @param paths of the image and the case
 */
export function privacyFilter(
  info: ImageInfo,
  paths: readonly string[],
  include: readonly IdentifyingPart[] = [],
): (text: string) => string {
  const isNamed = include.includes('file-name');
  const names = [info.name, ...(info.parts ?? []).map(({ name }) => name)];
  const stems = names.map((name) => name.replace(/\.[^.]*$/, ''));
  const folders = paths.flatMap((path) => [path, ...path.split(/[\\/]/)]);
  const free = [
    ...Object.values(info.properties ?? {}),
    ...(info.geo?.crsName == null ? [] : [info.geo.crsName]),
    ...info.associated.filter((name) => !knownPictures.includes(name)),
  ];
  const secrets = [
    ...(isNamed ? [] : [...names, ...stems]),
    ...folders.filter((part) => !(isNamed && names.includes(part))),
    ...(include.includes('properties') ? [] : free),
  ]
    // Short words and numbers are not names, and would be found everywhere.
    .filter((secret) => secret.length >= 4 && /\p{L}/u.test(secret) && !harmless.has(secret.toLowerCase()))
    .toSorted((a, b) => b.length - a.length);
  if (secrets.length === 0) return (text) => text;
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${[...new Set(secrets)].map((secret) => secret.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  );
  return (text) => text.replaceAll(pattern, '…');
}

/** Words that properties and folders hold and that messages of this program use. */
const harmless = new Set([
  'jpeg',
  'tiff',
  'none',
  'true',
  'false',
  'inch',
  'centimeter',
  'image',
  'tile',
  'tiles',
  'slide',
  'slides',
  'home',
  'data',
  'case',
  'cases',
  'model',
  'models',
  'work',
  'users',
  'brightfield',
  'fluorescence',
]);
