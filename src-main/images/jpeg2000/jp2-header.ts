/** What the boxes of a JP2 file say about the codestream: colours, resolution, geo-reference. ISO/IEC 15444-1 annex I. */
import { GigatileError } from '../../contract/errors.ts';
import { readBoxes } from './boxes.ts';
import type { Box, ReadBytes } from './boxes.ts';
import { unsupported } from './codestream.ts';

export interface Jp2Header {
  /** EnumCS: 16 sRGB, 17 grey, 18 sYCC …; null: an ICC profile, or nothing. */
  colourSpace: number | null;
  /** Components that are opacity of the whole image (cdef). */
  alpha: readonly number[];
  /** The component of each colour, where cdef gives them in another order than the codestream; else null. */
  order: readonly number[] | null;
  /** Pixels per metre (captured before displayed). */
  resolution: { x: number; y: number } | null;
  /** The degenerate GeoTIFF of a GeoJP2 box. */
  geoTiff: Uint8Array | null;
  /** The coverage of GMLJP2. */
  gml: string | null;
  codestream: { offset: number; end: number };
}

/** UUID of the GeoJP2 box. */
const geoJp2 = 'b14bf8bd083d4b43a5ae8cd7d5a6ce03';
/** A geo-reference is a few hundred bytes; a GML document may be long. */
const largestMetadata = 16 * 1024 * 1024;
const deepestAssociation = 4;

/** @throws {GigatileError} image-corrupt, image-unsupported */
export function readJp2Header(read: ReadBytes, size: number): Jp2Header {
  const header: Omit<Jp2Header, 'codestream'> & { codestream: Jp2Header['codestream'] | null } = {
    colourSpace: null,
    alpha: [],
    order: null,
    resolution: null,
    geoTiff: null,
    gml: null,
    codestream: null,
  };
  for (const box of readBoxes(read, 0, size)) {
    const end = box.offset + box.length;
    if (box.type === 'jp2h') readImageHeader(read, box, header);
    else if (box.type === 'jp2c') header.codestream ??= { offset: box.offset, end };
    else if (box.type === 'uuid' && box.length > 16 && box.length <= largestMetadata) {
      const content = Buffer.from(read(box.offset, box.length));
      if (content.toString('hex', 0, 16) === geoJp2) header.geoTiff ??= content.subarray(16);
    } else if (box.type === 'asoc') header.gml ??= findGml(read, box, 0);
  }
  const { codestream } = header;
  if (codestream === null) throw new GigatileError('image-corrupt', 'The JP2 file has no codestream');
  return { ...header, codestream };
}

function readImageHeader(
  read: ReadBytes,
  { offset, length }: Box,
  header: { -readonly [K in keyof Jp2Header]: Jp2Header[K] | null },
): void {
  for (const box of readBoxes(read, offset, offset + length)) {
    if (box.type === 'pclr' || box.type === 'cmap') throw unsupported('a palette');
    if (box.length > largestMetadata) continue;
    const content = Buffer.from(read(box.offset, box.length));
    if (box.type === 'colr' && content.length >= 7 && content[0] === 1) {
      header.colourSpace ??= content.readUInt32BE(3);
    } else if (box.type === 'cdef') {
      const { alpha, order } = readChannels(content);
      header.alpha = alpha;
      header.order = order;
    } else if (box.type === 'res ') {
      header.resolution = readResolution(read, box);
    }
  }
}

/** cdef: a count, then for each channel its number, its kind (0 colour, 1 and 2 opacity) and the colour that it goes with. */
function readChannels(content: Buffer): Pick<Jp2Header, 'alpha' | 'order'> {
  const alpha: number[] = [];
  const colours = new Map<number, number>();
  for (let at = 2; at + 6 <= content.length; at += 6) {
    const channel = content.readUInt16BE(at);
    const kind = content.readUInt16BE(at + 2);
    const colour = content.readUInt16BE(at + 4);
    if (kind === 1 || kind === 2) alpha.push(channel);
    else if (kind === 0 && colour >= 1 && colour < 65_535) colours.set(colour - 1, channel);
  }
  const order = Array.from({ length: colours.size }, (_, colour) => colours.get(colour) ?? -1);
  const isAsStored = order.every((channel, colour) => channel === colour);
  return { alpha, order: isAsStored || order.includes(-1) ? null : order };
}

/** I.5.3.7: `resc` (as captured) or `resd` (as displayed): vertical and horizontal fraction, then their powers of ten. */
function readResolution(read: ReadBytes, { offset, length }: Box): Jp2Header['resolution'] {
  const boxes = readBoxes(read, offset, offset + length);
  const box = boxes.find(({ type }) => type === 'resc') ?? boxes.find(({ type }) => type === 'resd');
  if (box === undefined || box.length < 10) return null;
  const content = Buffer.from(read(box.offset, 10));
  const value = (at: number, exponentAt: number): number =>
    (content.readUInt16BE(at) / content.readUInt16BE(at + 2)) * 10 ** content.readInt8(exponentAt);
  const [y, x] = [value(0, 8), value(4, 9)];
  return x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
}

/** GMLJP2: an association labelled `gml.data` that holds one labelled `gml.root-instance`, which holds the document. */
function findGml(read: ReadBytes, { offset, length }: Box, depth: number): string | null {
  if (depth >= deepestAssociation) return null;
  const boxes = readBoxes(read, offset, offset + length);
  const label = boxes.find(({ type }) => type === 'lbl ');
  const text = label && label.length < 256 ? Buffer.from(read(label.offset, label.length)).toString() : '';
  if (text.startsWith('gml.root-instance')) {
    const xml = boxes.find(({ type }) => type === 'xml ');
    if (xml !== undefined && xml.length <= largestMetadata) {
      return Buffer.from(read(xml.offset, xml.length)).toString();
    }
  }
  for (const box of boxes) {
    if (box.type !== 'asoc') continue;
    const found = findGml(read, box, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
