/** Ventana BIF files: macro, thumbnail, and levels whose tiles overlap as the camera's fields do. */
import { deflateSync } from 'node:zlib';
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { pictureAt } from './picture.ts';
import { jpegStripDirectory, PixelBytes, tiledDirectory } from './tiff-image.ts';

export interface VentanaAreaOptions {
  /** Of its bottom-left corner, in pixels, counted from below. */
  posX: number;
  posY: number;
  /** In the directory's tiles. */
  firstColumn: number;
  firstRow: number;
  columns: number;
  rows: number;
  scanned?: boolean;
}

export interface VentanaOptions {
  tileWidth: number;
  tileHeight: number;
  /** Tiles of level 0's directory. */
  columns: number;
  rows: number;
  areas: readonly VentanaAreaOptions[];
  /** Of each joint, by its place in the list: the mean with the confidences is what counts. */
  overlapsX: readonly { overlap: number; confidence: number }[];
  overlapsY: readonly { overlap: number; confidence: number }[];
  magnifications: readonly number[];
  compression: 'jpeg' | 'deflate';
  isMissing?: (level: number, column: number, row: number) => boolean;
  /** Changes to level 0's XML. */
  edit?: (xml: string) => string;
  /** Level 0 has no XML: the tiles do not overlap. */
  plain?: boolean;
  /** As scanners of the DP series write it. */
  leftwards?: boolean;
}

export function forgeVentana(codecs: Pick<Codecs, 'encodeJpeg'>, options: VentanaOptions): Buffer {
  const { tileWidth, tileHeight, magnifications, compression, edit = (xml: string) => xml } = options;
  const pixels = new PixelBytes(true);
  const first = magnifications[0] ?? 1;
  const levels = magnifications.map((magnification, level) => {
    const scale = first / magnification;
    const image = {
      width: Math.ceil((options.columns * tileWidth) / scale),
      height: Math.ceil((options.rows * tileHeight) / scale),
      tileWidth,
      tileHeight,
      compression: compression === 'jpeg' ? 7 : 8,
      photometric: compression === 'jpeg' ? 6 : 2,
      tile: (column: number, row: number): Uint8Array | null => {
        if (options.isMissing?.(level, column, row) === true) return null;
        const raster = pictureAt(column * tileWidth, row * tileHeight, tileWidth, tileHeight, scale);
        return compression === 'jpeg'
          ? codecs.encodeJpeg(raster, 80)
          : deflateSync(raster.data, { level: 1 });
      },
    };
    const xml = level === 0 && options.plain !== true ? [xmp(edit(encodeInfo(options)))] : [];
    return tiledDirectory(pixels, image, [text(`level=${level} mag=${magnification} quality=90`), ...xml]);
  });
  const strip = (name: string, w: number, h: number, others: ForgedTag[]): ForgedTag[] =>
    jpegStripDirectory(pixels, w, h, codecs.encodeJpeg(pictureAt(w * 100, h * 100, w, h), 85), [
      text(name),
      ...others,
    ]);
  const iScan =
    `<iScan Magnification="${first}" ScanRes="0.232500" UnitNumber="2000515" UserName="Operator &amp; Co" ` +
    `SlideAnnotation="" BuildVersion="3.3.1.1"><AOI0 Left="1" Top="2"/></iScan>`;
  const directories = [
    strip('Label Image', 100, 240, [xmp(`<?xml version="1.0"?><Metadata>${iScan}</Metadata>`)]),
    strip('Thumbnail', 90, 70, []),
    ...levels,
  ];
  return forgeTiff({ big: true, data: pixels.joined(), directories: directories.map((tags) => ({ tags })) });
}

function encodeInfo({
  tileWidth,
  tileHeight,
  areas,
  overlapsX,
  overlapsY,
  leftwards,
}: VentanaOptions): string {
  const infos = areas.map((area, index) => {
    const joints = jointsOf(area, leftwards === true);
    const counts = { x: 0, y: 0 };
    const elements = joints.map(({ one, two, direction }) => {
      const isAcross = direction === 'RIGHT' || direction === 'LEFT';
      const list = isAcross ? overlapsX : overlapsY;
      const { overlap, confidence } = list[(isAcross ? counts.x++ : counts.y++) % list.length] ?? {
        overlap: 0,
        confidence: 0,
      };
      const overlaps = isAcross
        ? `OverlapX="${overlap}" OverlapY="3"`
        : `OverlapX="-2" OverlapY="${overlap}"`;
      return (
        `<TileJointInfo FlagJoined="1" Confidence="${confidence}" Direction="${direction}" ` +
        `Tile1="${one}" Tile2="${two}" ${overlaps}/>`
      );
    });
    return (
      `<ImageInfo AOIScanned="${area.scanned === false ? 0 : 1}" AOIIndex="${index}" NumRows="${area.rows}" NumCols="${area.columns}" ` +
      `Width="${tileWidth}" Height="${tileHeight}" Pos-X="${area.posX}" Pos-Y="${area.posY}.000">${elements.join('')}</ImageInfo>`
    );
  });
  const origins = areas.map(
    (area, index) =>
      `<AOI${index} OriginX="${area.firstColumn * tileWidth}" OriginY="${area.firstRow * tileHeight}"/>`,
  );
  return (
    `<?xml version="1.0"?><EncodeInfo Ver="2"><SlideInfo/><SlideStitchInfo>${infos.join('')}</SlideStitchInfo>` +
    `<AoiOrigin>${origins.join('')}</AoiOrigin></EncodeInfo>`
  );
}

/** Neighbours by their numbers, which run from the bottom left to the right, then back in the row above. */
function jointsOf(
  { columns, rows }: VentanaAreaOptions,
  leftwards: boolean,
): { one: number; two: number; direction: string }[] {
  const numberAt = (column: number, fromBottom: number): number =>
    fromBottom * columns + (fromBottom % 2 === 0 ? column : columns - 1 - column) + 1;
  const joints: { one: number; two: number; direction: string }[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const one = numberAt(column, row);
      if (column + 1 < columns) {
        joints.push({ one, two: numberAt(column + 1, row), direction: leftwards ? 'LEFT' : 'RIGHT' });
      }
      if (row + 1 < rows) joints.push({ one, two: numberAt(column, row + 1), direction: 'UP' });
    }
  }
  return joints;
}

function text(value: string): ForgedTag {
  return { tag: 270, type: 2, value };
}

function xmp(xml: string): ForgedTag {
  return { tag: 700, type: 1, value: [...Buffer.from(xml)] };
}
