/**
 * Tile states as bytes, for painting: what the case file has committed, by revision.
 *
 * Little-endian. Header of 24 bytes: magic "GTF1", revision u32, tile count u32, record count u32, generation u32, flags u32 (0).
 * Then one record of 8 bytes a changed tile: index u32, state u8 (tileStateCode), score u8 (0-255 of the tile's 0-1),
 * class u8 (255 = none), skip reason u8.
 * The generation is new each time the engine loads the run; a screen that sees another one asks from revision 0 again.
 */
export interface TileRecord {
  index: number;
  state: number;
  score: number;
  classIndex: number;
  skipReason: number;
}

export interface TileFrame {
  revision: number;
  tileCount: number;
  generation: number;
  recordCount: number;
  /** The records, still packed: 8 bytes each. */
  records: DataView;
}

export const tileFrameHeaderBytes = 24;
export const tileFrameRecordBytes = 8;
const magic = 0x31465447; // "GTF1" read as little-endian u32

export function encodeTileFrame(
  head: { revision: number; tileCount: number; generation: number },
  recordCount: number,
  /** Fills `out` with the record at `position` (0-based). */
  recordAt: (position: number, out: TileRecord) => void,
): Uint8Array {
  const bytes = new Uint8Array(tileFrameHeaderBytes + recordCount * tileFrameRecordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, head.revision, true);
  view.setUint32(8, head.tileCount, true);
  view.setUint32(12, recordCount, true);
  view.setUint32(16, head.generation, true);
  const record: TileRecord = { index: 0, state: 0, score: 0, classIndex: 255, skipReason: 0 };
  for (let position = 0, at = tileFrameHeaderBytes; position < recordCount; position++, at += 8) {
    recordAt(position, record);
    view.setUint32(at, record.index, true);
    bytes[at + 4] = record.state;
    bytes[at + 5] = record.score;
    bytes[at + 6] = record.classIndex;
    bytes[at + 7] = record.skipReason;
  }
  return bytes;
}

/** @throws {RangeError} where the bytes are no tile frame. */
export function decodeTileFrame(bytes: ArrayBuffer | Uint8Array): TileFrame {
  const view =
    bytes instanceof Uint8Array
      ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new DataView(bytes);
  if (view.byteLength < tileFrameHeaderBytes || view.getUint32(0, true) !== magic) {
    throw new RangeError('not a tile frame');
  }
  const recordCount = view.getUint32(12, true);
  if (view.byteLength !== tileFrameHeaderBytes + recordCount * tileFrameRecordBytes) {
    throw new RangeError(`tile frame of ${recordCount} records has ${view.byteLength} bytes`);
  }
  return {
    revision: view.getUint32(4, true),
    tileCount: view.getUint32(8, true),
    generation: view.getUint32(16, true),
    recordCount,
    records: new DataView(
      view.buffer,
      view.byteOffset + tileFrameHeaderBytes,
      recordCount * tileFrameRecordBytes,
    ),
  };
}
