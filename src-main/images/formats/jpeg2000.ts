/**
 * JPEG 2000 files: .jp2 (boxes around a codestream) and .j2k. The codestream's tiles are the image's, its resolutions the levels.
 *
 * Components keep their values: 12 bits stay 0 to 4095 in uint16, signed ones stay signed, and the display stretches what is not
 * plain 8-bit. Only these change: sYCC becomes RGB, as every viewer shows it, and an opacity of one bit becomes 0 and 255.
 */
import type { BandInfo, Geo } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { degenerateTiff, readGmlGrid } from '../geo/geo-jp2.ts';
import { readGeo } from '../geo/geo-tags.ts';
import type { GeoReference } from '../geo/geo-tags.ts';
import { readWorldFile } from '../geo/world-file.ts';
import type { ImageFile } from '../image-file.ts';
import type { OpenLimits, Raster } from '../image-source.ts';
import { Jpeg2000Backend } from '../jpeg2000/backend.ts';
import type { Finish } from '../jpeg2000/backend.ts';
import { unsupported } from '../jpeg2000/codestream.ts';
import type { MainHeader } from '../jpeg2000/codestream.ts';
import { checkDecodable, mostTileSamples } from '../jpeg2000/decode.ts';
import { readJp2Header } from '../jpeg2000/jp2-header.ts';
import type { Jp2Header } from '../jpeg2000/jp2-header.ts';
import { indexCodestream } from '../jpeg2000/tile-index.ts';
import { tileRect } from '../jpeg2000/tile-layout.ts';
import type { Colours } from '../pixel-backend.ts';
import { pixelArray } from '../raster.ts';
import { ycbcrToRgb } from '../tiff/jpeg2000-tile.ts';
import type { FileFormat, OpenedFormat, OpenOptions } from './format.ts';
import { coarsestTrustedMpp } from './generic-tiff.ts';

const colourSpaces = { srgb: 16, grey: 17, sycc: 18 } as const;

export const jpeg2000Format: FileFormat = {
  id: 'jpeg2000',
  knows: ({ head }) => {
    const text = head.toString('latin1', 0, 12);
    return text === '\0\0\0\x0cjP  \r\n\x87\n' || text.startsWith('\xff\x4f\xff\x51');
  },
  open: ({ file, head }, options) => {
    try {
      return Promise.resolve(openJpeg2000(file, head[0] === 0xff, options));
    } catch (cause) {
      if (!(cause instanceof GigatileError) || cause.where !== undefined) throw cause;
      throw new GigatileError(cause.code, cause.message, { where: file.name, hint: cause.hint, cause });
    }
  },
};

function openJpeg2000(file: ImageFile, isBare: boolean, { codecs, limits }: OpenOptions): OpenedFormat {
  const read = (offset: number, length: number): Buffer => file.read(offset, length, 'A box of the JP2 file');
  const jp2 = isBare ? null : readJp2Header(read, file.size);
  const { offset, end } = jp2?.codestream ?? { offset: 0, end: file.size };
  const stream = indexCodestream(file, offset, end);
  const { main } = stream;
  checkDecodable(main, 0);
  checkTileSize(main, limits);
  const colours = coloursOf(main, jp2);
  const backend = new Jpeg2000Backend(file, stream, codecs, colours, finishOf(main, jp2, colours.alphaBand));
  const { geo, controlPoints } = geoOf(file, main, jp2);
  const hasAlpha = colours.alphaBand !== null;
  return {
    backend,
    description: {
      name: file.name,
      format: isBare ? 'j2k' : 'jp2',
      vendor: null,
      mpp: geo === null ? mppOf(jp2) : null,
      geo,
      objectivePower: null,
      bandNames: null,
      noData: null,
      associated: [],
      compression: 'jpeg2000',
      ...(controlPoints && { controlPoints }),
      ...(hasAlpha && { validity: 'alpha' as const, bandInfo: bandInfoOf(main, colours) }),
    },
  };
}

/** A tile is decoded whole. */
function checkTileSize(main: MainHeader, limits: OpenLimits): void {
  const rect = tileRect(main.size, 0);
  if (rect === null) throw new GigatileError('image-corrupt', 'The JPEG 2000 image has no tile');
  const pixels = Math.max(
    (rect.x1 - rect.x0) * (rect.y1 - rect.y0),
    Math.min(main.size.tileWidth, main.size.x1 - main.size.x0) *
      Math.min(main.size.tileHeight, main.size.y1 - main.size.y0),
  );
  const most = Math.min(limits.maxPixels, Math.floor(mostTileSamples / main.size.components.length));
  if (pixels <= most) return;
  throw new GigatileError(
    'image-too-large',
    `A single tile of the JPEG 2000 image has ${pixels} pixels, more than the limit of ${most}`,
    {
      hint: 'Convert it to tiles: gdal_translate -of COG -co COMPRESS=DEFLATE IMAGE.jp2 IMAGE.tif',
    },
  );
}

function coloursOf(main: MainHeader, jp2: Jp2Header | null): Colours {
  const { components } = main.size;
  const alpha = jp2?.alpha.find((channel) => channel < components.length) ?? null;
  const shown = components.filter((_, index) => index !== alpha);
  // Fewer bits would be dark as they are: they are stretched.
  const isPlain = shown.every(({ precision, signed }) => precision === 8 && !signed);
  return {
    natural: isPlain && (shown.length === 1 || shown.length === 3),
    palette: null,
    alphaBand: alpha,
  };
}

function bandInfoOf(main: MainHeader, { alphaBand }: Colours): BandInfo[] {
  const { components } = main.size;
  const names = components.length >= 4 ? ['red', 'green', 'blue'] : ['gray'];
  return components.map((_, index) => ({
    name: null,
    color: null,
    interpretation: index === alphaBand ? 'alpha' : (names[index] ?? null),
    scale: null,
    offset: null,
    unit: null,
    noData: null,
  }));
}

function finishOf(main: MainHeader, jp2: Jp2Header | null, alphaBand: number | null): Finish {
  const { components } = main.size;
  const isYcc = jp2?.colourSpace === colourSpaces.sycc && components.length >= 3;
  if (
    isYcc &&
    (components.length !== 3 || components.some(({ precision, signed }) => precision !== 8 || signed))
  ) {
    throw unsupported('sYCC colours of other than three bands of 8 bits');
  }
  const isOneBit = alphaBand !== null && components[alphaBand]?.precision === 1;
  const order = orderOf(jp2?.order ?? null, components.length);
  return (raster) => {
    const sorted = order === null ? raster : reordered(raster, order);
    if (isYcc) ycbcrToRgb(sorted);
    if (isOneBit)
      for (let i = alphaBand; i < sorted.data.length; i += sorted.bands)
        sorted.data[i] = (sorted.data[i] ?? 0) * 255;
    return sorted;
  };
}

/** For each band its component; null where they are as stored. */
function orderOf(colours: readonly number[] | null, count: number): number[] | null {
  if (colours === null || colours.some((channel) => channel >= count)) return null;
  if (new Set(colours).size !== colours.length || colours.some((channel) => channel >= colours.length))
    return null;
  return Array.from({ length: count }, (_, band) => colours[band] ?? band);
}

function reordered(raster: Raster, order: readonly number[]): Raster {
  const { bands, data } = raster;
  const sorted = pixelArray(raster.dtype, data.length);
  for (let pixel = 0; pixel < data.length; pixel += bands) {
    for (let band = 0; band < bands; band++) sorted[pixel + band] = data[pixel + (order[band] ?? band)] ?? 0;
  }
  return { ...raster, data: sorted };
}

/** GeoJP2 goes before GMLJP2, and a world file after both, as in GDAL. */
function geoOf(file: ImageFile, main: MainHeader, jp2: Jp2Header | null): GeoReference {
  const [width, height] = [main.size.x1 - main.size.x0, main.size.y1 - main.size.y0];
  const sidecar = (): Geo['transform'] | null => (file.isRemote ? null : readWorldFile(file.path));
  if (jp2?.geoTiff) {
    const found = readGeo(degenerateTiff(jp2.geoTiff, file.name), width, height);
    if (found.geo !== null || found.controlPoints !== null) return found;
  }
  const gml = jp2?.gml ? readGmlGrid(jp2.gml, width, height) : null;
  if (gml !== null) return { geo: gml, controlPoints: null };
  const transform = sidecar();
  const geo = transform && { epsg: null, crsName: null, crs: null, transform, metersPerPixel: null };
  return { geo, controlPoints: null };
}

/** From pixels per metre; a printer's resolution is no calibration. */
function mppOf(jp2: Jp2Header | null): { x: number; y: number } | null {
  if (!jp2?.resolution) return null;
  const [x, y] = [1e6 / jp2.resolution.x, 1e6 / jp2.resolution.y];
  return x <= coarsestTrustedMpp && y <= coarsestTrustedMpp ? { x, y } : null;
}
