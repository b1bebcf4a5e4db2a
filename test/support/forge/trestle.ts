/** Trestle slides: tiled levels whose tiles overlap, and a description that says by how much. */
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { pictureAt } from './picture.ts';
import { PixelBytes, tiledDirectory } from './tiff-image.ts';

export interface TrestleLevel {
  /** As the directory has it, overlaps counted twice. */
  width: number;
  height: number;
  scale: number;
  overlap: readonly [x: number, y: number];
}

export interface TrestleOptions {
  levels: readonly TrestleLevel[];
  tileSize: number;
  /** Instead of what the levels say. */
  overlaps?: string;
  /** What a tile shows is moved by this many pixels a column and row, so that it shows which of two tiles a pixel is from. */
  jump?: number;
}

export function forgeTrestle(codecs: Pick<Codecs, 'encodeJpeg'>, options: TrestleOptions): Buffer {
  const { levels, tileSize, jump = 0 } = options;
  const pixels = new PixelBytes(false);
  const overlaps = options.overlaps ?? levels.map(({ overlap }) => overlap.join(' ')).join(' ');
  const description =
    'Background Color=E6E6E6;White Balance=0;Objective Power=20;JPEG Quality=80;Exposure=1/30;' +
    `OverlapsXY= ${overlaps}`;
  const directories = levels.map(({ width, height, scale, overlap }, index): ForgedTag[] =>
    tiledDirectory(
      pixels,
      {
        width,
        height,
        tileWidth: tileSize,
        tileHeight: tileSize,
        compression: 7,
        photometric: 6,
        tile: (column, row) => {
          const x = column * (tileSize - overlap[0] + jump);
          const y = row * (tileSize - overlap[1] + jump);
          return codecs.encodeJpeg(pictureAt(x, y, tileSize, tileSize, scale), 80);
        },
      },
      [
        ...(index === 0 ? [] : [{ tag: 254, type: 4, value: [1] }]),
        { tag: 270, type: 2, value: description },
        { tag: 282, type: 5, value: [0.325 * scale] },
        { tag: 283, type: 5, value: [0.33 * scale] },
        { tag: 296, type: 3, value: [3] },
        { tag: 305, type: 2, value: 'MedScan 2.0.0' },
      ],
    ),
  );
  return forgeTiff({ data: pixels.joined(), directories: directories.map((tags) => ({ tags })) });
}
