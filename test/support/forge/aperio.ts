/** Aperio SVS files: level, thumbnail, smaller levels, label and macro, in the order of Aperio's own library. */
import type { Codecs, Raster } from '../../../src-main/images/image-source.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { encodeJpeg2000 } from './jpeg2000.ts';
import type { Jpeg2000Colours } from './jpeg2000.ts';
import { pictureAt } from './picture.ts';
import { jpegStripDirectory, PixelBytes, tiledDirectory } from './tiff-image.ts';

export interface AperioOptions {
  width: number;
  height: number;
  tileSize: number;
  /** Level-0 pixels a pixel, of each level but the first. */
  downsamples: readonly number[];
  compression: 'jpeg' | Jpeg2000Colours;
  /** How many times smaller JPEG 2000 makes a tile; 1 is lossless. */
  ratio?: number;
  /** Tiles that are left out. */
  isMissing?: (level: number, column: number, row: number) => boolean;
  /** Added to the properties of the description. */
  properties?: string;
  /** Between the lines of a description. */
  newline?: string;
  /** Where the pixels come from instead of the endless picture. */
  picture?: (x: number, y: number, width: number, height: number, scale: number) => Raster;
}

export function forgeAperio(codecs: Pick<Codecs, 'encodeJpeg'>, options: AperioOptions): Buffer {
  const { width, height, tileSize, compression, newline = '\n', picture = pictureAt } = options;
  const pixels = new PixelBytes(false);
  const code = compression === 'jpeg' ? 7 : compression === 'rgb' ? 33_005 : 33_003;
  const encode = (raster: Raster): Uint8Array =>
    compression === 'jpeg'
      ? codecs.encodeJpeg(raster, 80)
      : encodeJpeg2000(raster, compression, options.ratio);
  const head = 'Aperio Image Library v11.2.1 ';
  const level = (index: number, scale: number): ForgedTag[] => {
    const size = `${width}x${height} (${tileSize}x${tileSize}) J2K/YUV16 Q=30`;
    const properties =
      '|AppMag = 40|MPP = 0.2520|ScanScope ID = SS1511|Filename = forged|AppMag = 20' +
      (options.properties ?? '');
    return tiledDirectory(
      pixels,
      {
        width: Math.floor(width / scale),
        height: Math.floor(height / scale),
        tileWidth: tileSize,
        tileHeight: tileSize,
        compression: code,
        photometric: compression === 'jpeg' ? 6 : 2,
        tile: (column, row) =>
          options.isMissing?.(index, column, row) === true
            ? null
            : encode(picture(column * tileSize, row * tileSize, tileSize, tileSize, scale)),
      },
      [description(head + newline + size + properties)],
    );
  };
  const strip = (name: string, w: number, h: number, type: number): ForgedTag[] =>
    jpegStripDirectory(pixels, w, h, codecs.encodeJpeg(pictureAt(w * 100, h * 100, w, h), 85), [
      { tag: 254, type: 4, value: [type] },
      description(`${head}${newline}${name}`),
    ]);
  const directories = [
    level(0, 1),
    strip(`${width}x${height} -> 96x64 - `, 96, 64, 0),
    ...options.downsamples.map((scale, index) => level(index + 1, scale)),
    strip('label 80x88', 80, 88, 1),
    strip('macro 160x64', 160, 64, 9),
  ];
  return forgeTiff({ data: pixels.joined(), directories: directories.map((tags) => ({ tags })) });
}

function description(text: string): ForgedTag {
  return { tag: 270, type: 2, value: text };
}
