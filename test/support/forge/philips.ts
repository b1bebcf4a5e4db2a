/** Philips' TIFF: levels padded to whole tiles, and the XML that says how they belong together. */
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { pictureAt } from './picture.ts';
import { jpegStripDirectory, PixelBytes, tiledDirectory } from './tiff-image.ts';

export interface PhilipsOptions {
  /** Of level 0, whole tiles. */
  width: number;
  height: number;
  tileSize: number;
  /** Of the levels after the first. */
  downsamples: readonly number[];
  /** Tiles that are left out. */
  isMissing?: (level: number, column: number, row: number) => boolean;
  /** Label and macro image: in the XML, as directories of the TIFF, or not at all. */
  associated: 'xml' | 'directories' | 'none';
  /** Changes the XML, for damaged files. */
  changeXml?: (xml: string) => string;
}

const millimetres = 0.000227;

export function forgePhilips(codecs: Pick<Codecs, 'encodeJpeg'>, options: PhilipsOptions): Buffer {
  const { width, height, tileSize, associated } = options;
  const pixels = new PixelBytes(false);
  const jpeg = (w: number, h: number): Uint8Array => codecs.encodeJpeg(pictureAt(w * 90, h * 90, w, h), 85);
  const images = { LABELIMAGE: jpeg(96, 80), MACROIMAGE: jpeg(200, 88) };
  const xml = philipsXml(options, associated === 'xml' ? images : {});
  const level = (index: number, scale: number): ForgedTag[] => {
    const padded = (side: number): number => Math.ceil(side / scale / tileSize) * tileSize;
    const texts: ForgedTag[] =
      index === 0
        ? [
            { tag: 270, type: 2, value: options.changeXml?.(xml) ?? xml },
            { tag: 305, type: 2, value: 'Philips DP v1.0' },
            { tag: 271, type: 2, value: 'PHILIPS' },
          ]
        : [
            { tag: 254, type: 4, value: [1] },
            { tag: 270, type: 2, value: `level=${index}` },
          ];
    return tiledDirectory(
      pixels,
      {
        width: padded(width),
        height: padded(height),
        tileWidth: tileSize,
        tileHeight: tileSize,
        compression: 7,
        photometric: 6,
        tile: (column, row) =>
          options.isMissing?.(index, column, row) === true
            ? null
            : codecs.encodeJpeg(pictureAt(column * tileSize, row * tileSize, tileSize, tileSize, scale), 80),
      },
      texts,
    );
  };
  const directories = [level(0, 1), ...options.downsamples.map((scale, index) => level(index + 1, scale))];
  if (associated === 'directories') {
    for (const [name, w, h, bytes] of [
      ['Macro', 200, 88, images.MACROIMAGE],
      ['Label', 96, 80, images.LABELIMAGE],
    ] as const) {
      directories.push(jpegStripDirectory(pixels, w, h, bytes, [{ tag: 270, type: 2, value: name }]));
    }
  }
  return forgeTiff({ data: pixels.joined(), directories: directories.map((tags) => ({ tags })) });
}

function philipsXml(options: PhilipsOptions, images: Readonly<Record<string, Uint8Array>>): string {
  const levels = [1, ...options.downsamples].map((scale, index) =>
    object('PixelDataRepresentation', [
      text('DICOM_PIXEL_SPACING', 'IDoubleArray', spacing(scale)),
      text('PIIM_DP_PIXEL_DATA_REPRESENTATION_NUMBER', 'IUInt16', String(index)),
    ]),
  );
  const slide = object('DPScannedImage', [
    text('DICOM_PIXEL_SPACING', 'IDoubleArray', spacing(1)),
    text('DICOM_DERIVATION_DESCRIPTION', 'IString', 'tiff-useBigTIFF=0 &amp; "quoted" &lt;'),
    text('PIM_DP_IMAGE_TYPE', 'IString', 'WSI'),
    array('PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE', levels),
  ]);
  const others = Object.entries(images).map(([type, bytes]) =>
    object('DPScannedImage', [
      text('PIM_DP_IMAGE_DATA', 'IString', Buffer.from(bytes).toString('base64')),
      text('PIM_DP_IMAGE_TYPE', 'IString', type),
    ]),
  );
  const root = object('DPUfsImport', [
    text('DICOM_MANUFACTURER', 'IString', 'Hamamatsu'),
    text('PIM_DP_UFS_BARCODE', 'IString', 'MTIzNDU2'),
    array('PIM_DP_SCANNED_IMAGES', [others[0] ?? '', slide, ...others.slice(1)]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8" ?>\n${root}`;
}

/** Rows, then columns: not the same, so that mixing them up shows. */
function spacing(scale: number): string {
  return `&quot;${(millimetres * 1.01 * scale).toFixed(9)}&quot; &quot;${(millimetres * scale).toFixed(9)}&quot;`;
}

function object(type: string, attributes: string[]): string {
  return `<DataObject ObjectType="${type}">\n${attributes.join('\n')}\n</DataObject>`;
}

function text(name: string, type: string, value: string): string {
  return `<Attribute Name="${name}" Group="0x0028" Element="0x0030" PMSVR="${type}">${value}</Attribute>`;
}

function array(name: string, objects: string[]): string {
  return `<Attribute Name="${name}" Group="0x301D" Element="0x1003" PMSVR="IDataObjectArray"><Array>\n${objects.join('\n')}\n</Array></Attribute>`;
}
