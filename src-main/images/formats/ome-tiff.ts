/**
 * OME-TIFF: OME-XML in the first description; channels lie interleaved in one directory or each in its own; the smaller levels of
 * a directory hang below it as SubIFDs, largest first.
 * https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
 */
import type { BandInfo } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { ChannelBackend } from '../channel-backend.ts';
import type { OpenLimits } from '../image-source.ts';
import type { PixelBackend } from '../pixel-backend.ts';
import { TiffBackend } from '../tiff-backend.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffPage } from '../tiff/page.ts';
import type { TiffDirectory, TiffStructure } from '../tiff/structure.ts';
import { photometric, tag } from '../tiff/tags.ts';
import { channelColours } from './channel-colours.ts';
import type { FileFormat } from './format.ts';
import { planePlaces, readOmeXml } from './ome-xml.ts';
import type { OmeChannel, OmeImage } from './ome-xml.ts';
import { describeLayout } from './tiff-format.ts';
import { orderLevels } from './tiff-layout.ts';
import type { TiffLayout } from './tiff-layout.ts';

/** More channels than any instrument has; a number in the XML may be anything. */
const mostChannels = 2048;

export const omeTiff: FileFormat = {
  id: 'ome-tiff',
  knows: ({ tiff }) => tiff !== null && isOmeTiff(tiff),
  open({ file, tiff }, { codecs, limits }) {
    if (tiff === null) throw new TypeError('not a TIFF');
    const [layout, ...others] = readOmeTiff(tiff, limits);
    if (layout === undefined) throw new TypeError('no channel');
    const first = new TiffBackend(file, layout, codecs, limits);
    const backends = [first, ...others.map((other) => new TiffBackend(file, other, codecs, limits))];
    const backend: PixelBackend =
      others.length === 0
        ? first
        : new ChannelBackend(backends, { ...first.colours, natural: false }, tiff.file.name);
    return Promise.resolve({ backend, description: describeLayout(file.name, layout) });
  },
};

export function isOmeTiff(tiff: TiffStructure): boolean {
  const text = tiff.directories[0]?.text(tag.imageDescription)?.trimStart();
  return text !== undefined && text.startsWith('<') && /<(\w+:)?OME[\s>]/.test(text);
}

/** One layout a directory with channels; the first describes the image as a whole. */
export function readOmeTiff(tiff: TiffStructure, limits: OpenLimits): TiffLayout[] {
  const { name } = tiff.file;
  const [first] = tiff.directories;
  if (first === undefined) throw new GigatileError('image-corrupt', 'The file has no image', { where: name });
  const images = readOmeXml(first.text(tag.imageDescription) ?? '', `${name}, OME-XML`);
  const starts = firstDirectories(tiff, images, limits);
  const shown = images.findIndex((image) => associatedName(image.name) === null);
  const image = images[Math.max(0, shown)];
  if (image === undefined) {
    throw new GigatileError('image-corrupt', 'The OME-XML describes no image', { where: `${name}, OME-XML` });
  }
  const pages = channelDirectories(tiff, image, starts[Math.max(0, shown)] ?? 0, limits);
  const [base] = pages;
  if (base === undefined)
    throw new GigatileError('image-corrupt', 'The image has no channel', { where: name });
  const associated = new Map<string, TiffDirectory>();
  for (const [i, other] of images.entries()) {
    const word = associatedName(other.name);
    const directory = word === null || i === shown ? null : directoryOf(tiff, other, starts[i] ?? 0);
    if (word !== null && directory !== null && !associated.has(word)) associated.set(word, directory);
  }
  const bands = pages.reduce((sum, page) => sum + page.bands, 0);
  const channels = image.channels.length === bands ? image.channels : null;
  const colors = isFluorescence(pages, channels)
    ? channelColours(channels ?? Array.from({ length: bands }, () => unknownChannel))
    : null;
  const names = channels?.map((channel) => channel.name) ?? null;
  return pages.map((page) => ({
    format: 'ome-tiff',
    vendor: 'generic-tiff',
    levels: orderLevels(
      page,
      page.directory.subDirectories().map((directory) => readPage(directory, limits)),
    ),
    associated,
    mpp: image.mpp,
    objectivePower: image.objectivePower,
    geo: null,
    bandNames: names?.every((own) => own !== null) === true ? names : null,
    ...(channels !== null && { bandInfo: channels.map(bandInfoOf) }),
    ...(colors !== null && { channelColors: colors }),
    properties: propertiesOf(images, image),
    noData: null,
    missingFromFiner: false,
  }));
}

const unknownChannel: OmeChannel = { name: null, color: null, wavelength: null };

/** The page of each channel of z and t 0; one page where all channels are interleaved in it. */
function channelDirectories(
  tiff: TiffStructure,
  image: OmeImage,
  start: number,
  limits: OpenLimits,
): TiffPage[] {
  if (image.sizeC < 1 || image.sizeC > mostChannels) {
    throw new GigatileError('image-corrupt', `The OME-XML claims ${image.sizeC} channels`, {
      where: `${tiff.file.name}, OME-XML`,
    });
  }
  const [firstPlace] = planePlaces(image, 1, start);
  const first = tiff.directories[firstPlace?.directory ?? 0];
  const samples = first?.number(tag.samplesPerPixel, 1) ?? 1;
  const planes = image.sizeC % samples === 0 ? image.sizeC / samples : 1;
  return planePlaces(image, planes, start).map((place, channel) => {
    const missing = (what: string, hint: string): GigatileError =>
      new GigatileError('image-corrupt', `Channel ${channel + 1} of ${planes} ${what}`, {
        where: tiff.file.name,
        hint,
      });
    if (place === null) throw missing('has no place in the OME-XML', 'Export the image again.');
    if (place.file !== null) {
      throw new GigatileError(
        'image-unsupported',
        `Channel ${channel + 1} of ${planes} lies in another file, ${place.file}; OME-TIFFs of several files cannot be read`,
        { where: tiff.file.name, hint: 'Export the image into one file, for example with bfconvert.' },
      );
    }
    const directory = tiff.directories[place.directory];
    if (directory === undefined) {
      throw missing(
        `is said to be in directory ${place.directory}; the file has ${tiff.directories.length}`,
        'The file was probably not written to its end.',
      );
    }
    return readPage(directory, limits);
  });
}

/** Where the planes of each image begin in a file that has no table of planes: one image after the other. */
function firstDirectories(tiff: TiffStructure, images: readonly OmeImage[], limits: OpenLimits): number[] {
  let next = 0;
  return images.map((image) => {
    const start = next;
    const samples = tiff.directories[start]?.number(tag.samplesPerPixel, 1) ?? 1;
    const planes = Math.ceil(image.sizeC / Math.max(1, samples)) * image.sizeZ * image.sizeT;
    next += Math.min(planes, limits.maxPixels);
    return start;
  });
}

function directoryOf(tiff: TiffStructure, image: OmeImage, start: number): TiffDirectory | null {
  const [place] = planePlaces(image, 1, start);
  if (place == null || place.file !== null) return null;
  return tiff.directories[place.directory] ?? null;
}

/** What an image of a series is, by its name; null: an image like any other. */
function associatedName(name: string): string | null {
  const word = /\b(label|macro|overview|thumbnail)\b/i.exec(name)?.[1]?.toLowerCase();
  if (word === undefined) return null;
  return word === 'overview' ? 'macro' : word;
}

/** Channels of their own, and not the red, green and blue of a photograph. */
function isFluorescence(pages: readonly TiffPage[], channels: readonly OmeChannel[] | null): boolean {
  const [page] = pages;
  if (page === undefined) return false;
  if (pages.length > 1) return page.bands === 1;
  if (page.bands === 1) return channels?.some(({ color }) => color !== null && isColour(color)) ?? false;
  if (channels === null) return false;
  return !(page.bands <= 4 && page.photometric !== photometric.blackIsZero && page.dtype === 'uint8');
}

/** Shades of grey, white among them, say nothing about a single channel. */
function isColour(color: string): boolean {
  return color.slice(1, 3) !== color.slice(3, 5) || color.slice(3, 5) !== color.slice(5, 7);
}

function bandInfoOf({ name, color }: OmeChannel): BandInfo {
  return { name, color, interpretation: null, scale: null, offset: null, unit: null, noData: null };
}

/** What is in the file and not on the screen is said, not left out silently. */
function propertiesOf(images: readonly OmeImage[], image: OmeImage): Record<string, string> {
  const { sizeZ, sizeT, name } = image;
  const others = images.filter((other) => other !== image && associatedName(other.name) === null);
  return {
    ...(name !== '' && { 'ome.Image.Name': name }),
    'ome.Pixels.SizeC': `${image.sizeC}`,
    'ome.Pixels.SizeZ': `${sizeZ}`,
    'ome.Pixels.SizeT': `${sizeT}`,
    ...(sizeZ * sizeT > 1 && {
      'gigatile.plane': `z 1 of ${sizeZ}, t 1 of ${sizeT}; the file's other planes are not shown`,
    }),
    ...(others.length > 0 && {
      'gigatile.images': `1 of ${others.length + 1}; not shown: ${others.map((other) => other.name || 'unnamed').join(', ')}`,
    }),
  };
}
