/**
 * OME-TIFF: OME-XML in the first description; the smaller levels of an image hang below it as SubIFDs, largest first.
 * https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
 */
import { GigatileError } from '../../contract/errors.ts';
import type { OpenLimits } from '../image-source.ts';
import { readPage } from '../tiff/page.ts';
import type { TiffStructure } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import { orderLevels } from './tiff-layout.ts';
import type { TiffLayout } from './tiff-layout.ts';
import { xmlAttributes, xmlElements } from './xml-scan.ts';

export function isOmeTiff(tiff: TiffStructure): boolean {
  const text = tiff.directories[0]?.text(tag.imageDescription)?.trimStart();
  return text !== undefined && text.startsWith('<') && /<(\w+:)?OME[\s>]/.test(text);
}

export function readOmeTiff(tiff: TiffStructure, limits: OpenLimits): TiffLayout {
  const [first] = tiff.directories;
  if (first === undefined)
    throw new GigatileError('image-corrupt', 'The file has no image', { where: tiff.file.name });
  const xml = first.text(tag.imageDescription) ?? '';
  const pixels = xmlAttributes(xmlElements(xml, 'Pixels')[0] ?? '');
  const page = readPage(first, limits);
  const channels = Number(pixels.get('SizeC') ?? page.bands);
  const planes = Number(pixels.get('SizeZ') ?? 1) * Number(pixels.get('SizeT') ?? 1);
  if (channels > page.bands || planes > 1) {
    throw new GigatileError(
      'image-unsupported',
      `This OME-TIFF has ${channels} channels and ${planes} planes in separate images, which cannot be read yet`,
      { where: first.where, hint: 'Export the plane that you need, with its channels interleaved.' },
    );
  }
  const objective = xmlAttributes(xmlElements(xml, 'Objective')[0] ?? '').get('NominalMagnification');
  const x = micrometres(pixels.get('PhysicalSizeX'), pixels.get('PhysicalSizeXUnit'));
  const y = micrometres(pixels.get('PhysicalSizeY'), pixels.get('PhysicalSizeYUnit'));
  return {
    format: 'ome-tiff',
    vendor: 'generic-tiff',
    levels: orderLevels(
      page,
      first.subDirectories().map((directory) => readPage(directory, limits)),
    ),
    associated: new Map(),
    mpp: x === null || y === null ? null : { x, y },
    objectivePower: objective !== undefined && Number(objective) > 0 ? Number(objective) : null,
    geo: null,
    bandNames: channelNames(xml, page.bands),
    noData: null,
    missingFromFiner: false,
  };
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

function micrometres(value: string | undefined, unit: string | undefined): number | null {
  const factor = units[unit ?? 'µm'];
  const size = Number(value);
  return factor !== undefined && size > 0 && Number.isFinite(size) ? size * factor : null;
}

/** One name a band, where each band is a channel of its own that has one. */
function channelNames(xml: string, bands: number): string[] | null {
  const channels = xmlElements(xml, 'Channel').map(xmlAttributes);
  const names = channels.map((channel) => channel.get('Name')).filter((name) => name !== undefined);
  return names.length === bands && channels.length === bands ? names : null;
}
