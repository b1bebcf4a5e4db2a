/** Leica SCN files: a macro of the whole slide, then regions with their levels; where they lie says the XML. */
import { deflateSync } from 'node:zlib';
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { pictureAt } from './picture.ts';
import { PixelBytes, tiledDirectory } from './tiff-image.ts';

export interface LeicaRegion {
  /** nm from the slide's corner. */
  offsetX: number;
  offsetY: number;
  /** Pixels of level 0. */
  width: number;
  height: number;
}

export interface LeicaOptions {
  /** nm. */
  slideWidth: number;
  slideHeight: number;
  /** Of level 0. */
  nmPerPixel: number;
  regions: readonly LeicaRegion[];
  tileSize: number;
  /** Level-0 pixels a pixel. */
  downsamples: readonly number[];
  compression: 'jpeg' | 'deflate';
  /** Level-0 resolution in pixels per centimetre; null: the tags are left out. */
  resolution?: number | null;
  isMissing?: (region: number, level: number, column: number, row: number) => boolean;
  /** Changes to the XML: what a test wants to be wrong. */
  edit?: (xml: string) => string;
}

const namespace = 'http://www.leica-microsystems.com/scn/2010/10/01';

export function forgeLeica(codecs: Pick<Codecs, 'encodeJpeg'>, options: LeicaOptions): Buffer {
  const { regions, downsamples, tileSize, nmPerPixel, compression, edit = (xml: string) => xml } = options;
  const pixels = new PixelBytes(true);
  const image = (
    width: number,
    height: number,
    scale: number,
    seed: number,
    region: number,
    level: number,
  ) => ({
    width,
    height,
    tileWidth: tileSize,
    tileHeight: tileSize,
    compression: compression === 'jpeg' ? 7 : 8,
    photometric: compression === 'jpeg' ? 6 : 2,
    tile: (column: number, row: number): Uint8Array | null => {
      if (options.isMissing?.(region, level, column, row) === true) return null;
      const raster = pictureAt(column * tileSize + seed / scale, row * tileSize, tileSize, tileSize, scale);
      return compression === 'jpeg' ? codecs.encodeJpeg(raster, 80) : deflateSync(raster.data, { level: 1 });
    },
  });
  const resolution = (scale: number): ForgedTag[] => {
    const perCentimetre = options.resolution === undefined ? 1e7 / nmPerPixel : options.resolution;
    if (perCentimetre === null) return [];
    return [
      { tag: 282, type: 5, value: [perCentimetre / scale] },
      { tag: 283, type: 5, value: [perCentimetre / scale] },
      { tag: 296, type: 3, value: [3] },
    ];
  };
  const levels = regions.flatMap(({ width, height }, index) =>
    downsamples.map((scale, level) =>
      tiledDirectory(
        pixels,
        image(Math.round(width / scale), Math.round(height / scale), scale, 5000 * (index + 1), index, level),
        resolution(scale),
      ),
    ),
  );
  const xml = edit(leicaXml(options));
  const macro = tiledDirectory(pixels, image(150, 100, 30, 0, -1, 0), [{ tag: 270, type: 2, value: xml }]);
  return forgeTiff({
    big: true,
    data: pixels.joined(),
    directories: [macro, ...levels].map((tags) => ({ tags })),
  });
}

function leicaXml({ slideWidth, slideHeight, nmPerPixel, regions, downsamples }: LeicaOptions): string {
  const settings = (objective: number): string =>
    `<creationDate>2014-05-06T07:08:09.1Z</creationDate><device model="Leica SCN400;Leica SCN" version="1.4.0.9691 &amp; later"/>` +
    `<scanSettings><objectiveSettings><objective>${objective}</objective></objectiveSettings>` +
    `<illuminationSettings><numericalAperture>0.4</numericalAperture>` +
    `<illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings>`;
  const view = (x: number, y: number, width: number, height: number): string =>
    `<view sizeX="${width}" sizeY="${height}" offsetX="${x}" offsetY="${y}" spacingZ="0"/>`;
  const images = regions.map(({ offsetX, offsetY, width, height }, index) => {
    const dimensions = downsamples.map((scale, level) => {
      const size = `sizeX="${Math.round(width / scale)}" sizeY="${Math.round(height / scale)}"`;
      return `<dimension ${size} r="${level}" ifd="${1 + index * downsamples.length + level}"/>`;
    });
    const pixels = `<pixels sizeX="${width}" sizeY="${height}">${dimensions.join('')}</pixels>`;
    const place = view(offsetX, offsetY, width * nmPerPixel, height * nmPerPixel);
    return `<image name="image_${index}" uuid="urn:uuid:${index}">${settings(20)}${pixels}${place}</image>`;
  });
  const macro =
    `<image name="macro">${settings(1)}<pixels sizeX="150" sizeY="100"><dimension sizeX="150" sizeY="100" r="0" ifd="0"/></pixels>` +
    `${view(0, 0, slideWidth, slideHeight)}</image>`;
  const barcode = Buffer.from('S14-12345').toString('base64');
  return (
    `<?xml version="1.0" encoding="utf-8"?><scn xmlns="${namespace}" uuid="urn:uuid:0">` +
    `<collection name="slide" sizeX="${slideWidth}" sizeY="${slideHeight}"><barcode>${barcode}</barcode>` +
    `${macro}${images.join('')}</collection></scn>`
  );
}
