/** What a TIFF says about each of its bands: GDAL's metadata (tag 42112) and TIFF's own colour tags. */
import type { BandInfo } from '../../contract/image.ts';
import { xmlText, xmlTextElements } from '../formats/xml-scan.ts';
import type { TiffDirectory } from '../tiff/structure.ts';
import { photometric as photometrics, tag } from '../tiff/tags.ts';

export interface TiffBands {
  bands: number;
  photometric: number;
  /** Values of tag 338. */
  extraSamples: readonly number[];
}

/** One a band, in the file's order. `noData` is the file's, the same for all bands. */
export function readGdalBands(directory: TiffDirectory, page: TiffBands, noData: number | null): BandInfo[] {
  const bands: BandInfo[] = Array.from({ length: page.bands }, (_, band) => ({
    name: null,
    color: null,
    interpretation: interpretationOf(page, band),
    scale: null,
    offset: null,
    unit: null,
    noData: Number.isFinite(noData) ? noData : null,
  }));
  const items = xmlTextElements(directory.text(tag.gdalMetadata) ?? '', 'Item');
  for (const { attributes, text: escaped } of items) {
    // GDAL escapes values before it writes XML, which escapes them again.
    const text = xmlText(escaped);
    const band = bands[Number(attributes.get('sample') ?? Number.NaN)];
    if (band === undefined) continue;
    switch (attributes.get('role')) {
      case 'description':
        band.name = text;
        break;
      case 'scale':
        band.scale = finite(text);
        break;
      case 'offset':
        band.offset = finite(text);
        break;
      case 'unittype':
        band.unit = text === '' ? null : text;
        break;
      case 'colorinterp':
        band.interpretation = text === '' || /^undefined$/i.test(text) ? null : text.toLowerCase();
        break;
      default:
    }
  }
  return bands;
}

/** Names of bands; those without one are named by their number. null where no band has one. */
export function namesOf(bands: readonly BandInfo[]): string[] | null {
  if (bands.every(({ name }) => name === null)) return null;
  return bands.map(({ name }, band) => name ?? `band ${band + 1}`);
}

/** As GDAL reads TIFF's tags; values 1 and 2 of ExtraSamples are alpha. */
function interpretationOf({ bands, photometric, extraSamples }: TiffBands, band: number): string | null {
  const base = bands - extraSamples.length;
  const extra = band >= base ? extraSamples[band - base] : undefined;
  if (extra === 1 || extra === 2) return 'alpha';
  if (photometric === photometrics.rgb || photometric === photometrics.ycbcr) {
    return ['red', 'green', 'blue'][band] ?? null;
  }
  if (band > 0) return null;
  return photometric === photometrics.palette ? 'palette' : 'gray';
}

function finite(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
