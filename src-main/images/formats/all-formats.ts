/**
 * Every format that Gigatile reads, the most particular first: the generic ones would open a vendor's file too, and show it
 * wrongly. A new format is a file beside this one and a line here.
 */
import { GigatileError } from '../../contract/errors.ts';
import { isAperio, readAperio } from './aperio.ts';
import { dicomFolder, dicomFormat } from './dicom/dicom.ts';
import { flatFormat, openUnusualFlat } from './flat.ts';
import type { FileFormat, FolderFormat } from './format.ts';
import { readGenericTiff } from './generic-tiff.ts';
import { hamamatsuNdpi } from './hamamatsu-ndpi.ts';
import { leicaScn } from './leica-scn.ts';
import { omeTiff } from './ome-tiff.ts';
import { openslideOnly } from './openslide.ts';
import { jpeg2000Format } from './jpeg2000.ts';
import { isPhilipsTiff, readPhilipsTiff } from './philips-tiff.ts';
import { pictureSet } from './picture-set/picture-set.ts';
import { tag } from '../tiff/tags.ts';
import { tiffFormat } from './tiff-format.ts';
import { trestle } from './trestle.ts';
import { ventanaBif } from './ventana-bif.ts';

const generic = tiffFormat('tiff', () => true, readGenericTiff);

/** Any other TIFF; where it is a flat picture that our own reader cannot read, through libvips. */
const anyTiff: FileFormat = {
  ...generic,
  async open(candidate, options) {
    const { tiff } = candidate;
    try {
      return await generic.open(candidate, options);
    } catch (error) {
      if (!(error instanceof GigatileError) || error.code !== 'image-unsupported') throw error;
      const first = tiff?.directories[0];
      const isPicture = first !== undefined && !first.has(tag.tileWidth) && !first.has(tag.geoKeyDirectory);
      const flat = isPicture ? await openUnusualFlat(candidate, options) : null;
      if (flat === null) throw error;
      return flat;
    }
  },
};

export const fileFormats: readonly FileFormat[] = [
  // First of all: the file of a MIRAX slide is a small JPEG.
  openslideOnly,
  // Before the TIFFs: a DICOM file may begin like one, so that TIFF readers show its pixels too.
  dicomFormat,
  tiffFormat('svs', isAperio, readAperio),
  hamamatsuNdpi,
  tiffFormat('philips-tiff', isPhilipsTiff, readPhilipsTiff),
  trestle,
  leicaScn,
  ventanaBif,
  omeTiff,
  anyTiff,
  jpeg2000Format,
  flatFormat,
];

export const folderFormats: readonly FolderFormat[] = [dicomFolder, pictureSet];
