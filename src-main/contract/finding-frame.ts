/**
 * All findings of a run as bytes, for painting: little-endian, header of 16 bytes (magic "GFF1", count u32, 0, 0), then
 * 24 bytes a finding in the order of their ordinal: x, y, width, height (f32, level-0 pixels), score f32,
 * class u8, verdict u8 (0 none, 1 accepted, 2 rejected), 2 bytes of padding.
 */
export const findingFrameHeaderBytes = 16;
export const findingFrameRecordBytes = 24;
export const findingFrameMagic = 0x31464647; // "GFF1"

export interface PackedFinding {
  x: number;
  y: number;
  width: number;
  height: number;
  score: number;
  classIndex: number;
  verdict: 0 | 1 | 2;
}

export function encodeFindingFrame(count: number, at: (ordinal: number) => PackedFinding): Uint8Array {
  const bytes = new Uint8Array(findingFrameHeaderBytes + count * findingFrameRecordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, findingFrameMagic, true);
  view.setUint32(4, count, true);
  for (let i = 0, p = findingFrameHeaderBytes; i < count; i++, p += findingFrameRecordBytes) {
    const finding = at(i);
    view.setFloat32(p, finding.x, true);
    view.setFloat32(p + 4, finding.y, true);
    view.setFloat32(p + 8, finding.width, true);
    view.setFloat32(p + 12, finding.height, true);
    view.setFloat32(p + 16, finding.score, true);
    view.setUint8(p + 20, finding.classIndex);
    view.setUint8(p + 21, finding.verdict);
  }
  return bytes;
}

/** @throws {RangeError} where the bytes are no finding frame. Returns the records' view and their count. */
export function decodeFindingFrame(bytes: ArrayBuffer): { count: number; records: DataView } {
  const view = new DataView(bytes);
  if (view.byteLength < findingFrameHeaderBytes || view.getUint32(0, true) !== findingFrameMagic) {
    throw new RangeError('not a finding frame');
  }
  const count = view.getUint32(4, true);
  if (view.byteLength !== findingFrameHeaderBytes + count * findingFrameRecordBytes) {
    throw new RangeError(`finding frame of ${count} findings has ${view.byteLength} bytes`);
  }
  return { count, records: new DataView(bytes, findingFrameHeaderBytes) };
}
